import { InputError } from '../base/errors.js';
import { latin1Text } from '../base/text.js';
import { ByteCursor } from './pickle/cursor.js';
import { Account, PickleMachine } from './pickle/machine.js';
import { soundValue } from './pickle/soundness.js';
import { Storage, storageReference } from './pickle/tensors.js';
import type { PickleValue } from './pickle/values.js';
import { OLD_TORCH_FORMAT } from './torch-format.js';
import { storedParts } from './zip.js';

/**
 * Reads what torch.save wrote (PyTorch 1.6 or later) without executing anything: state dicts, anchor files, any plain
 * data. Tensors come out row-major, as views on `bytes` where they lie so; several may share memory, so change none in
 * place.
 * @param source what error sentences call the bytes, usually a path
 * @throws InputError naming the file and the reason for anything else
 */
export function parseTorch(bytes: Uint8Array, source: string): PickleValue {
  const refuse = (why: string): never => {
    throw new InputError(`${source} is not a sound torch file: ${why}.`);
  };
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    if (isOldFormat(bytes)) throw new InputError(`${source} ${OLD_TORCH_FORMAT}`);
    return refuse('it is no archive of torch.save');
  }
  const entries = storedParts(bytes, refuse);
  const main = [...entries.keys()].find((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (main === undefined) return refuse('it is a zip archive without a data.pkl');
  const folder = main.slice(0, -'data.pkl'.length);
  const order = latin1Text(entries.get(`${folder}byteorder`) ?? new Uint8Array(0));

  const storages = new Map<string, Storage>();
  const cursor = new ByteCursor(entries.get(main) as Uint8Array, `${source} (its ${main})`);
  const machine = new PickleMachine(cursor, new Account(bytes.length), (id, work) => {
    const { dtype, key, length } = storageReference(id, work);
    const data = entries.get(`${folder}data/${key}`);
    if (data === undefined)
      return work.refuse(`the memory ${JSON.stringify(key)} of a tensor is missing in the archive`);
    if (data.length < length)
      work.refuse(`the memory ${JSON.stringify(key)} of a tensor has ${data.length} bytes, not ${length}`);
    const shared = storages.get(key);
    if (shared !== undefined && shared.dtype === dtype) return shared;
    const storage = new Storage(dtype, data, order.trim() === 'big');
    storages.set(key, storage);
    return storage;
  });
  return soundValue(machine.run(), bytes.length, (why) => cursor.refuse(why));
}

/** Old files are a pickle that begins with torch's magic number, or a tar archive. */
function isOldFormat(bytes: Uint8Array): boolean {
  const magic = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
  const tar = latin1Text(bytes.subarray(257, 262)) === 'ustar';
  return tar || (bytes[0] === 0x80 && magic.every((byte, i) => bytes[i + 2] === byte));
}
