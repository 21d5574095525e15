import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { diskError } from '../base/files.js';
import type { RunFiles } from './files.js';

/** The files of a run in a directory. */
export function filesIn(directory: string): RunFiles {
  return async (name) => {
    const path = join(directory, name);
    try {
      return await readFile(path);
    } catch (error) {
      throw diskError(path, error);
    }
  };
}
