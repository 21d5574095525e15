import { latin1Text } from '../../base/text.js';
import { decodeElements } from '../elements.js';
import { halfToFloat } from '../halves.js';
import { DTYPES, type DType, elementCount, isNdArray, type NumericArray } from '../ndarray.js';
import { contiguousStrides, gather } from '../strides.js';
import { exactInteger, latin1Bytes } from './literals.js';
import { Callable, type Item, PendingArray, toShape, type Work } from './values.js';

/** A numpy dtype: numbers, Python objects, text (U, 4 bytes a character) or byte strings (S). */
export class ElementType {
  kind: DType | 'object' | 'text' | 'bytes';
  /** Bytes an element takes. */
  size: number;
  bigEndian: boolean;
  constructor(kind: DType | 'object' | 'text' | 'bytes', size: number, bigEndian: boolean) {
    this.kind = kind;
    this.size = size;
    this.bigEndian = bigEndian;
  }
}

const NUMBERS: Record<string, DType> = {
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  b1: 'bool',
};

/** numpy.dtype(code, align, copy), e.g. "f8", ">i4", "O", "U12". */
function makeDtype([code]: Item[], work: Work): ElementType {
  const parts = typeof code === 'string' ? /^([<>=|]?)([a-zA-Z])(\d{0,9})$/.exec(code) : null;
  if (parts === null) return work.refuse('it names a numpy element type that is none');
  const [, order, letter, digits] = parts;
  const bigEndian = order === '>';
  if (letter === 'O') return new ElementType('object', 8, bigEndian);
  if (letter === 'U') return new ElementType('text', 4 * Number(digits), bigEndian);
  if (letter === 'S') return new ElementType('bytes', Number(digits), bigEndian);
  const kind = NUMBERS[letter + digits];
  if (kind === undefined) {
    return work.refuse(
      `it holds a numpy array of element type "${code}"; only floats of 16 to 64 bits, integers, booleans, text and objects can be read`,
    );
  }
  return new ElementType(kind, DTYPES[kind].bytes, bigEndian);
}

/** Carries the byte order and, for text, the size of an element over from a pickled dtype's state. */
export function setDtypeState(type: ElementType, state: Item, work: Work): void {
  if (!Array.isArray(state) || state.length < 5) work.refuse('a numpy element type has an unknown state');
  const [, order, subtype, names] = state;
  if (subtype !== null || names !== null) work.refuse('it holds a numpy array of records, which is no plain table');
  type.bigEndian = order === '>';
  const size = state[5];
  if ((type.kind === 'text' || type.kind === 'bytes') && typeof size === 'number' && size > 0) type.size = size;
}

/** Fills an array from its pickled state: (version, shape, dtype, column-major, data). */
export function setArrayState(array: PendingArray, state: Item, work: Work): Item {
  if (!Array.isArray(state) || state.length < 4) return work.refuse('a numpy array has an unknown state');
  const [shape, type, columnMajor, data] = state.slice(-4);
  array.value = makeArray(type, shape, data, columnMajor === true || columnMajor === 1, work);
  return array.value;
}

function makeArray(type: Item, sizes: Item, data: Item, columnMajor: boolean, work: Work): Item {
  const shape = toShape(sizes, work);
  if (!(type instanceof ElementType)) return work.refuse('a numpy array has no element type');
  if (type.kind === 'object') {
    if (!Array.isArray(data)) return work.refuse('a numpy array of objects holds no list');
    return nest(data, shape, work);
  }
  const bytes = toBytes(data, work);
  const count = elementCount(shape);
  if (type.size === 0 || bytes.length !== count * type.size) {
    return work.refuse(
      `a numpy array of shape [${shape}] needs ${count * type.size} bytes of data but has ${bytes.length}`,
    );
  }
  work.charge(bytes.length);
  const strides = contiguousStrides(shape, columnMajor);
  if (type.kind === 'text' || type.kind === 'bytes') {
    const inFileOrder = Uint32Array.from({ length: count }, (_, i) => i);
    const order = gather(inFileOrder, 0, shape, strides) as Uint32Array;
    const texts = Array.from(order, (i) => decodeText(type, bytes.subarray(i * type.size), work));
    return nest(texts, shape, work);
  }
  const elements = decodeElements(type.kind, bytes, type.bigEndian);
  return { shape, dtype: type.kind, data: gather(elements, 0, shape, strides) };
}

