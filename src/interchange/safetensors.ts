import { duplicateName } from '../base/duplicates.js';
import { InputError } from '../base/errors.js';
import type { FileRange } from '../base/range.js';
import { concatBytes, utf8Bytes, utf8Text } from '../base/text.js';
import { quote } from '../base/words.js';
import { decodeElements, encodeElements } from './elements.js';
import { DTYPES, type DType, elementCount, type NdArray } from './ndarray.js';

/** What a safetensors file holds. */
export interface SafetensorsFile {
  metadata: Record<string, string>;
  tensors: Map<string, NdArray>;
}

/** A tensor that stays in its file: float32, unless it was read because the file holds it otherwise. */
export interface LocatedTensor {
  shape: number[];
  /** Reads its values. */
  read(): Float32Array;
  /** Where its float32 values lie, in bytes of the file; undefined where the file holds another type. */
  range?: FileRange;
}

const CODES: Record<DType, string> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
};
const DTYPE_OF_CODE = new Map(Object.entries(CODES).map(([dtype, code]) => [code, dtype as DType]));

/** Longest header that is read: some 150,000 tensors, more than models have. (The reference implementation reads 100 MB.) */
const HEADER_LIMIT = 2 ** 24;

/**
 * Reads a safetensors file (https://huggingface.co/docs/safetensors, "Format"). Tensors are views on `bytes` where they
 * are aligned, so the bytes must not be changed afterwards.
 * @param source what error sentences call the bytes, usually a path
 * @throws InputError naming the file and the tensor for anything the format does not allow
 */
export function parseSafetensors(bytes: Uint8Array, source: string): SafetensorsFile {
  const { metadata, entries } = safetensorsLayout(bytes, bytes.length, source);
  return {
    metadata,
    tensors: new Map(
      entries.map(({ name, dtype, shape, begin, end }) => [
        name,
        { shape, dtype, data: decodeElements(dtype, bytes.subarray(begin, end)) },
      ]),
    ),
  };
}

/** Bytes at the start of a file that tell how many of them `safetensorsLayout` needs: `headLength`. */
export const headLength = (start: Uint8Array): number =>
  8 + Math.min(HEADER_LIMIT, Number(new DataView(start.buffer, start.byteOffset).getBigUint64(0, true)));

/**
 * Where the tensors of a safetensors file lie: `begin` and `end` in bytes of the file.
 * @param bytes its beginning, at least `headLength`; @param size bytes of the whole file.
 * @throws InputError as `parseSafetensors`
 */
export function safetensorsLayout(
  bytes: Uint8Array,
  size: number,
  source: string,
): { metadata: Record<string, string>; entries: HeaderEntry[] } {
  const refuse = (why: string): never => {
    throw new InputError(`${source} is not a sound safetensors file: ${why}.`);
  };
  if (size < 8) refuse(`it has ${size} bytes, too few for the length of a header`);
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (headerLength > size - 8) {
    const other = foreignKind(bytes);
    refuse(
      other === undefined
        ? `it declares a header of ${headerLength} bytes, but ${size - 8} bytes follow`
        : `it is ${other}`,
    );
  }
  if (headerLength > HEADER_LIMIT)
    refuse(`it declares a header of ${headerLength} bytes, and at most ${HEADER_LIMIT} are read here`);
  const header = parseHeader(bytes.subarray(8, 8 + headerLength), refuse);
  const start = 8 + headerLength;
  const body = size - start;

  const metadata: Record<string, string> = {};
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') Object.assign(metadata, checkedMetadata(value, refuse));
    else entries.push(checkedEntry(name, value, refuse));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin < at) refuse(`tensor ${quote(name)} begins at byte ${begin}, inside the tensor before it`);
    if (begin > at) refuse(`bytes ${at} to ${begin} belong to no tensor`);
    if (end > body)
      refuse(`tensor ${quote(name)} ends at byte ${end}, but the file holds ${body} bytes of data; it was cut short`);
    at = end;
  }
  if (at !== body) refuse(`its last ${body - at} bytes belong to no tensor`);
  const placed = entries.map((entry) => ({ ...entry, begin: start + entry.begin, end: start + entry.end }));
  return { metadata, entries: placed };
}

