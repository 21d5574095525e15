import type { RunConfig } from '../../run/index.js';

/** What a model that was trained without a class says of it, compared with that class's anchor alone. */
export interface LeftOutScores {
  /** Area under the ROC curve of the class against the rest of the split. */
  /** … by cosine to its anchor. */
  bySimilarity: number;
  /** … by cosine to what of its anchor the seen classes' anchors span (`cosinesInSpan`). */
  inSpan: number;
  /** … by its probability among all anchors. */
  bySoftmax: number;
  /** Where the anchor head chooses among all classes, seen and unseen: F1 of the class, and mean F1 of the others. */
  unseenF1: number;
  seenF1: number;
  /** 2ab / (a + b) of both: what generalised zero-shot recognition is judged by (Xian et al., 2018). */
  harmonic: number;
}

/** Scores over classes left out and seeds. */
export interface OverRuns {
  mean: number;
  /** Over classes, mean over seeds, in class order. */
  byClass: number[];
  /** Sample standard deviation over seeds of the mean over classes; null for one seed. */
  sd: number | null;
}

/** A difference from the reference target. */
export interface TargetComparison {
  reference: string;
  difference: number;
  pValue: number;
  pHolm: number;
}

/** One kind of target: faces, random directions, … */
export interface TargetResult {
  target: string;
  /** What it is, a sentence for the reader. */
  description: string;
  scores: Record<keyof LeftOutScores, OverRuns>;
  /** 95 % interval of the mean area by similarity, by bootstrap over dialogues. */
  interval: { lower: number; upper: number };
  /** The same two for the area in the span of the seen classes. */
  span: { interval: { lower: number; upper: number }; comparison?: TargetComparison };
  /** Against the reference target: difference of the mean area by similarity, paired over dialogues. */
  comparison?: TargetComparison;
}

/** zero-shot.json of an experiment's directory. */
export interface ZeroShotResults {
  format: 'vega-merc-zero-shot';
  version: 1;
  name: string;
  corpus: { name: string; hash: string; synthetic?: boolean; composed?: boolean; note?: string };
  classes: string[];
  modalities: string[];
  settings: string[];
  preset: string;
  seeds: number[];
  selection: RunConfig['selection'];
  split: 'valid' | 'test';
  utterances: number;
  dialogues: number;
  resampling: { seed: number; resamples: number };
  targets: TargetResult[];
}
