import { InputError } from '../base/errors.js';
import { type Modality, modalitiesIn } from '../base/modalities.js';
import type { Corpus, SplitName } from '../corpus/index.js';
import {
  argmax,
  brierScore,
  coverageCurve,
  expectedCalibrationError,
  reliabilityBins,
  type Scores,
  scores,
  sigmoid,
} from '../metrics/index.js';
import type { RunConfig } from '../run/index.js';
import type { Calibration } from './card.js';
import { type HeadOutputs, headProbabilities, type SplitOutputs } from './outputs.js';

/** The scores of one head, and how far its probabilities can be believed. */
export type HeadScores = Scores & { calibration: Calibration };

/** Scores of every head of a split. */
export interface ScoredHeads {
  classHead: HeadScores;
  anchorHead?: HeadScores;
  average?: HeadScores;
  maximum?: HeadScores;
  modalities: Partial<Record<Modality, { classHead?: HeadScores; anchorHead?: HeadScores }>>;
}

/** Scores everything that a model said of a split. */
export function scoreHeads(outputs: SplitOutputs): ScoredHeads {
  const heads = headProbabilities(outputs);
  const score = (head: HeadOutputs | undefined) => head && headScores(head, outputs.classes);
  const named = (names: readonly ('anchorHead' | 'average' | 'maximum')[]) =>
    Object.fromEntries(names.flatMap((name) => (heads[name] ? [[name, score(heads[name])]] : [])));
  const modalities = Object.fromEntries(
    modalitiesIn({
      text: heads.text ?? heads.textAnchor,
      audio: heads.audio ?? heads.audioAnchor,
      visual: heads.visual ?? heads.visualAnchor,
    }).map((m) => {
      const [classHead, anchorHead] = [score(heads[m]), score(heads[`${m}Anchor`])];
      return [m, { ...(classHead && { classHead }), ...(anchorHead && { anchorHead }) }];
    }),
  );
  return {
    classHead: score(heads.classHead) as HeadScores,
    ...named(['anchorHead', 'average', 'maximum']),
    modalities,
  };
}

export function headScores({ probabilities, labels }: HeadOutputs, classes: readonly string[]): HeadScores {
  const count = classes.length;
  return {
    ...scores(labels, argmax(probabilities, count), classes),
    calibration: calibrationOf(labels, probabilities, count),
  };
}

function calibrationOf(labels: Int32Array, probabilities: Float32Array, classes: number): Calibration {
  const bins = reliabilityBins(labels, probabilities, classes);
  const { points, area } = coverageCurve(labels, probabilities, classes);
  const tenths = Array.from({ length: 10 }, (_, i) => (i + 1) / 10);
  return {
    ece: expectedCalibrationError(bins),
    brier: brierScore(labels, probabilities, classes),
    coverage: tenths.flatMap((share) => {
      const point = points.find(({ coverage }) => coverage >= share - 1e-12);
      return point ? [{ coverage: point.coverage, accuracy: point.accuracy }] : [];
    }),
    coverageArea: area,
    bins: bins.filter(({ count }) => count > 0),
  };
}

/** Scores of everything that a model says of one split. */
export interface Evaluation extends ScoredHeads {
  split: SplitName;
  corpus: { name: string; hash: string; synthetic?: boolean; composed?: boolean; note?: string };
  /** How the model's epoch was chosen; undefined where a checkpoint file does not tell. */
  selection?: RunConfig['selection'];
  /** Labelled utterances of the split, and its dialogues. */
  utterances: number;
  dialogues: number;
  /** The class head's share in the average mixture, and where it comes from. */
  gate?: { share: number; origin: string };
}

/** @throws InputError where no utterance is labelled. */
export function evaluationOf(outputs: SplitOutputs, corpus: Corpus, gateOrigin?: string): Evaluation {
  const { split, selection, labels, gate } = outputs;
  const labelled = labels.filter((label) => label >= 0).length;
  if (labelled === 0) {
    throw new InputError(`The ${split} split of corpus "${corpus.name}" has no labelled utterance to score.`);
  }
  const { name, hash, synthetic, composed, note } = corpus;
  return {
    split,
    corpus: { name, hash, ...(synthetic && { synthetic }), ...(composed && { composed }), ...(note && { note }) },
    ...(selection && { selection }),
    utterances: labelled,
    dialogues: outputs.dialogues.length,
    ...scoreHeads(outputs),
    ...(gate !== undefined && {
      gate: { share: sigmoid(gate), origin: gateOrigin ?? 'as in the checkpoint, not fitted here' },
    }),
  };
}
