import type { NdArray } from '../ndarray.js';
import type { ElementType } from './numpy.js';
import type { Storage } from './tensors.js';

/**
 * What a pickle comes out as: None null, int number (bigint beyond 2^53), float number, str string (a Python 2 str as
 * latin-1 text), bytes and bytearray Uint8Array, list and tuple array, dict Map, set and frozenset Set, numpy arrays
 * and torch tensors NdArray, numpy scalars number, bigint, boolean or string, numpy arrays of objects or text nested
 * arrays.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NdArray
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | Set<PickleValue>;

/** What the stack of the pickle machine may hold: values, and things on the way to become one. */
export type Item =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | NdArray
  | Item[]
  | Map<Item, Item>
  | Set<Item>
  | Callable
  | PendingArray
  | ElementType
  | Storage;

/** What a call may use of the machine that makes it. */
export interface Work {
  /** What error sentences call the bytes. */
  readonly source: string;
  /** Ends the reading with an InputError that names the source, the reason and the byte. */
  refuse(why: string): never;
  /**
   * Pays for making `amount` bytes or elements out of what was read already; refuses when a file asks for far more
   * than it holds. Without it, a small file could have the same bytes expanded over and over.
   */
  charge(amount: number): void;
  /**
   * Reads further pickles that lie in `bytes`, one after the other, against the same account.
   * @param persistentId answers what the pickle says lies outside it
   */
  nested(bytes: Uint8Array, what: string, persistentId?: PersistentId): { next(): Item; rest(): Uint8Array };
}

/** Answers a reference of a pickle to something outside it. */
export type PersistentId = (id: Item, work: Work) => Item;

/** A Python name that a pickle may use; calling it runs the function here that rebuilds the same data. */
export class Callable {
  readonly name: string;
  readonly call: (args: Item[], work: Work) => Item;
  constructor(name: string, call: (args: Item[], work: Work) => Item) {
    this.name = name;
    this.call = call;
  }
}

/** A numpy array that a pickle has made but not filled yet; later references to it mean `value`. */
export class PendingArray {
  value: Item | undefined = undefined;
}

/** A list or tuple of sizes, copied, that the file can pay for. */
export function toShape(item: Item, work: Work): number[] {
  if (
    !Array.isArray(item) ||
    item.length > 64 ||
    !item.every((size) => Number.isSafeInteger(size) && Number(size) >= 0)
  )
    return work.refuse('it gives an array a shape that is none');
  const shape = item.map(Number);
  work.charge(shape.reduce((product, size) => product * Math.max(size, 1), 1));
  return shape;
}
