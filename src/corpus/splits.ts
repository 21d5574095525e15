import { InputError } from '../base/errors.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { quote } from '../base/words.js';
import type { Corpus, Dialogue, SplitName } from './types.js';

/** The splits, in the order of every file and table. */
export const SPLITS = ['train', 'valid', 'test'] as const satisfies readonly SplitName[];

/** Share of the training utterances that a made validation split takes. */
const VALID_SHARE = 0.1;

/**
 * A validation split for a corpus without one: whole dialogues of train, drawn by the seed, holding about a tenth of
 * train's utterances and at least one dialogue. The same seed gives the same split on every machine. Both lists keep
 * the order that train had; the caller records them.
 * @throws InputError where train has fewer than two dialogues to share out
 */
export function makeValidationSplit(
  corpus: Pick<Corpus, 'name' | 'dialogues' | 'splits'>,
  seed: number,
): { train: string[]; valid: string[] } {
  const train = corpus.splits.train ?? [];
  if (train.length < 2) {
    throw new InputError(
      `Corpus "${corpus.name}" has ${train.length === 1 ? 'one training dialogue' : 'no training dialogues'}, too few ` +
        'to set some aside for validation. Give it a validation split of its own.',
    );
  }
  const length = new Map(corpus.dialogues.map(({ id, utterances }) => [id, utterances.length]));
  const size = (id: string) => length.get(id) as number;
  const target = VALID_SHARE * train.reduce((sum, id) => sum + size(id), 0);
  const [first, ...others] = randomStream(seed, 0, RANDOM_SITES.splits).shuffle([...train]);
  const chosen = new Set([first]);
  let taken = size(first);
  for (const id of others) {
    // A dialogue is taken only where it brings the split nearer to its share; the last one always stays in train.
    if (chosen.size === train.length - 1 || Math.abs(taken + size(id) - target) >= Math.abs(taken - target)) continue;
    chosen.add(id);
    taken += size(id);
  }
  return { train: train.filter((id) => !chosen.has(id)), valid: train.filter((id) => chosen.has(id)) };
}

/** Refuses splits that name an unknown dialogue, or one dialogue twice. @param refuse throws the sentence's middle part. */
export function checkSplits(
  splits: Corpus['splits'],
  dialogues: readonly Pick<Dialogue, 'id'>[],
  refuse: (why: string) => never,
): void {
  const known = new Set(dialogues.map(({ id }) => id));
  const seen = new Map<string, SplitName>();
  for (const split of SPLITS) {
    for (const id of splits[split] ?? []) {
      if (!known.has(id))
        refuse(`the split "${split}" names the dialogue ${quote(id)}, which the corpus does not have`);
      const other = seen.get(id);
      if (other === split) refuse(`the split "${split}" names the dialogue ${quote(id)} twice`);
      if (other !== undefined)
        refuse(`the dialogue ${quote(id)} is in two splits, "${other}" and "${split}"; it may be in one`);
      seen.set(id, split);
    }
  }
}
