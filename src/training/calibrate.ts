import { type Modality, modalitiesIn, presenceKey } from '../base/modalities.js';
import { type CorpusView, distanceOf, type FeatureTable, putRow, type Standardisations } from '../corpus/index.js';
import { fitTemperature } from '../metrics/index.js';
import type { RunCalibration } from '../run/index.js';

/** Fewer utterances with the same modalities say nothing of how sure a model may be of them. */
const FEWEST = 30;
/** Share of the different rows that count as familiar. */
const FAMILIAR = 0.98;

/** What a calibration is fitted on. */
export interface CalibrationData {
  corpus: CorpusView;
  /** Dialogue indices, in the order of the labels. */
  dialogues: readonly number[];
  standardise?: Standardisations;
  /** [N], -1 = unlabelled; @param logits [N, C] of the fused class head. */
  labels: Int32Array;
  logits: Float32Array;
}

/** How far a model can be believed: temperatures of its confidence, and how far familiar features are from training. */
export function fitCalibration(data: CalibrationData, split: RunCalibration['split']): RunCalibration {
  const { labels, logits, corpus } = data;
  const classes = corpus.classes.length;
  const temperature = fitTemperature(labels, logits, classes);
  const utterances = labels.filter((label) => label >= 0).length;
  const temperatures = temperaturesByPresence(data);
  const familiar = data.standardise && familiarDistances(data, data.standardise);
  return { temperature, split, utterances, ...(temperatures && { temperatures }), ...(familiar && { familiar }) };
}

function temperaturesByPresence({
  corpus,
  dialogues,
  labels,
  logits,
}: CalibrationData): Record<string, number> | undefined {
  const classes = corpus.classes.length;
  const groups = new Map<string, number[]>();
  let n = 0;
  for (const d of dialogues) {
    const { offset, utterances } = corpus.dialogues[d];
    const had = new Set<Modality>();
    for (let row = offset; row < offset + utterances.length; row++, n++) {
      const own = modalitiesIn(corpus.features).filter((m) => isThere(corpus.features[m], row));
      for (const modality of own) had.add(modality);
      const key = presenceKey(own, [...had]);
      const group = groups.get(key) ?? [];
      groups.set(key, group);
      if (labels[n] >= 0) group.push(n);
    }
  }
  if (groups.size < 2) return undefined;
  const fitted = [...groups].flatMap(([key, members]): [string, number][] => {
    if (members.length < FEWEST) return [];
    const own = new Float32Array(members.length * classes);
    members.forEach((n, i) => {
      own.set(logits.subarray(n * classes, (n + 1) * classes), i * classes);
    });
    return [
      [
        key,
        fitTemperature(
          Int32Array.from(members, (n) => labels[n]),
          own,
          classes,
        ),
      ],
    ];
  });
  return Object.fromEntries(fitted.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Of each modality the distance that nearly all rows stay within. A row that a corpus holds many times, as a composed one
 * does, counts once: else one odd voice, used often, would say what is familiar.
 */
function familiarDistances({ corpus, dialogues }: CalibrationData, by: Standardisations): RunCalibration['familiar'] {
  const rows = rowsOf(corpus, dialogues);
  return Object.fromEntries(
    modalitiesIn(corpus.features).flatMap((modality): [Modality, number][] => {
      const table = corpus.features[modality] as FeatureTable;
      const standard = new Float32Array(table.dim);
      const all = rows.flatMap((row) => {
        if (!isThere(table, row)) return [];
        putRow(standard, 0, table.rows.subarray(row * table.dim, (row + 1) * table.dim), by[modality]);
        return [distanceOf(standard)];
      });
      if (all.length < FEWEST) return [];
      const distances = [...new Set(all)].sort((a, b) => a - b);
      return [[modality, roundUp(distances[Math.ceil(FAMILIAR * distances.length) - 1])]];
    }),
  );
}

/** Four digits, rounded up: whoever computes the distance with other rounding finds the same utterances within. */
function roundUp(value: number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(value)) - 3);
  return Number((Math.ceil(value / unit + 0.1) * unit).toPrecision(4));
}

/** Rows of the feature tables of all utterances of some dialogues. */
function rowsOf({ dialogues }: CorpusView, indices: readonly number[]): number[] {
  return indices.flatMap((d) => dialogues[d].utterances.map((_, i) => dialogues[d].offset + i));
}

const isThere = (table: FeatureTable | undefined, row: number) => table !== undefined && table.presence?.[row] !== 0;
