import { quote, quoteSome } from '../base/words.js';
import { isNdArray, type PickleValue } from '../interchange/index.js';
import { type ByDialogue, kindOf, listOf } from './tuples.js';

/** The speakers of a file: their names, and who speaks each utterance of a dialogue. */
export interface Speakers {
  names: string[];
  /** Speaker indices by dialogue id, an entry an utterance. */
  of: Map<string, number[]>;
}

/** More people than any corpus has: such numbers are something else. */
const MOST_SPEAKERS = 1_000_000;

/** How a file writes its speakers. */
type Kind = 'names' | 'numbers' | 'one-hot rows';

/**
 * Speakers as feature files write them: names ('M' and 'F' among them), numbers from 0, or one-hot rows.
 * 'M' and 'F' are 0 and 1, as the released models count them; other names count in the order they first speak.
 * @param given names from elsewhere, in index order; they also decide how many speakers there are
 * @param refuse throws; its argument says what is wrong with the file
 */
export function readSpeakers(
  entries: ByDialogue,
  given: readonly string[] | undefined,
  refuse: (why: string) => never,
): Speakers {
  let kind: Kind | undefined;
  const spoken = new Map<string, (string | number)[]>();
  let width = 0;
  for (const [id, entry] of entries) {
    const rows = rowsOf(entry);
    if (rows === undefined) return refuse(`has ${kindOf(entry)} for the speakers of dialogue ${quote(id)}`);
    const who = rows.map((value, i) => {
      const where = `the speaker of utterance ${i} of dialogue ${quote(id)}`;
      const own = kindOfSpeaker(value);
      if (own === undefined)
        return refuse(`has ${kindOf(value)} as ${where}; a name, a number or a one-hot row is needed`);
      if (kind !== undefined && own !== kind)
        return refuse(`writes ${where} as ${own}, but those before it as ${kind}`);
      kind = own;
      if (own !== 'one-hot rows') return typeof value === 'bigint' ? Number(value) : (value as string | number);
      const row = (listOf(value) as (number | bigint)[]).map(Number);
      if (width > 0 && row.length !== width)
        return refuse(`has ${row.length} numbers in ${where}, but ${width} in those before it`);
      width = row.length;
      return row.filter((x) => x !== 0).length === 1
        ? row.findIndex((x) => x !== 0)
        : refuse(`has [${row.join(', ')}] as ${where}, which is not one-hot`);
    });
    spoken.set(id, who);
  }
  if (given !== undefined && given.length < width)
    return refuse(`has one-hot speaker rows of ${width} numbers, but only ${given.length} speakers are named for it`);
  const names =
    kind === 'names' ? named([...spoken.values()].flat() as string[], given) : numbered(width, spoken, given, refuse);
  const index = new Map(names.map((name, i) => [name, i]));
  const of = new Map<string, number[]>();
  for (const [id, who] of spoken) {
    const indices = who.map((one) => (typeof one === 'string' ? (index.get(one) ?? -1) : one));
    const odd = indices.findIndex((i) => !(i >= 0 && i < names.length));
    if (odd >= 0)
      return refuse(
        `has the speaker ${nameOf(who[odd])} in utterance ${odd} of dialogue ${quote(id)}, who is none of the ${names.length} ` +
          `speakers ${quoteSome(names)}`,
      );
    of.set(id, indices);
  }
  return { names, of };
}

const nameOf = (one: string | number): string => (typeof one === 'string' ? quote(one) : String(one));

function rowsOf(entry: PickleValue): PickleValue[] | undefined {
  if (!isNdArray(entry) || entry.shape.length !== 2) return listOf(entry);
  const numbers = Array.from<number | bigint>(entry.data);
  const [count, width] = entry.shape;
  return Array.from({ length: count }, (_, i) => numbers.slice(i * width, (i + 1) * width));
}

function kindOfSpeaker(value: PickleValue): Kind | undefined {
  if (typeof value === 'string') return 'names';
  if (typeof value === 'bigint' || Number.isInteger(value)) return 'numbers';
  const row = listOf(value);
  return row?.every((x) => typeof x === 'number' || typeof x === 'bigint') ? 'one-hot rows' : undefined;
}

function named(spoken: readonly string[], given: readonly string[] | undefined): string[] {
  if (given !== undefined) return [...given];
  const names = new Set(spoken);
  return [...names].every((name) => name === 'M' || name === 'F') ? ['M', 'F'] : [...names];
}

function numbered(
  width: number,
  spoken: ReadonlyMap<string, (string | number)[]>,
  given: readonly string[] | undefined,
  refuse: (why: string) => never,
): string[] {
  if (given !== undefined && given.length >= width) return [...given];
  let count = width;
  for (const who of spoken.values()) for (const one of who) count = Math.max(count, Number(one) + 1);
  if (count > MOST_SPEAKERS) refuse(`has the speaker number ${count - 1}, which cannot be the number of a speaker`);
  return Array.from({ length: count }, (_, i) => `speaker ${i}`);
}
