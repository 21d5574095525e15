import { isNdArray, type PickleValue } from '../interchange/index.js';

/** Values by dialogue id; ids that were integers are written in decimal. */
export type ByDialogue = Map<string, PickleValue>;

/** A feature pickle's items by their meaning, whichever of the known tuples they came in. */
export interface FeatureTuple {
  /** Name of the layout, for people. */
  layout: string;
  speakers: ByDialogue;
  labels: ByDialogue;
  /** One table, or the four RoBERTa layers of it. */
  text: ByDialogue[];
  audio: ByDialogue;
  visual: ByDialogue;
  sentences?: ByDialogue;
  train: string[];
  test: string[];
}

type Refuse = (why: string) => never;

const ORDER_7 = ['speakers', 'labels', 'text', 'audio', 'visual', 'train ids', 'test ids'];
/** butterfliesss/SDT, dataloader.py: IEMOCAP is this, MELD has one more item at the end that the loader ignores. */
const ORDER_12 = [
  'utterance ids',
  'speakers',
  'labels',
  'text (RoBERTa layer 1)',
  'text (RoBERTa layer 2)',
  'text (RoBERTa layer 3)',
  'text (RoBERTa layer 4)',
  'audio',
  'visual',
  'sentences',
  'train ids',
  'test ids',
];

/**
 * Recognises the released 7-tuple and the 12- and 13-tuple of SDT.
 * @param refuse throws; its argument says what is wrong with the file
 */
export function recogniseTuple(value: PickleValue, refuse: Refuse): FeatureTuple {
  const known = `the released 7-tuple (${ORDER_7.join(', ')}) or SDT's 12- or 13-tuple (${ORDER_12.join(', ')})`;
  if (!Array.isArray(value)) return refuse(`holds ${kindOf(value)}, but a feature file is ${known}`);
  const order = value.length === 7 ? ORDER_7 : ORDER_12;
  if (value.length !== 7 && value.length !== 12 && value.length !== 13)
    return refuse(`holds a tuple of ${value.length} items, but a feature file is ${known}`);
  const dictionary = (i: number): ByDialogue => {
    const item = value[i];
    if (!(item instanceof Map))
      return refuse(`has ${kindOf(item)} as item ${i}, where the ${order[i]} should be: a dictionary by dialogue id`);
    return new Map([...item].map(([id, entry]) => [idOf(id, refuse), entry]));
  };
  const ids = (i: number): string[] => {
    const items = listOf(value[i]);
    if (items === undefined)
      return refuse(`has ${kindOf(value[i])} as item ${i}, where the ${order[i]} should be: a list of dialogue ids`);
    return items.map((id) => idOf(id, refuse));
  };
  if (value.length === 7) {
    return {
      layout: 'the released 7-tuple',
      speakers: dictionary(0),
      labels: dictionary(1),
      text: [dictionary(2)],
      audio: dictionary(3),
      visual: dictionary(4),
      train: ids(5),
      test: ids(6),
    };
  }
  return {
    layout: `SDT's ${value.length}-tuple`,
    speakers: dictionary(1),
    labels: dictionary(2),
    text: [3, 4, 5, 6].map(dictionary),
    audio: dictionary(7),
    visual: dictionary(8),
    sentences: dictionary(9),
    train: ids(10),
    test: ids(11),
  };
}

/** The entries of a list, tuple, set or one-dimensional array; undefined for anything else. */
export function listOf(value: PickleValue): PickleValue[] | undefined {
  if (Array.isArray(value)) return value;
  if (value instanceof Set) return [...value];
  if (isNdArray(value) && value.shape.length === 1) return Array.from<number | bigint>(value.data);
  return undefined;
}

/** What a value is, for an error sentence. */
export function kindOf(value: PickleValue): string {
  if (value === null) return 'None';
  if (Array.isArray(value)) return `a list of ${value.length} items`;
  if (value instanceof Map) return `a dictionary of ${value.size} entries`;
  if (value instanceof Set) return `a set of ${value.size} items`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (isNdArray(value)) return `an array of shape [${value.shape.join(', ')}]`;
  return typeof value === 'string' ? `the text ${JSON.stringify(value.slice(0, 40))}` : `the ${typeof value} ${value}`;
}

function idOf(id: PickleValue, refuse: Refuse): string {
  if (typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint') return String(id);
  return refuse(`has ${kindOf(id)} where a dialogue id should be, a text or a number`);
}
