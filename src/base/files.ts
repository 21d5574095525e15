import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { InputError } from './errors.js';

/**
 * Writes a whole file or nothing: to a temporary name beside it, flushed to the disk, then renamed over the old one.
 * @param chunks written one after the other, so that a large file needs no copy in memory.
 * @throws InputError where the disk refuses.
 */
export function writeFileAtomic(path: string, ...chunks: (Uint8Array | string)[]): void {
  // Not the process's number: another machine on the same disk may have the same.
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  makeDirectory(dirname(path));
  let file: number | undefined;
  try {
    file = openSync(temporary, 'wx');
  } catch (error) {
    throw diskError(path, error);
  }
  try {
    for (const chunk of chunks) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : chunk;
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
    }
    fsyncSync(file);
    closeSync(file);
    file = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (file !== undefined) closeSync(file);
    rmSync(temporary, { force: true });
    throw diskError(path, error);
  }
}

/**
 * Makes a directory and those above it, where they are not there. Not by Node's recursive mkdir, which says of a read-only
 * disk that a directory is missing, and never ends below a directory such as /proc.
 * @returns the uppermost one that was made; undefined where all were there.
 * @throws InputError where the disk refuses.
 */
export function makeDirectory(path: string): string | undefined {
  const missing: string[] = [];
  for (let at = resolve(path); !existsSync(at); at = dirname(at)) missing.push(at);
  for (const directory of missing.toReversed()) {
    try {
      mkdirSync(directory);
    } catch (error) {
      // Another process may have made it meanwhile.
      if (!isDirectory(directory)) throw diskError(directory, error);
    }
  }
  if (!isDirectory(path)) throw new InputError(`${path}: it is a file, not a directory.`);
  return missing.at(-1);
}

/**
 * Makes a directory whole or not at all: `make` writes into a folder beside it, which is then renamed. What is there
 * already is never touched, but for an empty directory.
 * @throws InputError where something is there, or the disk refuses.
 */
export async function writeDirectory<T>(path: string, make: (folder: string) => Promise<T>): Promise<T> {
  refuseExisting(path);
  const target = resolve(path);
  const made = makeDirectory(dirname(target));
  const folder = `${target}.${randomBytes(4).toString('hex')}.tmp`;
  let whole = false;
  try {
    mkdirSync(folder);
    const result = await make(folder);
    refuseExisting(path);
    if (existsSync(target)) rmdirSync(target);
    renameSync(folder, target);
    whole = true;
    return result;
  } catch (error) {
    throw diskError(path, error);
  } finally {
    if (!whole) rmSync(folder, { recursive: true, force: true });
    if (!whole && made !== undefined) rmSync(made, { recursive: true, force: true });
  }
}

/** @throws InputError where there is a file, or a directory that is not empty. */
export function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  if (!isDirectory(path)) throw new InputError(`${path} is there already; nothing is overwritten. Give another name.`);
  if (readdirSync(path).length > 0)
    throw new InputError(`${path} is not empty; nothing is overwritten. Give a new directory.`);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

const TEMPORARY = /\.[0-9a-f]{8}\.tmp$/;

/** Is this the name of what `writeFileAtomic` or `writeDirectory` had not finished? */
export const isTemporary = (name: string): boolean => TEMPORARY.test(name);

/**
 * Removes what killed writers left in a directory. Only for who has claimed it: a live writer would lose its file.
 * @param of the file whose leftovers are meant; undefined for all.
 */
export function removeTemporaries(directory: string, of?: string): void {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw diskError(directory, error);
  }
  for (const name of names) {
    if (!isTemporary(name) || (of !== undefined && name.replace(TEMPORARY, '') !== basename(of))) continue;
    rmSync(join(directory, name), { force: true, recursive: true });
  }
}

const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full; free some space and run the command again',
  EDQUOT: 'the disk quota is used up; free some space and run the command again',
  EACCES: 'permission is denied',
  EPERM: 'it is not permitted',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or directory',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'something of another kind is there already',
  ENOTEMPTY: 'it is a directory with files in it',
  ELOOP: 'its symbolic links lead round in a circle',
  ENAMETOOLONG: 'the name is too long',
  EBUSY: 'it is in use',
  EMFILE: 'too many files are open; close other programs, or raise the limit on open files',
  ENFILE: 'too many files are open; close other programs, or raise the limit on open files',
  EIO: 'the disk reports an error',
  ESTALE: 'the network disk has lost it; run the command again',
  EPIPE: 'its reader is gone',
};

/** Turns an operating-system error at `path` into a sentence. */
export function diskError(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  const reason = code === undefined || error instanceof InputError ? undefined : REASONS[code];
  return reason === undefined ? (error as Error) : new InputError(`${path}: ${reason}.`);
}
