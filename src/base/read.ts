import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { diskError } from './files.js';

/**
 * A whole file in memory, also beyond the 2 GiB that readFileSync of Node 20 allows.
 * @throws InputError where the file cannot be read
 */
export function readFileBytes(path: string): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const bytes = new Uint8Array(fstatSync(file).size);
    let at = 0;
    while (at < bytes.length) {
      const count = readSync(file, bytes, at, Math.min(bytes.length - at, 2 ** 30), at);
      if (count === 0) break;
      at += count;
    }
    return bytes.subarray(0, at);
  } catch (error) {
    throw diskError(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A text file of UTF-8 as a string. @throws InputError where it cannot be read */
export function readText(path: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(readFileBytes(path));
}

/** Up to `length` bytes of a file from `at` on, and its whole size. @throws InputError where it cannot be read */
export function readFileStart(path: string, length: number, at = 0): { bytes: Uint8Array; size: number } {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const { size } = fstatSync(file);
    const bytes = new Uint8Array(Math.max(0, Math.min(length, size - at)));
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(file, bytes, done, Math.min(bytes.length - done, 2 ** 30), at + done);
      if (count === 0) break;
      done += count;
    }
    return { bytes: bytes.subarray(0, done), size };
  } catch (error) {
    throw diskError(path, error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
