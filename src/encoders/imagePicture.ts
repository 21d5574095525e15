import { InputError } from '../base/errors.js';
import { fromEncoders } from './packages.js';

/** A decoded picture: 8-bit sRGB without alpha, upright. */
export interface Picture {
  width: number;
  height: number;
  /** [height, width, 3] */
  data: Uint8Array;
}

/** Smaller pictures show no face. */
const MIN_SIDE = 16;
const MAX_SIDE = 16_384;
const MAX_PIXELS = 50_000_000;
/** Larger pictures are shrunk to this while they are decoded: every encoder sees far less, and memory stays bounded. */
const WORKING_PIXELS = 2_000_000;

/**
 * sharp, which decodes and resamples every picture.
 * @throws InputError with the line that installs it, where it is missing.
 * @internal
 */
export async function loadSharp(): Promise<typeof import('sharp').default> {
  const sharp = await fromEncoders('Reading pictures', (encoders) => encoders.loadSharp());
  // A cache of decoded pictures is of no use where every picture is read once.
  sharp.cache(false);
  return sharp;
}

/**
 * Decodes a jpg, png, webp or any other picture that sharp reads: turned upright by its EXIF orientation, grey spread
 * to three channels, an alpha channel dropped (not blended), of an animation the first frame.
 * @param source what error sentences call the picture.
 * @throws InputError where the bytes are no picture, cut short, or of a size that no face picture has.
 */
export async function decodePicture(bytes: Uint8Array, source: string): Promise<Picture> {
  const sharp = await loadSharp();
  const refuse = (why: string) => new InputError(`${source} ${why}.`);
  if (bytes.length === 0) throw refuse('is empty');
  try {
    const input = sharp(bytes, { failOn: 'truncated', limitInputPixels: false });
    const { autoOrient: size, hasAlpha } = await input.metadata();
    const { width, height } = size;
    if (Math.min(width, height) < MIN_SIDE) {
      throw refuse(`is ${width} x ${height} pixels, too small to show a face (at least ${MIN_SIDE} x ${MIN_SIDE})`);
    }
    if (Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS) {
      throw refuse(
        `is ${width} x ${height} pixels, more than the ${MAX_SIDE} a side and ${MAX_PIXELS / 1e6} million in all that are read; make it smaller`,
      );
    }
    const upright = input.autoOrient().toColourspace('srgb').removeAlpha();
    const shrink = Math.sqrt(WORKING_PIXELS / (width * height));
    if (shrink >= 1) return await toPicture(upright);
    // sharp would weigh colours by the alpha channel while it resizes, so there the channel must be gone before.
    const whole = hasAlpha ? await openPicture(await toPicture(upright)) : upright;
    return await toPicture(whole.resize(Math.max(1, Math.round(width * shrink)), null, { kernel: 'cubic' }));
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw refuse(decodeFailure((error as Error).message));
  }
}

/**
 * A picture as the input of a sharp pipeline.
 * @internal
 */
export async function openPicture(picture: Picture): Promise<import('sharp').Sharp> {
  const sharp = await loadSharp();
  return sharp(picture.data, { raw: { width: picture.width, height: picture.height, channels: 3 } });
}

/**
 * Runs a sharp pipeline that ends in three 8-bit channels.
 * @internal
 */
export async function toPicture(pipeline: import('sharp').Sharp): Promise<Picture> {
  const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/**
 * Why a picture cannot be decoded, from the decoder's message. Its messages share one buffer: where two pictures fail at
 * once, one of them may find it emptied ("Unknown error"). What is no picture at all is told before that.
 */
export function decodeFailure(message: string): string {
  if (/unsupported image format/i.test(message)) return 'is no picture, whatever its name says';
  if (
    /premature end|truncated|end of (stream|file)|not enough data|read error|corrupt header|unable to parse|unknown error/i.test(
      message,
    )
  ) {
    return 'is damaged or was cut short';
  }
  return `cannot be decoded (${message.trim().split('\n')[0]})`;
}

/** A small JPEG of a picture, its longer side at most `side` pixels. */
export async function thumbnail(picture: Picture, side = 64): Promise<Uint8Array> {
  const pipeline = await openPicture(picture);
  const jpeg = await pipeline
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 75 })
    .toBuffer();
  // A copy in Node's pool: what sharp hands over keeps several times its size, and there may be tens of thousands.
  return Buffer.from(jpeg);
}
