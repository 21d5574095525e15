import { InputError } from '../base/errors.js';
import { MODALITIES, type Modality, modalitiesIn } from '../base/modalities.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { type Corpus, createCorpus, SPLITS, splitDialogues } from '../corpus/index.js';
import { dialoguesOf, fitCorpus } from '../prediction/index.js';
import { openModel } from '../prediction/node/index.js';
import { type RunConfig, readRunConfig } from '../run/index.js';
import { splitOutputs } from './evaluate.js';
import type { SplitOutputs } from './outputs.js';

/** A modality taken away from a share of the utterances that have it. */
export interface Drop {
  modality: Modality;
  /** 0 … 1 */
  share: number;
  /** Which utterances are met; the same seed meets at 20 % all that it met at 10 %. */
  seed: number;
}

/**
 * A corpus in which a share of the utterances lacks a modality. In every split, and among the dialogues of none, the
 * utterances that have the modality stand in an order drawn by the seed, and the first of them lose it: the share is met
 * in each, to an utterance, and what is missing at one share is missing at every higher one.
 * @returns a corpus with a hash of its own; feature rows are shared with the given one.
 * @throws InputError where the corpus has no such modality or the share is not between 0 and 1.
 */
export function dropPresence(corpus: Corpus, modality: Modality, share: number, seed: number): Corpus {
  const table = corpus.features[modality];
  if (table === undefined) {
    throw new InputError(
      `Corpus "${corpus.name}" has no ${modality} that could be taken away; it has ` +
        `${modalitiesIn(corpus.features).join(', ')}.`,
    );
  }
  if (!(share >= 0 && share <= 1)) {
    throw new InputError(`A share of ${share} of the utterances cannot lose their ${modality}; it must be 0 to 1.`);
  }
  const presence = Uint8Array.from(table.presence ?? new Uint8Array(corpus.utterances).fill(1));
  const groups: number[][] = SPLITS.map((split) => splitDialogues(corpus, split));
  const grouped = new Set(groups.flat());
  groups.push(corpus.dialogues.flatMap((_, i) => (grouped.has(i) ? [] : [i])));
  groups.forEach((dialogueIndices, g) => {
    const rows = dialogueIndices
      .flatMap((i) => corpus.dialogues[i].utterances.map((_, u) => corpus.dialogues[i].offset + u))
      .filter((row) => presence[row] === 1);
    randomStream(seed, g, RANDOM_SITES.drop + MODALITIES.indexOf(modality)).shuffle(rows);
    for (const row of rows.slice(0, Math.round(share * rows.length))) presence[row] = 0;
  });
  const features = { ...corpus.features, [modality]: { ...table, presence } };
  return createCorpus({ ...corpus, features }, `Corpus "${corpus.name}"`);
}

/**
 * Outputs of a finished run for the test split with a modality taken away, for each of some drops; the model is opened
 * once. At share 0 they are those of the run's evaluation, to rounding.
 * @param corpus the one that the run was trained on, or one like it; @param onTest called before each look at the test
 * split. @returns in the order of the drops; without nearest exemplars.
 * @throws InputError where the model does not use a modality, or the corpus does not fit.
 */
export async function evaluateDrops(
  directory: string,
  corpus: Corpus,
  drops: readonly Drop[],
  onTest?: (drop: Drop) => void,
): Promise<(Drop & { outputs: SplitOutputs })[]> {
  const run = readRunConfig(directory);
  for (const { modality } of drops) checkUsed(directory, run, modality);
  const { predictor } = await openModel(directory, {
    threads: run.threads,
    device: run.provider,
    evidence: false,
  });
  try {
    const dialogueIndices = dialoguesOf(corpus, 'test', run);
    const results: (Drop & { outputs: SplitOutputs })[] = [];
    for (const drop of drops) {
      const dropped = dropPresence(corpus, drop.modality, drop.share, drop.seed);
      const fit = fitCorpus(dropped, predictor.inputs, predictor.classes);
      onTest?.(drop);
      const scored = { corpus: dropped, fit, dialogueIndices, split: 'test' as const, selection: run.selection };
      const { nearest: _, ...outputs } = await splitOutputs(predictor, scored);
      results.push({ ...drop, outputs });
    }
    return results;
  } finally {
    await predictor.dispose();
  }
}

function checkUsed(directory: string, { shape }: RunConfig, modality: Modality): void {
  if (shape.dims[modality] !== undefined) return;
  throw new InputError(
    `The model of ${directory} does not use ${modality}, so it cannot lose it; it uses ` +
      `${modalitiesIn(shape.dims).join(', ')}.`,
  );
}
