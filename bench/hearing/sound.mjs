// The sound of a file, by the same decoder that extract uses.
import { joinFloats } from '../../dist/base/floats.js';
import { decodeSound } from '../../dist/encoders/media/decode.js';

/** All samples at once. */
export async function decodeAll(media) {
  const parts = [];
  for await (const samples of decodeSound(media)) parts.push(samples);
  return joinFloats(parts);
}

/** A sound in pieces of 0.1 s, as it would come. */
export async function* inPieces(sound) {
  for (let at = 0; at < sound.length; at += 1600) yield sound.subarray(at, at + 1600);
}
