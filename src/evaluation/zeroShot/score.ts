import { type AnchorBank, alignAnchors } from '../../anchors/index.js';
import { InputError } from '../../base/errors.js';
import type { Corpus, SplitName } from '../../corpus/index.js';
import {
  areaUnderRoc,
  argmax,
  type DialogueSums,
  perClass,
  rankSums,
  type Scores,
  scores,
} from '../../metrics/index.js';
import {
  conversationOf,
  cosinesToCentres,
  dialoguesOf,
  distributionOfCosines,
  fitCorpus,
} from '../../prediction/index.js';
import { openModel } from '../../prediction/node/index.js';
import { type RunConfig, readRunConfig } from '../../run/index.js';
import { cosinesInSpan } from './span.js';
import type { LeftOutScores } from './types.js';

/** Scores of one run, and what each dialogue adds to the area by similarity. */
export interface ScoredRun {
  scores: LeftOutScores;
  areas: DialogueSums;
  /** The same for the area in the span of the seen classes. */
  spanAreas: DialogueSums;
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
  const unseen = corpus.classes.indexOf(leftOut);
  const dialogues = dialoguesOf(corpus, split);
  const { anchored, faces, scale } = await amongFaces(directory, corpus, bank, dialogues, onTest);
  return scoreCosines(
    cosinesToCentres(anchored, faces),
    utterancesOf(corpus, dialogues),
    unseen,
    corpus.classes.length,
    scale,
    cosinesInSpan(anchored, faces, unseen),
  );
}

/**
 * What a run's anchor head chooses among the classes of a corpus, given by faces alone. @param bank faces of all of them.
 * @returns its scores, and by class what each dialogue adds to the area by similarity (`rankSums`).
 */
export async function anchorHeadOn(
  directory: string,
  corpus: Corpus,
  bank: AnchorBank,
  dialogues: readonly number[],
): Promise<{ scores: Scores; areas: DialogueSums[] }> {
  const { anchored, faces } = await amongFaces(directory, corpus, bank, dialogues);
  const count = corpus.classes.length;
  const cosines = cosinesToCentres(anchored, faces);
  const utterances = utterancesOf(corpus, dialogues);
  const labelled = utterances.flatMap(({ label }, n) => (label < 0 ? [] : [n]));
  const dialogueOf = labelled.map((n) => utterances[n].d);
  const labels = Int32Array.from(utterances, ({ label }) => label);
  return {
    scores: scores(labels, argmax(cosines, count), corpus.classes),
    areas: corpus.classes.map((_, c) =>
      rankSums(
        labelled.map((n) => cosines[n * count + c]),
        labelled.map((n) => labels[n] === c),
        dialogueOf,
      ),
    ),
  };
}

const utterancesOf = (corpus: Corpus, dialogues: readonly number[]) =>
  dialogues.flatMap((d) => corpus.dialogues[d].utterances.map(({ label }) => ({ label, d })));

/** The fused representations of dialogues [N, D], of unit length, and the faces where the run compares them. */
async function amongFaces(
  directory: string,
  corpus: Corpus,
  bank: AnchorBank,
  dialogues: readonly number[],
  onTest?: (run: RunConfig) => void,
): Promise<{ anchored: Float32Array; faces: AnchorBank; scale: number }> {
  const { predictor, run } = await openModel(directory, {
    threads: 1,
    device: readRunConfig(directory).provider,
    faces: alignAnchors(bank, corpus.classes).bank,
    evidence: false,
  });
  try {
    if (run === undefined) throw new InputError(`${directory} is no run directory.`);
    onTest?.(run);
    fitCorpus(corpus, predictor.inputs, predictor.classes, run);
    const { anchored } = await predictor.outputs(
      (function* () {
        for (const index of dialogues) yield conversationOf(corpus, index);
      })(),
    );
    if (anchored === undefined || predictor.bank === undefined)
      throw new InputError(`${directory} has no anchor branch.`);
    return { anchored, faces: predictor.bank, scale: predictor.anchorScale };
  } finally {
    await predictor.dispose();
  }
}

/**
 * @param cosines [N, C]; @param utterances [N] label (-1 is left out) and dialogue; @param unseen index of the class that
 * was left out; @param scale of cosines to logits; @param spanned [N] of `cosinesInSpan`.
 */
export function scoreCosines(
  cosines: Float32Array,
  utterances: readonly { label: number; d: number }[],
  unseen: number,
  classes: number,
  scale: number,
  spanned: ArrayLike<number>,
): ScoredRun {
  const labelled = utterances.flatMap(({ label }, n) => (label < 0 ? [] : [n]));
  const labels = labelled.map((n) => utterances[n].label);
  const positive = labels.map((label) => label === unseen);
  const similarity = labelled.map((n) => cosines[n * classes + unseen]);
  const probabilities = distributionOfCosines(cosines, classes, scale);
  const probability = labelled.map((n) => probabilities[n * classes + unseen]);
  const inSpan = labelled.map((n) => spanned[n]);
  const dialogueOf = labelled.map((n) => utterances[n].d);
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
      inSpan: areaUnderRoc(inSpan, positive),
      bySoftmax: areaUnderRoc(probability, positive),
      unseenF1,
      seenF1,
      harmonic: unseenF1 + seenF1 === 0 ? 0 : (2 * unseenF1 * seenF1) / (unseenF1 + seenF1),
    },
    areas: rankSums(similarity, positive, dialogueOf),
    spanAreas: rankSums(inSpan, positive, dialogueOf),
  };
}
