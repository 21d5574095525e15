import { readdirSync, readFileSync } from 'node:fs';
import { diskError } from '../../base/files.js';
import { type Decoded, decodeText } from './encoding.js';

/** A text file in whatever encoding, without a byte-order mark. @throws InputError where it cannot be read */
export function readText(path: string): string {
  return readEncoded(path).text;
}

/** A text file without a byte-order mark, and how it is encoded. @throws InputError where it cannot be read */
export function readEncoded(path: string): Decoded {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw diskError(path, error);
  }
  const { text, ...rest } = decodeText(bytes);
  return { text: text.replace(/^\uFEFF/, ''), ...rest };
}

/** Names in a folder, sorted; none where there is no such folder. Files that systems leave behind are left out. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw diskError(folder, error);
  }
}
