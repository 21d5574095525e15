import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from './errors.js';

/**
 * Writes a whole file or nothing: to a temporary name beside it, flushed to the disk, then renamed over the old one.
 * @param chunks written one after the other, so that a large file needs no copy in memory.
 */
export function writeFileAtomic(path: string, ...chunks: (Uint8Array | string)[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  const file = openSync(temporary, 'w');
  try {
    for (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk;
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
    }
    fsyncSync(file);
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw diskError(path, error);
  }
  closeSync(file);
  renameSync(temporary, path);
}

/** Turns an operating-system error at `path` into a sentence. */
export function diskError(path: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full; free some space and run the command again',
    EACCES: 'permission is denied',
    EROFS: 'the file system is read-only',
    ENOENT: 'there is no such file or directory',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of the path is not a directory',
    EDQUOT: 'the disk quota is used up; free some space and run the command again',
  };
  const reason = code === undefined ? undefined : reasons[code];
  return reason === undefined ? (error as Error) : new InputError(`${path}: ${reason}.`);
}
