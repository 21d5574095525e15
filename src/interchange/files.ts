/** The readers and writers of this room on files: Node only. */

import { writeFileAtomic } from '../base/files.js';
import { readFileBytes } from '../base/read.js';
import type { NdArray } from './ndarray.js';
import { type PickleValue, parsePickle } from './pickle.js';
import { parseSafetensors, type SafetensorsFile, safetensorsChunks } from './safetensors.js';
import { parseTorch } from './torch.js';
import { encodeTorch, type TorchValue } from './torch-write.js';

/** `parsePickle` on a file. @throws InputError */
export function readPickle(path: string): PickleValue {
  return parsePickle(readFileBytes(path), path);
}

/** `parseSafetensors` on a file. @throws InputError */
export function readSafetensors(path: string): SafetensorsFile {
  return parseSafetensors(readFileBytes(path), path);
}

/** `encodeSafetensors` into a file, whole or not at all. */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileAtomic(path, ...safetensorsChunks(tensors, metadata));
}

/** `parseTorch` on a file. @throws InputError */
export function readTorch(path: string): PickleValue {
  return parseTorch(readFileBytes(path), path);
}

/** `encodeTorch` into a file, whole or not at all. */
export function writeTorch(path: string, value: TorchValue): void {
  writeFileAtomic(path, encodeTorch(value));
}
