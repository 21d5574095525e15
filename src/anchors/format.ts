import { InputError } from '../base/errors.js';
import { foreignKind } from '../interchange/index.js';
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
  if (torch || /\.(pt|pth)$/i.test(source)) return parseReleasedAnchors(bytes, source);
  const other = foreignKind(bytes);
  if (other !== undefined) {
    throw new InputError(
      `${source} is no anchor file but ${other}. Anchors are an .anchors.safetensors file that "vega-merc anchors build" makes of face pictures, or a released .pt; what "vega-merc anchors inspect" writes is a page to look at.`,
    );
  }
  return parseAnchorFile(bytes, source);
}
