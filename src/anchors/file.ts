import { readReleasedAnchors, writeReleasedAnchors } from './released.js';
import { readAnchorFile, writeAnchorFile } from './safetensors.js';
import type { AnchorBank } from './types.js';

/** Torch files hold anchors as released; every other name is this project's own format. */
function isTorch(path: string): boolean {
  return /\.(pt|pth)$/i.test(path);
}

/**
 * Reads anchors: `*.anchors.safetensors`, or a released `.pt`.
 * @throws InputError with what is wrong with a file it refuses.
 */
export function readAnchors(path: string): AnchorBank {
  return isTorch(path) ? readReleasedAnchors(path) : readAnchorFile(path);
}

/**
 * Writes anchors whole or not at all, in the format that the name ends in: `.pt` as released (numbers and class names
 * only), anything else as an anchor file.
 */
export function writeAnchors(path: string, bank: AnchorBank): void {
  if (isTorch(path)) writeReleasedAnchors(path, bank);
  else writeAnchorFile(path, bank);
}
