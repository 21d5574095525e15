import { InputError } from '../base/errors.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { createCorpus } from './corpus.js';
import type { Corpus } from './types.js';

/** Of a training split, some dialogues that alone keep their place in it. */
export interface FewerDialogues {
  dialogues: number;
  /** Of the draw; with one seed, the fewer are among the more. Default 1. */
  seed?: number;
}

/**
 * A corpus with a smaller training split: dialogues drawn by the seed, in the order that they had. The others stay in the
 * corpus, in no split. @throws InputError where train has fewer.
 */
export function withFewerDialogues(corpus: Corpus, { dialogues, seed = 1 }: FewerDialogues): Corpus {
  const train = corpus.splits.train ?? [];
  if (dialogues > train.length) {
    throw new InputError(
      `Corpus "${corpus.name}" has ${train.length} training dialogues, of which ${dialogues} cannot be kept.`,
    );
  }
  const kept = new Set(
    randomStream(seed, 0, RANDOM_SITES.splits)
      .shuffle([...train])
      .slice(0, dialogues),
  );
  const origin = [...(corpus.origin ?? []), `trains on ${dialogues} of ${train.length} dialogues, seed ${seed}`];
  const splits = { ...corpus.splits, train: train.filter((id) => kept.has(id)) };
  return createCorpus({ ...corpus, splits, origin }, `Corpus "${corpus.name}" with fewer training dialogues`);
}