/** The bytes of a safetensors file, in one piece. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  return concatBytes(safetensorsChunks(tensors, metadata));
}

/**
 * The bytes of a safetensors file: its header, then each tensor's own memory, without a copy. The same content gives the
 * same bytes: tensors are ordered by element size (largest first, so that each is aligned), then by name; metadata by
 * key.
 */
export function safetensorsChunks(
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] {
  const ordered = [...tensors].sort(
    ([a, { dtype: x }], [b, { dtype: y }]) => DTYPES[y].bytes - DTYPES[x].bytes || byCodeUnits(a, b),
  );
  const keys = Object.keys(metadata).sort();
  const header: [string, unknown][] = [];
  if (keys.length > 0) header.push(['__metadata__', Object.fromEntries(keys.map((key) => [key, metadata[key]]))]);
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const [name, tensor] of ordered) {
    if (name === '__metadata__') throw new TypeError('A tensor cannot be called "__metadata__".');
    if (elementCount(tensor.shape) !== tensor.data.length || !(tensor.data instanceof DTYPES[tensor.dtype].array))
      throw new TypeError(`Tensor "${name}": its data do not agree with shape [${tensor.shape}] ${tensor.dtype}.`);
    const bytes = encodeElements(tensor);
    header.push([name, { dtype: CODES[tensor.dtype], shape: tensor.shape, data_offsets: [at, at + bytes.length] }]);
    chunks.push(bytes);
    at += bytes.length;
  }
  // Joined by hand: an object would put names that look like integers first.
  const json = `{${header.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = utf8Bytes(json);
  const padded = new Uint8Array(8 + Math.ceil(text.length / 8) * 8).fill(0x20);
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(text, 8);
  return [padded, ...chunks];
}

export interface HeaderEntry {
  name: string;
  dtype: DType;
  shape: number[];
  begin: number;
  end: number;
}

type Refuse = (why: string) => never;

function parseHeader(bytes: Uint8Array, refuse: Refuse): object {
  const text = utf8Text(bytes);
  let header: unknown;
  try {
    header = JSON.parse(text ?? '');
  } catch {
    return refuse('its header is not JSON');
  }
  const twice = duplicateName(text as string);
  if (twice !== undefined) refuse(`its header names ${quote(twice)} twice`);
  return isRecord(header) ? header : refuse('its header is not a JSON object');
}

function checkedMetadata(value: unknown, refuse: Refuse): object {
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== 'string'))
    return refuse('"__metadata__" must map names to strings');
  return value;
}

function checkedEntry(name: string, value: unknown, refuse: Refuse): HeaderEntry {
  if (!isRecord(value)) return refuse(`tensor ${quote(name)} has no description`);
  const { dtype: code, shape, data_offsets: offsets } = value;
  const dtype = DTYPE_OF_CODE.get(String(code));
  if (dtype === undefined)
    return refuse(`tensor ${quote(name)} has the element type ${quote(String(code))}, which is unknown here`);
  if (!isSizes(shape)) return refuse(`tensor ${quote(name)} has no proper shape`);
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0] > offsets[1])
    return refuse(`tensor ${quote(name)} has no proper data_offsets`);
  const wanted = elementCount(shape) * DTYPES[dtype].bytes;
  if (offsets[1] - offsets[0] !== wanted)
    return refuse(
      `tensor ${quote(name)} is [${shape.slice(0, 8)}] ${code}, ${wanted} bytes, but occupies ${offsets[1] - offsets[0]}`,
    );
  return { name, dtype, shape, begin: offsets[0], end: offsets[1] };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * What a file is that cannot be of this kind, by its first bytes (as the length of a header they would be enormous);
 * undefined where they do not tell.
 */
export function foreignKind(bytes: Uint8Array): string | undefined {
  // A length below 2^48 and the brace of a header: a safetensors file, whatever its length begins with.
  if (bytes[6] === 0 && bytes[7] === 0 && bytes[8] === 0x7b) return undefined;
  const starts = (...codes: number[]) => codes.every((code, i) => bytes[i] === code);
  if (starts(0x50, 0x4b)) return 'a zip archive, as torch.save writes (.pt, .pth)';
  if (starts(0x80) && bytes[1] <= 5) return 'a pickle';
  if (starts(0x3c)) return 'a page of HTML or XML';
  if (starts(0x7b) || starts(0x5b)) return 'JSON';
  return undefined;
}
