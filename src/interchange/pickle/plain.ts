import { latin1Bytes } from './literals.js';
import { Callable, type Item, type Work } from './values.js';

/** The items that Python's iteration over a list, tuple, set or dict gives, copied. */
function items(from: Item | undefined, work: Work): Item[] {
  if (from === undefined) return [];
  if (!(Array.isArray(from) || from instanceof Set || from instanceof Map))
    return work.refuse('it makes a collection out of something that is none');
  work.charge(Array.isArray(from) ? from.length : from.size);
  return Array.isArray(from) ? from.slice() : [...from.keys()];
}

function toMap(from: Item | undefined, work: Work): Map<Item, Item> {
  if (from instanceof Map) {
    work.charge(from.size);
    return new Map(from);
  }
  const map = new Map<Item, Item>();
  for (const pair of items(from, work)) {
    if (!Array.isArray(pair) || pair.length !== 2)
      return work.refuse('it makes a dict out of things that are no pairs');
    map.set(pair[0], pair[1]);
  }
  return map;
}

function toBytes([from, encoding]: Item[], work: Work): Uint8Array {
  if (from === undefined) return new Uint8Array(0);
  if (from instanceof Uint8Array) return from;
  if (Array.isArray(from)) {
    work.charge(from.length);
    return Uint8Array.from(from, (byte) =>
      typeof byte === 'number' ? byte : work.refuse('it makes bytes out of things that are none'),
    );
  }
  return encode([from, encoding], work);
}

/** How Python 3 writes bytes for protocols 0 to 2: as latin-1 text and the order to encode it. */
function encode([text, encoding]: Item[], work: Work): Uint8Array {
  if (typeof text !== 'string' || typeof encoding !== 'string' || !/^(latin-?1|iso-?8859-?1)$/i.test(encoding))
    return work.refuse('it encodes text otherwise than as latin-1');
  return latin1Bytes(text, work);
}

function range(args: Item[], work: Work): Item {
  const [start, stop, step] = args.length === 1 ? [0, args[0], 1] : [args[0], args[1], args[2] ?? 1];
  if (![start, stop, step].every(Number.isSafeInteger) || step === 0) return work.refuse('it holds an improper range');
  const length = Math.max(0, Math.ceil((Number(stop) - Number(start)) / Number(step)));
  work.charge(length);
  return Array.from({ length }, (_, i) => Number(start) + i * Number(step));
}

/** A type that a pickle may name, as the factory of a defaultdict, but not call. */
const named = (name: string) =>
  new Callable(name, (_, work) => work.refuse(`it calls ${name}, which no plain data needs`));

/** What a pickle may call of Python itself; Python 2 says __builtin__ where Python 3 says builtins. */
export const PLAIN_GLOBALS: readonly Callable[] = [
  new Callable('builtins.list', ([from], work) => items(from, work)),
  new Callable('builtins.tuple', ([from], work) => items(from, work)),
  new Callable('builtins.set', ([from], work) => new Set(items(from, work))),
  new Callable('builtins.frozenset', ([from], work) => new Set(items(from, work))),
  new Callable('builtins.dict', ([from], work) => toMap(from, work)),
  new Callable('builtins.bytes', toBytes),
  new Callable('builtins.bytearray', toBytes),
  new Callable('builtins.range', range),
  new Callable('builtins.xrange', range),
  ...['int', 'long', 'float', 'str', 'unicode', 'bool'].map((type) => named(`builtins.${type}`)),
  new Callable('_codecs.encode', encode),
  new Callable('collections.OrderedDict', ([from], work) => toMap(from, work)),
  new Callable('collections.Counter', ([from], work) => toMap(from, work)),
  new Callable('collections.defaultdict', ([, from], work) => toMap(from, work)),
];
