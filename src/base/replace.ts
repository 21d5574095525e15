import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { InputError } from './errors.js';
import { diskError, removeTemporaries } from './files.js';

/** Where files are made that are to replace those of a directory together. */
const NEW = '.new';
/** The same folder from the moment on at which all of them count, until each has been moved to its place. */
const WHOLE = '.whole';

/** Is this the name of what `replaceFiles` uses? */
export const isReplacement = (name: string): boolean => name === NEW || name === WHOLE;

/**
 * Replaces files of a directory together: all of them or none, however the process ends, for readers that ask
 * `currentFile` where a file is. They are made in a folder of their own; its renaming is the moment at which they count;
 * then they are moved. Whoever writes next finishes what was cut off. Only for who has claimed the directory.
 * @param make writes the files into the folder that it is given.
 * @throws InputError where the disk refuses; the directory is then as it was.
 */
export function replaceFiles(directory: string, make: (folder: string) => void): void {
  finishReplacement(directory);
  const folder = join(directory, NEW);
  try {
    mkdirSync(folder);
    make(folder);
    flush(folder);
    renameSync(folder, join(directory, WHOLE));
    flush(directory);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw diskError(directory, error);
  }
  finishReplacement(directory);
}

/** Brings to an end what a writer that was killed had begun, and removes what it had not finished. */
export function finishReplacement(directory: string): void {
  const whole = join(directory, WHOLE);
  try {
    rmSync(join(directory, NEW), { recursive: true, force: true });
    removeTemporaries(directory);
    if (!existsSync(whole)) return;
    for (const name of readdirSync(whole)) renameSync(join(whole, name), join(directory, name));
    flush(directory);
    rmSync(whole, { recursive: true, force: true });
  } catch (error) {
    throw diskError(directory, error);
  }
}

/** Where a file of a directory is whose files are replaced together: not yet in its place, perhaps. */
export function currentFile(directory: string, name: string): string {
  const coming = join(directory, WHOLE, name);
  return existsSync(coming) ? coming : join(directory, name);
}

/** So often is read again what a writer was replacing meanwhile. */
const TRIES = 5;

/** Reads files of a directory that may be replaced at the same time: again where they do not belong together. */
export function reading<T>(directory: string, read: () => T): T {
  for (let left = TRIES; ; left--) {
    const before = stateOf(directory);
    try {
      return read();
    } catch (error) {
      if (left === 0 || !(error instanceof InputError) || stateOf(directory) === before) throw error;
    }
  }
}

/** Changes whenever files of the directory are replaced. */
function stateOf(directory: string): string {
  const times = [directory, join(directory, WHOLE)].map(
    (path) => statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs ?? 'none',
  );
  return times.join(' ');
}

/** Renames are on the disk only when the directory is. */
function flush(directory: string): void {
  if (process.platform === 'win32') return;
  const file = openSync(directory, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
