import { InputError } from '../base/errors.js';
import { ByteCursor } from './pickle/cursor.js';
import { Account, PickleMachine } from './pickle/machine.js';
import { soundValue } from './pickle/soundness.js';
import { LEGACY_MAGIC } from './pickle/tensors.js';
import type { PickleValue } from './pickle/values.js';
import { OLD_TORCH_FORMAT } from './torch-format.js';

export type { PickleValue } from './pickle/values.js';

/**
 * Reads a pickle of protocol 0 to 5 without executing anything: plain Python data, numpy arrays, torch tensors. Arrays
 * are views on `bytes` where they are aligned, so the bytes must not be changed afterwards.
 * @param source what error sentences call the bytes, usually a path
 * @throws InputError naming the file, the reason and the byte for anything else
 */
export function parsePickle(bytes: Uint8Array, source: string): PickleValue {
  const foreign = FOREIGN.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte));
  if (foreign !== undefined) throw new InputError(`${source} is not a pickle but ${foreign.what}.`);
  const cursor = new ByteCursor(bytes, source);
  const root = new PickleMachine(cursor, new Account(bytes.length)).run();
  if (root === LEGACY_MAGIC) throw new InputError(`${source} ${OLD_TORCH_FORMAT}`);
  return soundValue(root, bytes.length, (why) => cursor.refuse(why));
}

const FOREIGN = [
  { magic: [0x50, 0x4b, 0x03, 0x04], what: 'a zip archive, as torch.save and numpy.savez write; import what is in it' },
  { magic: [0x1f, 0x8b], what: 'compressed by gzip; unpack it first' },
  { magic: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], what: 'a numpy .npy file; save it with pickle.dump' },
  { magic: [0x7b], what: 'JSON, by its first character' },
  { magic: [0x5b], what: 'JSON, by its first character' },
  { magic: [0x3c], what: 'a page of HTML or XML, by its first character' },
  { magic: [0x89, 0x48, 0x44, 0x46], what: 'an HDF5 file; save its content with pickle.dump' },
];
