import { parseReleasedAnchors } from './released.js';
import { parseAnchorFile } from './safetensors.js';
import type { AnchorBank } from './types.js';

/**
 * Reads anchors from bytes, by what they are: an anchor file, or a torch file as released.
 * @param source what error sentences call the bytes, usually a path
 * @throws InputError with what is wrong with bytes it refuses.
 */
export function parseAnchors(bytes: Uint8Array, source: string): AnchorBank {
  const torch = bytes[0] === 0x50 && bytes[1] === 0x4b;
  return torch || /\.(pt|pth)$/i.test(source) ? parseReleasedAnchors(bytes, source) : parseAnchorFile(bytes, source);
}
