import { type AnchorBank, alignAnchors } from '../../anchors/index.js';
import { InputError } from '../../base/errors.js';
import type { Corpus, SplitName } from '../../corpus/index.js';
import { areaUnderRoc, type DialogueSums, perClass, rankSums } from '../../metrics/index.js';
import { conversationOf, cosinesToCentres, dialoguesOf, distributionOfCosines } from '../../prediction/index.js';
import { openModel } from '../../prediction/node/index.js';
import { type RunConfig, readRunConfig } from '../../run/index.js';
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
  const faces = alignAnchors(bank, corpus.classes).bank;
  const { predictor, run } = await openModel(directory, {
    threads: 1,
    device: readRunConfig(directory).provider,
    faces,
    evidence: false,
  });
  try {
    if (run === undefined) throw new InputError(`${directory} is no run directory.`);
    const dialogues = dialoguesOf(corpus, split);
    onTest?.(run);
    const { anchored } = await predictor.outputs(
      (function* () {
        for (const index of dialogues) yield conversationOf(corpus, index);
      })(),
    );
    if (anchored === undefined || predictor.bank === undefined)
      throw new InputError(`${directory} has no anchor branch.`);
    const cosines = cosinesToCentres(anchored, predictor.bank);
    const utterances = dialogues.flatMap((d) => corpus.dialogues[d].utterances.map(({ label }) => ({ label, d })));
    return scoreCosines(
      cosines,
      utterances,
      corpus.classes.indexOf(leftOut),
      corpus.classes.length,
      predictor.anchorScale,
    );
  } finally {
    await predictor.dispose();
  }
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
  const probabilities = distributionOfCosines(cosines, classes, scale);
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
