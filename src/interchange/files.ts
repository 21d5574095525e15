/** The readers and writers of this room on files: Node only. */

import { realpathSync } from 'node:fs';
import { writeFileAtomic } from '../base/files.js';
import { readFileBytes, readFileStart } from '../base/read.js';
import { decodeElements } from './elements.js';
import { asFloat32, type NdArray } from './ndarray.js';
import { type PickleValue, parsePickle } from './pickle.js';
import {
  headLength,
  type LocatedTensor,
  parseSafetensors,
  type SafetensorsFile,
  safetensorsChunks,
  safetensorsLayout,
} from './safetensors.js';
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

/**
 * The tensors of a safetensors file, none of them read: only its header is.
 * @param source what error sentences call the file. @throws InputError as `readSafetensors`
 */
export function locateSafetensors(
  path: string,
  source = path,
): {
  metadata: Record<string, string>;
  tensors: Map<string, LocatedTensor>;
} {
  const { bytes: start, size } = readFileStart(path, 8);
  const head = size < 8 ? start : readFileStart(path, headLength(start)).bytes;
  const { metadata, entries } = safetensorsLayout(head, size, source);
  // A runtime that maps a file may refuse one that a link leads to elsewhere.
  const real = realpathSync(path);
  const located = entries.map(({ name, dtype, shape, begin, end }): [string, LocatedTensor] => {
    const read = () =>
      asFloat32({ shape, dtype, data: decodeElements(dtype, readFileStart(path, end - begin, begin).bytes) });
    const floats = dtype === 'float32' && begin % 4 === 0;
    return [name, { shape, read, ...(floats && { range: { path: real, offset: begin, length: (end - begin) / 4 } }) }];
  });
  return { metadata, tensors: new Map(located) };
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
