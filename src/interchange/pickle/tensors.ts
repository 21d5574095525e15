import { decodeElements } from '../elements.js';
import { DTYPES, type DType, isNdArray, type NumericArray } from '../ndarray.js';
import { gather, stridedExtent } from '../strides.js';
import { Callable, type Item, toShape, type Work } from './values.js';

/** The memory of torch tensors: several may be views on one. */
export class Storage {
  /** Undefined for memory whose element type each tensor gives itself. */
  readonly dtype: DType | undefined;
  readonly bigEndian: boolean;
  private bytes: Uint8Array;
  private readonly decoded = new Map<DType, NumericArray>();

  constructor(dtype: DType | undefined, bytes: Uint8Array, bigEndian: boolean) {
    this.dtype = dtype;
    this.bytes = bytes;
    this.bigEndian = bigEndian;
  }

  /** Gives the bytes to a storage that was named before they were read. */
  fill(bytes: Uint8Array): void {
    this.bytes = bytes;
  }

  /** All elements, decoded once however many tensors look at them. */
  elements(dtype: DType, work: Work): NumericArray {
    let elements = this.decoded.get(dtype);
    if (elements === undefined) {
      work.charge(this.bytes.length);
      const whole = this.bytes.length - (this.bytes.length % DTYPES[dtype].bytes);
      elements = decodeElements(dtype, this.bytes.subarray(0, whole), this.bigEndian);
      this.decoded.set(dtype, elements);
    }
    return elements;
  }
}

/** Element types of torch by the name of the storage class that holds them. */
export const STORAGE_CLASSES: Partial<Record<DType, string>> = {
  float64: 'DoubleStorage',
  float32: 'FloatStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
};
const DTYPE_OF_CLASS = new Map(Object.entries(STORAGE_CLASSES).map(([dtype, name]) => [name, dtype as DType]));

/** What torch's persistent id says: ('storage', class, key, location, number of elements, …). */
export interface StorageReference {
  /** Undefined for untyped memory, whose elements are bytes. */
  dtype: DType | undefined;
  key: string;
  /** Bytes that the storage must have. */
  length: number;
}

/** Reads torch's persistent id; refuses any other. */
export function storageReference(id: Item, work: Work): StorageReference {
  const [tag, type, key, , count, view = null] = Array.isArray(id) ? id : [];
  if (tag !== 'storage' || !(type instanceof Callable) || typeof key !== 'string' || !Number.isSafeInteger(count))
    return work.refuse('it refers to something outside it that is no tensor memory');
  if (view !== null) work.refuse('it refers to a part of a memory, as only very old versions of torch do');
  const name = type.name.split('.').at(-1) as string;
  const dtype = DTYPE_OF_CLASS.get(name);
  if (dtype === undefined && name !== 'UntypedStorage')
    return work.refuse(`it refers to memory of the kind ${type.name}, which is unknown here`);
  return { dtype, key, length: Number(count) * (dtype === undefined ? 1 : DTYPES[dtype].bytes) };
}

/** torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …), v3 with the element type given too. */
function rebuildTensor([storage, offset, size, stride, , , type]: Item[], work: Work): Item {
  if (!(storage instanceof Storage)) return work.refuse('a tensor has no memory');
  const shape = toShape(size, work);
  if (!Array.isArray(stride) || stride.length !== shape.length || ![offset, ...stride].every(isIndex))
    return work.refuse('a tensor has improper strides');
  const strides = stride.map(Number);
  const begin = Number(offset);
  const dtype = torchDtype(type) ?? storage.dtype;
  if (dtype === undefined) return work.refuse('a tensor has no known element type');
  const elements = storage.elements(dtype, work);
  const extent = stridedExtent(shape, strides);
  if (begin + extent > elements.length) {
    return work.refuse(
      `a tensor of shape [${shape}] reaches element ${begin + extent} of a memory that has ${elements.length}`,
    );
  }
  return { shape, dtype, data: gather(elements, extent === 0 ? 0 : begin, shape, strides) };
}

function isIndex(item: Item): boolean {
  return typeof item === 'number' && Number.isSafeInteger(item) && item >= 0;
}

function torchDtype(name: Item | undefined): DType | undefined {
  const dtype = typeof name === 'string' ? name.replace(/^torch\./, '') : '';
  return Object.hasOwn(DTYPES, dtype) ? (dtype as DType) : undefined;
}

/** The tensor that a parameter or a subclass wraps. */
function unwrap([tensor]: Item[], work: Work): Item {
  return typeof tensor === 'object' && isNdArray(tensor) ? tensor : work.refuse('a parameter is no tensor');
}

/** First object of the stream that torch wrote before its zip format. */
export const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;

/**
 * torch.storage._load_from_bytes(bytes): what a plain pickle of a tensor holds, a little stream of the old format:
 * magic number, version, system, the storage's reference, its keys, then for each its element count and bytes.
 */
function loadFromBytes([bytes]: Item[], work: Work): Item {
  if (!(bytes instanceof Uint8Array)) return work.refuse('a tensor has no memory');
  const storages = new Map<string, { storage: Storage; length: number }>();
  const stream = work.nested(bytes, 'the memory of a tensor', (id, inner) => {
    const { dtype, key, length } = storageReference(id, inner);
    // Data of the old format are little-endian, whatever machine wrote them.
    const storage = new Storage(dtype, new Uint8Array(0), false);
    storages.set(key, { storage, length });
    return storage;
  });
  if (stream.next() !== LEGACY_MAGIC) return work.refuse('the memory of a tensor is in no format of torch');
  stream.next();
  stream.next();
  const root = stream.next();
  const keys = stream.next();
  const data = stream.rest();
  let at = 0;
  for (const key of Array.isArray(keys) ? keys : []) {
    const entry = typeof key === 'string' ? storages.get(key) : undefined;
    const begin = at + 8;
    if (entry === undefined || begin + entry.length > data.length)
      return work.refuse('the memory of a tensor is cut short or damaged');
    entry.storage.fill(data.subarray(begin, begin + entry.length));
    at = begin + entry.length;
  }
  return root;
}

const named = (name: string) => new Callable(name, (_, work) => work.refuse(`it calls ${name}, which no tensor needs`));

/** What a pickle may call of torch. */
export const TORCH_GLOBALS: readonly Callable[] = [
  ...['_rebuild_tensor', '_rebuild_tensor_v2', '_rebuild_tensor_v3'].map(
    (name) => new Callable(`torch._utils.${name}`, rebuildTensor),
  ),
  new Callable('torch._utils._rebuild_parameter', unwrap),
  new Callable('torch._tensor._rebuild_from_type_v2', ([rebuild, , args], work) => {
    // Only the recipes above: a recipe that named this one again could nest without end.
    if (!(rebuild instanceof Callable && rebuild.name.startsWith('torch._utils.') && Array.isArray(args)))
      return work.refuse('a tensor has no proper recipe');
    return rebuild.call(args, work);
  }),
  new Callable('torch.storage._load_from_bytes', loadFromBytes),
  new Callable('torch.Size', ([sizes], work) => toShape(sizes, work)),
  new Callable('torch.device', ([name]) => name ?? null),
  ...['torch.Tensor', 'torch.nn.parameter.Parameter', 'torch.storage.UntypedStorage'].map(named),
  ...[...DTYPE_OF_CLASS.keys()].flatMap((name) => [named(`torch.${name}`), named(`torch.cuda.${name}`)]),
];

/** Element types of torch, which pickles name; they come out as text such as "torch.float32". */
export const TORCH_DTYPES: readonly string[] = Object.keys(DTYPES).map((dtype) => `torch.${dtype}`);
