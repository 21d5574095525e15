import { readdirSync, readFileSync } from 'node:fs';
import { diskError } from '../../base/files.js';

/** A text file without a byte-order mark. @throws InputError where it cannot be read */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw diskError(path, error);
  }
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
