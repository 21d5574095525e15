/** Anchors on a disk: Node only. */
import { readdirSync } from 'node:fs';
import { sep } from 'node:path';
import { diskError, writeFileAtomic } from '../base/files.js';
import { readFileBytes } from '../base/read.js';
import { parseAnchors } from './format.js';
import { PICTURE, type PictureFolder, sortPictures } from './pictures.js';
import { encodeReleasedAnchors } from './released.js';
import { anchorFileChunks } from './safetensors.js';
import type { AnchorBank } from './types.js';

/**
 * Reads anchors: `*.anchors.safetensors`, or a released `.pt`.
 * @throws InputError with what is wrong with a file it refuses.
 */
export function readAnchors(path: string): AnchorBank {
  return parseAnchors(readFileBytes(path), path);
}

/**
 * Writes anchors whole or not at all, in the format that the name ends in: `.pt` or `.pth` as released (numbers and
 * class names only), anything else as an anchor file.
 */
export function writeAnchors(path: string, bank: AnchorBank): void {
  if (/\.(pt|pth)$/i.test(path)) writeFileAtomic(path, encodeReleasedAnchors(bank));
  else writeFileAtomic(path, ...anchorFileChunks(bank));
}

/** `sortPictures` of all pictures in a folder and below it, hidden ones left out. @throws InputError */
export function scanPictures(folder: string, wanted?: readonly string[]): PictureFolder {
  let entries: string[];
  try {
    entries = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch (error) {
    throw diskError(folder, error);
  }
  const files = entries
    .filter((entry) => PICTURE.test(entry))
    .map((entry) => entry.split(sep).join('/'))
    .filter((file) => !file.split('/').some((part) => part.startsWith('.') || part === '__MACOSX'))
    .sort();
  return sortPictures(folder, files, wanted);
}
