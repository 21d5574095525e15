import { InputError } from '../base/errors.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { quote } from '../base/words.js';
import type { Corpus, Dialogue, SplitName } from './types.js';

/** The splits, in the order of every file and table. */
export const SPLITS = ['train', 'valid', 'test'] as const satisfies readonly SplitName[];

/** Share of the utterances that a made validation split takes, and a made test split. */
const VALID_SHARE = 0.1;
const TEST_SHARE = 0.2;
/** Draws of splits from which the one is kept that shows most classes where they are needed. */
const DRAWS = 50;

/** Splits that a run made because its corpus lacks them. */
export interface MadeSplits {
  /** All splits of a corpus that has none. */
  madeSplits?: Partial<Record<SplitName, string[]>>;
  /** Dialogues taken from train for validation. */
  madeValidation?: readonly string[];
}

/** A corpus's splits with those that a run made of them. */
export function splitsOf(splits: Corpus['splits'], { madeSplits, madeValidation }: MadeSplits = {}): Corpus['splits'] {
  if (madeSplits !== undefined) return madeSplits;
  if (madeValidation === undefined) return splits;
  return {
    ...splits,
    train: (splits.train ?? []).filter((id) => !madeValidation.includes(id)),
    valid: [...madeValidation],
  };
}

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
        'to set some aside for validation. Give it a validation split of its own, or leave all splits out: training then ' +
        'makes them.',
    );
  }
  const size = sizes(corpus);
  const chosen = takeShare(randomStream(seed, 0, RANDOM_SITES.splits).shuffle([...train]), size, VALID_SHARE);
  return { train: train.filter((id) => !chosen.has(id)), valid: train.filter((id) => chosen.has(id)) };
}

/**
 * Splits for a corpus that has none: its labelled dialogues, about 70 % of the utterances for training, 10 % for
 * validation and 20 % for the test, drawn by the seed so that training and test show as many classes as they can. Two
 * dialogues give no test split.
 * @throws InputError where fewer than two dialogues hold a label
 */
export function makeSplits(
  corpus: Pick<Corpus, 'name' | 'dialogues' | 'splits'>,
  seed: number,
): Partial<Record<SplitName, string[]>> {
  const labelled = corpus.dialogues.filter(({ utterances }) => utterances.some(({ label }) => label >= 0));
  if (labelled.length < 2) {
    throw new InputError(
      `Corpus "${corpus.name}" has no splits, and ${labelled.length === 1 ? 'one dialogue' : 'no dialogue'} with labels to ` +
        'make them of. Splits are made of whole dialogues: label more of them, or give recordings that do not belong ' +
        'together a "dialogue" each.',
    );
  }
  const size = sizes(corpus);
  const ids = labelled.map(({ id }) => id);
  const classes = new Map(labelled.map(({ id, utterances }) => [id, utterances.map(({ label }) => label)]));
  const shown = (split: readonly string[]) => new Set(split.flatMap((id) => classes.get(id) as number[])).size;
  let best: { splits: Partial<Record<SplitName, string[]>>; score: number } | undefined;
  for (let draw = 0; draw < DRAWS; draw++) {
    const shuffled = randomStream(seed, draw, RANDOM_SITES.splits).shuffle([...ids]);
    const test = labelled.length === 2 ? new Set<string>() : takeShare(shuffled, size, TEST_SHARE, 2);
    const rest = shuffled.filter((id) => !test.has(id));
    const valid = takeShare(rest, size, VALID_SHARE / (1 - TEST_SHARE));
    const of = (wanted: (id: string) => boolean) => ids.filter(wanted);
    const [train, tested] = [of((id) => !test.has(id) && !valid.has(id)), of((id) => test.has(id))];
    const splits = { train, valid: of((id) => valid.has(id)), ...(tested.length > 0 && { test: tested }) };
    // A class that training never shows is lost; one that the test lacks is only not measured.
    const score = 100 * shown(train) + shown(tested);
    if (best === undefined || score > best.score) best = { splits, score };
  }
  return (best as { splits: Partial<Record<SplitName, string[]>> }).splits;
}

/** Utterances a dialogue. */
function sizes({ dialogues }: Pick<Corpus, 'dialogues'>): (id: string) => number {
  const length = new Map(dialogues.map(({ id, utterances }) => [id, utterances.length]));
  return (id) => length.get(id) as number;
}

/** The first of some dialogues, and those after it that bring the choice nearer to a share of all their utterances. */
function takeShare(ids: readonly string[], size: (id: string) => number, share: number, left = 1): Set<string> {
  const target = share * ids.reduce((sum, id) => sum + size(id), 0);
  const [first, ...others] = ids;
  const chosen = new Set([first]);
  let taken = size(first);
  for (const id of others) {
    if (chosen.size === ids.length - left || Math.abs(taken + size(id) - target) >= Math.abs(taken - target)) continue;
    chosen.add(id);
    taken += size(id);
  }
  return chosen;
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
