import { readAnchorFile, writeAnchorFile } from './safetensors.js';
import type { AnchorBank } from './types.js';

/**
 * Reads anchors: `*.anchors.safetensors`.
 * @throws InputError with what is wrong with a file it refuses.
 */
export function readAnchors(path: string): AnchorBank {
  return readAnchorFile(path);
}

/** Writes anchors whole or not at all, in the format that the name ends in. */
export function writeAnchors(path: string, bank: AnchorBank): void {
  writeAnchorFile(path, bank);
}
