import { type AnchorBank, alignAnchors, moveBank } from '../../anchors/index.js';
import { InputError } from '../../base/errors.js';
import type { Corpus, SplitName } from '../../corpus/index.js';
import { readSafetensors } from '../../interchange/files.js';
import { areaUnderRoc, type DialogueSums, perClass, rankSums, softmaxRows } from '../../metrics/index.js';
import { conversationOf, dialoguesOf } from '../../prediction/index.js';
import { openModel } from '../../prediction/node/index.js';
import { anchorSpaceIn, type RunConfig, runFile } from '../../run/index.js';
import type { LeftOutScores } from './types.js';

/** Scores of one run, and what each dialogue adds to the area by similarity. */
export interface ScoredRun {
  scores: LeftOutScores;
  areas: DialogueSums;
}

/**
 * Scores a run on a class that its training never saw, by that class's anchor.
 * @param corpus with all classes; @param bank anchors of all of them; @param leftOut the class's name in the corpus.
 * @param onTest called just before the split is predicted.
 * @throws InputError where the run has no anchor branch.
 */
export async function scoreLeftOut(
  directory: string,
  corpus: Corpus,
  bank: AnchorBank,
  leftOut: string,
  split: SplitName,
  onTest?: (run: RunConfig) => void,
): Promise<ScoredRun> {
  const { predictor, run } = await openModel(directory, { threads: 1 });
  try {
    if (run === undefined || run.anchors === null) throw new InputError(`${directory} has no anchors to compare with.`);
    const all = alignAnchors(bank, corpus.classes, run.anchors.dim).bank;
    const file = runFile(directory, 'anchorSpace');
    const space =
      run.training.anchorSpace === 'raw'
        ? undefined
        : anchorSpaceIn(readSafetensors(file).tensors, run.anchors.dim, file);
    const dialogues = dialoguesOf(corpus, split);
    onTest?.(run);
    const { anchored } = await predictor.outputs(
      (function* () {
        for (const index of dialogues) yield conversationOf(corpus, index);
      })(),
    );
    if (anchored === undefined) throw new InputError(`${directory} has no anchor branch.`);
    const cosines = cosinesTo(anchored, moveBank(all, space));
    const utterances = dialogues.flatMap((d) => corpus.dialogues[d].utterances.map(({ label }) => ({ label, d })));
    return scoreCosines(
      cosines,
      utterances,
      corpus.classes.indexOf(leftOut),
      corpus.classes.length,
      run.training.anchorScale,
    );
  } finally {
    await predictor.dispose();
  }
}

/** @param anchored [N, D] of unit length; @returns [N, C] cosines to the classes' centres. */
function cosinesTo(anchored: Float32Array, { centres, dim, classes }: AnchorBank): Float32Array {
  const count = classes.length;
  const unit = classes.map((_, c) => {
    const centre = centres.subarray(c * dim, (c + 1) * dim);
    const norm = Math.hypot(...centre);
    return centre.map((x) => x / norm);
  });
  const out = new Float32Array((anchored.length / dim) * count);
  for (let n = 0; n < anchored.length / dim; n++) {
    unit.forEach((centre, c) => {
      let sum = 0;
      for (let d = 0; d < dim; d++) sum += anchored[n * dim + d] * centre[d];
      out[n * count + c] = sum;
    });
  }
  return out;
}

/**
 * @param cosines [N, C]; @param utterances [N] label (-1 is left out) and dialogue; @param unseen index of the class that
 * was left out; @param scale of cosines to logits.
 */
export function scoreCosines(
  cosines: Float32Array,
  utterances: readonly { label: number; d: number }[],
  unseen: number,
  classes: number,
  scale: number,
): ScoredRun {
  const labelled = utterances.flatMap(({ label }, n) => (label < 0 ? [] : [n]));
  const labels = labelled.map((n) => utterances[n].label);
  const positive = labels.map((label) => label === unseen);
  const similarity = labelled.map((n) => cosines[n * classes + unseen]);
  const probabilities = softmaxRows(
    cosines.map((cosine) => scale * cosine),
    classes,
  );
  const probability = labelled.map((n) => probabilities[n * classes + unseen]);
  const confusion = new Float64Array(classes * classes);
  labelled.forEach((n, i) => {
    const row = cosines.subarray(n * classes, (n + 1) * classes);
    confusion[labels[i] * classes + row.indexOf(Math.max(...row))]++;
  });
  const f1 = perClass(confusion).map((one) => one.f1);
  const unseenF1 = f1[unseen];
  const others = f1.filter((_, c) => c !== unseen && labels.includes(c));
  const seenF1 = others.reduce((a, b) => a + b, 0) / others.length;
  return {
    scores: {
      bySimilarity: areaUnderRoc(similarity, positive),
      bySoftmax: areaUnderRoc(probability, positive),
      unseenF1,
      seenF1,
      harmonic: unseenF1 + seenF1 === 0 ? 0 : (2 * unseenF1 * seenF1) / (unseenF1 + seenF1),
    },
    areas: rankSums(
      similarity,
      positive,
      labelled.map((n) => utterances[n].d),
    ),
  };
}
