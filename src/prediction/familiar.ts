import { type Modality, modalitiesIn } from '../base/modalities.js';
import { distanceOf, putRow, type Standardisations } from '../corpus/standardise.js';
import type { RunCalibration } from '../run/format.js';
import type { ReadUtterance } from './read.js';
import type { Evidence } from './types.js';

/** Where a model does not say what is familiar to it, features this many times further from training than its own are not. */
const FAR = 4;

/**
 * How fast trust falls with the distance of what is unfamiliar: logits are divided by this power of how many times further
 * than the familiar it is. See docs/prediction.md for what it was chosen on.
 */
export const DOUBT = 12;

/** Why a modality that was given was not used. */
const LEFT_OUT = 'left out: unlike anything in training';

/** An utterance of which the model is told what it can judge. */
export interface JudgedUtterance extends ReadUtterance {
  /** Root mean square of the standardised numbers of each modality that was given. */
  distance: Evidence['distance'];
  /** Modalities that are further from training than nearly all that the model was calibrated on. */
  unfamiliar: Modality[];
  /** What the logits of its answer are multiplied by: 1, and less where all that it has is unfamiliar. */
  trust: number;
  /** Of the conversation until here: the sum and number of each modality's distances in limits. */
  soFar: Distances;
}

/** By modality. */
export type Distances = Partial<Record<Modality, { sum: number; count: number }>>;

/** The largest distance of each standardised modality that is familiar. */
export function familiarLimits(
  standardise: Standardisations | undefined,
  { familiar }: Partial<RunCalibration> = {},
): Partial<Record<Modality, number>> {
  return Object.fromEntries(modalitiesIn(standardise ?? {}).map((modality) => [modality, familiar?.[modality] ?? FAR]));
}

/**
 * Leaves out what is unlike anything in training, where the utterance has something else: a model is sure of itself there
 * without knowing anything. Where nothing else is left, it stays, and is trusted the less the further away it is. A strange
 * microphone is strange throughout: what counts is the larger of an utterance's own distance and the mean of its
 * conversation until then.
 * @param limits see `familiarLimits`. @param before `soFar` of the utterance before it in its conversation.
 */
export function judgeUtterance(
  read: ReadUtterance,
  standardise: Standardisations | undefined,
  limits: Partial<Record<Modality, number>>,
  before: Distances = {},
): JudgedUtterance {
  const distance = distances(read, standardise);
  const given = modalitiesIn(read.rows);
  const soFar: Distances = { ...before };
  const times: Partial<Record<Modality, number>> = {};
  for (const modality of given) {
    const own = (distance[modality] ?? 0) / (limits[modality] ?? Number.POSITIVE_INFINITY);
    const { sum, count } = before[modality] ?? { sum: 0, count: 0 };
    soFar[modality] = { sum: sum + own, count: count + 1 };
    times[modality] = Math.max(own, (sum + own) / (count + 1));
  }
  const timesOf = (modality: Modality) => times[modality] as number;
  const unfamiliar = given.filter((modality) => timesOf(modality) > 1);
  const judged = { ...read, distance, unfamiliar, soFar, trust: 1 };
  if (unfamiliar.length === 0) return judged;
  if (unfamiliar.length === given.length) return { ...judged, trust: Math.min(...given.map(timesOf)) ** -DOUBT };
  const rows = Object.fromEntries(given.flatMap((m) => (unfamiliar.includes(m) ? [] : [[m, read.rows[m]]])));
  const missing = { ...read.missing, ...Object.fromEntries(unfamiliar.map((m) => [m, LEFT_OUT])) };
  return { ...judged, rows, missing };
}

function distances({ rows }: ReadUtterance, standardise: Standardisations | undefined): Evidence['distance'] {
  return Object.fromEntries(
    modalitiesIn(rows).flatMap((modality): [Modality, number][] => {
      const [row, by] = [rows[modality] as Float32Array, standardise?.[modality]];
      if (by === undefined) return [];
      const standard = new Float32Array(row.length);
      putRow(standard, 0, row, by);
      // Eight digits: all that a float32 holds.
      return [[modality, Number(distanceOf(standard).toPrecision(8))]];
    }),
  );
}
