/** Files of other programs, from bytes and to bytes; `files.js` beside it reads and writes them on a disk. */
export { asFloat32, type DType, elementCount, isNdArray, type NdArray, type NumericArray } from './ndarray.js';
export { type PickleValue, parsePickle } from './pickle.js';
export {
  encodeSafetensors,
  foreignKind,
  parseSafetensors,
  type SafetensorsFile,
  safetensorsChunks,
} from './safetensors.js';
export { parseTorch } from './torch.js';
export { encodeTorch, type TorchValue } from './torch-write.js';