/** The items of a numpy array of objects as nested arrays; the item itself for a scalar. */
function nest(items: Item[], shape: number[], work: Work): Item {
  if (items.length !== elementCount(shape)) {
    return work.refuse(`a numpy array of shape [${shape}] has ${items.length} items`);
  }
  if (shape.length === 0) return items[0];
  let level: Item[] = items;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const groups = shape.slice(0, axis).reduce((product, size) => product * size, 1);
    const below = level;
    level = Array.from({ length: groups }, (_, i) => below.slice(i * shape[axis], (i + 1) * shape[axis]));
  }
  return level;
}

/** One element of a text (UTF-32) or byte string (read as latin-1) array, without the zeros that fill it up. */
function decodeText(type: ElementType, bytes: Uint8Array, work: Work): string {
  const element = bytes.slice(0, type.size);
  if (type.kind === 'bytes') return latin1Text(element).replace(/\0+$/, '');
  const points = decodeElements('uint32', element, type.bigEndian) as Uint32Array;
  const end = points.findLastIndex((point) => point !== 0) + 1;
  let text = '';
  for (const point of points.subarray(0, end)) {
    text += point <= 0x10ffff ? String.fromCodePoint(point) : work.refuse('it holds a character beyond Unicode');
  }
  return text;
}

function toBytes(data: Item, work: Work): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (typeof data === 'string') return latin1Bytes(data, work);
  return work.refuse('a numpy array has no data');
}

/** numpy's scalar(dtype, bytes): a plain number, boolean or string. */
function makeScalar([type, data]: Item[], work: Work): Item {
  if (!(type instanceof ElementType)) return work.refuse('a numpy scalar has no element type');
  if (type.kind === 'object') return data;
  if (type.kind === 'text' || type.kind === 'bytes') return makeArray(type, [], data, false, work);
  const bytes = toBytes(data, work);
  if (bytes.length !== type.size) return work.refuse(`a numpy scalar of ${type.size} bytes has ${bytes.length}`);
  // Through one small buffer, as files may hold millions of scalars.
  for (let i = 0; i < type.size; i++) scratch[type.bigEndian ? type.size - 1 - i : i] = bytes[i];
  if (type.kind === 'float16') return halfToFloat(SCRATCH_HALF)[0];
  const value = SCRATCH[type.kind][0];
  if (type.kind === 'bool') return value !== 0;
  return typeof value === 'bigint' ? exactInteger(value) : value;
}

const scratch = new Uint8Array(8);
const SCRATCH_HALF = new Uint16Array(scratch.buffer, 0, 1);
const SCRATCH = Object.fromEntries(
  Object.entries(DTYPES).map(([dtype, { array: View }]) => [dtype, new View(scratch.buffer)]),
) as Record<DType, NumericArray>;

/** Protocol 5's _frombuffer(data, dtype, shape, order, axes): 'K' gives the transposition of a row-major array. */
function fromBuffer([data, type, sizes, order, axes]: Item[], work: Work): Item {
  const array = makeArray(type, sizes, data, order === 'F', work);
  if (order !== 'K') return array;
  if (!Array.isArray(axes) || typeof array !== 'object' || !isNdArray(array))
    return work.refuse('a numpy array has no proper order of axes');
  const rank = array.shape.length;
  if (axes.length !== rank || new Set(axes).size !== rank || !axes.every((axis) => isAxis(axis, rank)))
    return work.refuse('a numpy array has no proper order of axes');
  const strides = contiguousStrides(array.shape);
  const shape = axes.map((axis) => array.shape[Number(axis)]);
  const permuted = axes.map((axis) => strides[Number(axis)]);
  return { shape, dtype: array.dtype, data: gather(array.data, 0, shape, permuted) };
}

function isAxis(axis: Item, rank: number): boolean {
  return typeof axis === 'number' && Number.isInteger(axis) && axis >= 0 && axis < rank;
}

/** What a pickle may call of numpy; numpy 2 says numpy._core where numpy 1 said numpy.core. */
export const NUMPY_GLOBALS: readonly Callable[] = [
  new Callable('numpy.dtype', makeDtype),
  new Callable('numpy.ndarray', (_, work) => work.refuse('it calls numpy.ndarray, which no plain array does')),
  new Callable('numpy.core.multiarray._reconstruct', ([type], work) => {
    if (type instanceof Callable && type.name === 'numpy.ndarray') return new PendingArray();
    return work.refuse('it holds a numpy array of an unknown kind; save it as a plain array');
  }),
  new Callable('numpy.core.multiarray.scalar', makeScalar),
  new Callable('numpy.core.numeric._frombuffer', fromBuffer),
];
