import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { InputError } from '../../base/errors.js';
import { decodePicture, type Picture } from '../imagePicture.js';
import { ClipError } from './errors.js';

/** First bytes of the pictures that are read: JPEG, PNG, WebP (after the length of its container), GIF, TIFF, BMP. */
const SIGNATURES: readonly { at: number; bytes: string }[] = [
  { at: 0, bytes: '\xff\xd8\xff' },
  { at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { at: 8, bytes: 'WEBP' },
  { at: 0, bytes: 'GIF8' },
  { at: 0, bytes: 'II*\0' },
  { at: 0, bytes: 'MM\0*' },
];

/** Whether a file is a single picture, by its bytes. What cannot be opened is none. */
export function isStill(path: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return false;
  }
  try {
    const head = Buffer.alloc(16);
    readSync(file, head, 0, head.length, 0);
    const text = head.toString('latin1');
    return SIGNATURES.some(({ at, bytes }) => text.startsWith(bytes, at));
  } catch {
    return false;
  } finally {
    closeSync(file);
  }
}

/** @throws ClipError where the picture cannot be decoded. */
export async function decodeStill(path: string): Promise<Picture> {
  try {
    return await decodePicture(readFileSync(path), 'it');
  } catch (error) {
    if (error instanceof InputError) throw new ClipError(error.message.replace(/^it /, '').replace(/\.$/, ''));
    throw error;
  }
}
