export { asFloat32, type DType, elementCount, isNdArray, type NdArray, type NumericArray } from './ndarray.js';
export { type PickleValue, parsePickle, readPickle } from './pickle.js';
export {
  encodeSafetensors,
  parseSafetensors,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from './safetensors.js';
export { parseTorch, readTorch } from './torch.js';
export { encodeTorch, type TorchValue, writeTorch } from './torch-write.js';
