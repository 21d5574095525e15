import { zipSync } from 'fflate';
import { concatBytes, latin1Bytes, utf8Bytes } from '../base/text.js';
import { encodeElements } from './elements.js';
import { DTYPES, elementCount, isNdArray, type NdArray } from './ndarray.js';
import { STORAGE_CLASSES } from './pickle/tensors.js';
import { contiguousStrides } from './strides.js';

/** What a torch file written here may hold. Whole numbers become int, others float; a Map becomes a dict. */
export type TorchValue = null | boolean | number | string | NdArray | TorchValue[] | Map<string | number, TorchValue>;

/**
 * The bytes that `torch.load(path, weights_only=True)` reads: a dict, nested as wanted, of tensors, text and numbers.
 * The same value gives the same bytes. Tensors do not share memory in the file.
 * @throws TypeError for an element type that torch has no storage class for (uint16, uint32, uint64)
 */
export function encodeTorch(value: TorchValue): Uint8Array {
  const storages: Uint8Array[] = [];
  const program: (Uint8Array | string)[] = ['\x80\x02'];
  pickle(value, program, storages);
  program.push('.');
  const parts: Record<string, Uint8Array> = {
    'archive/data.pkl': concatBytes(program.map((part) => (typeof part === 'string' ? latin1Bytes(part) : part))),
    'archive/byteorder': latin1Bytes('little'),
  };
  for (const [key, bytes] of storages.entries()) parts[`archive/data/${key}`] = bytes;
  parts['archive/version'] = latin1Bytes('3\n');
  // A fixed time, so that the same value gives the same bytes; zip has none before 1980.
  return zipSync(parts, { level: 0, mtime: new Date(1980, 0, 1) });
}

/** Appends the protocol 2 instructions that build `value`. */
function pickle(value: TorchValue, program: (Uint8Array | string)[], storages: Uint8Array[]): void {
  const put = (...parts: (Uint8Array | string)[]) => program.push(...parts);
  if (value === null) put('N');
  else if (typeof value === 'boolean') put(value ? '\x88' : '\x89');
  else if (typeof value === 'string') put(text(value));
  else if (typeof value === 'number') put(number(value));
  else if (Array.isArray(value)) {
    put('](');
    for (const item of value) pickle(item, program, storages);
    put('e');
  } else if (value instanceof Map) {
    put('}(');
    for (const [key, item] of value) {
      put(typeof key === 'string' ? text(key) : number(key));
      pickle(item, program, storages);
    }
    put('u');
  } else if (isNdArray(value)) put(...tensor(value, storages));
}

/** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks). */
function tensor(value: NdArray, storages: Uint8Array[]): (Uint8Array | string)[] {
  const storageClass = STORAGE_CLASSES[value.dtype];
  if (storageClass === undefined) throw new TypeError(`torch files hold no tensors of ${value.dtype}.`);
  if (elementCount(value.shape) !== value.data.length || !(value.data instanceof DTYPES[value.dtype].array))
    throw new TypeError(`The data of a tensor do not agree with its shape [${value.shape}] ${value.dtype}.`);
  const key = String(storages.length);
  storages.push(encodeElements(value));
  const sizes = (of: number[]): (Uint8Array | string)[] => ['(', ...of.map(number), 't'];
  return [
    'ctorch._utils\n_rebuild_tensor_v2\n((',
    text('storage'),
    `ctorch\n${storageClass}\n`,
    text(key),
    text('cpu'),
    number(value.data.length),
    'tQ',
    number(0),
    ...sizes(value.shape),
    ...sizes(contiguousStrides(value.shape)),
    '\x89ccollections\nOrderedDict\n)RtR',
  ];
}

function text(value: string): Uint8Array {
  const bytes = utf8Bytes(value);
  const head = latin1Bytes('X\0\0\0\0');
  new DataView(head.buffer).setUint32(1, bytes.length, true);
  return concatBytes([head, bytes]);
}

function number(value: number): Uint8Array {
  const bytes = new Uint8Array(10);
  const view = new DataView(bytes.buffer);
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 31 && !Object.is(value, -0)) {
    bytes[0] = 0x4a; // BININT
    view.setInt32(1, value, true);
    return bytes.subarray(0, 5);
  }
  if (Number.isSafeInteger(value) && value !== 0) {
    bytes.set([0x8a, 8]); // LONG1 of 8 bytes
    view.setBigInt64(2, BigInt(value), true);
    return bytes;
  }
  bytes[0] = 0x47; // BINFLOAT
  view.setFloat64(1, value, false);
  return bytes.subarray(0, 9);
}
