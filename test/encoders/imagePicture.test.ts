import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeFailure, decodePicture, thumbnail } from '../../src/encoders/imagePicture.js';

/** Red on the left half, blue on the right. */
function halves(width = 40, height = 20) {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) data[i * 3 + (i % width < width / 2 ? 0 : 2)] = 255;
  return sharp(data, { raw: { width, height, channels: 3 } });
}
const noise = (width: number, height: number) =>
  sharp(Buffer.from(Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 2654435761) >>> 24)), {
    raw: { width, height, channels: 3 },
  });
const pixel = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

describe('decodePicture', () => {
  it('turns a picture upright by its EXIF orientation', async () => {
    // Orientation 6: to be turned by 90 degrees clockwise, so the left half comes to lie on top.
    const bytes = await halves().withMetadata({ orientation: 6 }).png().toBuffer();
    const picture = await decodePicture(bytes, 'turned.png');
    expect([picture.width, picture.height]).toEqual([20, 40]);
    expect(pixel(picture, 10, 2)).toEqual([255, 0, 0]);
    expect(pixel(picture, 10, 37)).toEqual([0, 0, 255]);
  });

  it('drops an alpha channel without blending', async () => {
    const bytes = await halves().ensureAlpha(0).png().toBuffer();
    expect(pixel(await decodePicture(bytes, 'clear.png'), 2, 2)).toEqual([255, 0, 0]);
    const large = await halves(2000, 1200).ensureAlpha(0).png().toBuffer();
    expect(pixel(await decodePicture(large, 'large.png'), 2, 2)).toEqual([255, 0, 0]);
  });

  it('spreads grey to three channels', async () => {
    const grey = Buffer.alloc(400, 77);
    for (const bytes of [
      await sharp(grey, { raw: { width: 20, height: 20, channels: 1 } })
        .png()
        .toBuffer(),
      await sharp(grey, { raw: { width: 20, height: 20, channels: 1 } })
        .toColourspace('b-w')
        .jpeg()
        .toBuffer(),
      await sharp(grey, { raw: { width: 20, height: 20, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toBuffer(),
    ]) {
      expect(pixel(await decodePicture(bytes, 'grey'), 9, 9)).toEqual([77, 77, 77]);
    }
  });

  it('reads webp and 16-bit png', async () => {
    for (const bytes of [
      await halves().webp({ lossless: true }).toBuffer(),
      await halves().toColourspace('rgb16').png().toBuffer(),
    ]) {
      expect(pixel(await decodePicture(bytes, 'picture'), 30, 5)).toEqual([0, 0, 255]);
    }
  });

  it('shrinks a very large picture, keeping its shape', async () => {
    const picture = await decodePicture(await halves(4000, 2000).png().toBuffer(), 'large.png');
    expect(picture.width * picture.height).toBeLessThan(2_010_000);
    expect(picture.width / picture.height).toBeCloseTo(2, 2);
  });

  it.each([
    [
      'a 1-pixel picture',
      () => halves(2, 2).extract({ left: 0, top: 0, width: 1, height: 1 }).png().toBuffer(),
      /is 1 x 1 pixels, too small to show a face/,
    ],
    [
      'a 30,000-pixel-wide picture',
      () => halves(30_000, 20).png().toBuffer(),
      /is 30000 x 20 pixels, more than the 16384 a side/,
    ],
    [
      'a picture of too many pixels',
      () =>
        sharp({ create: { width: 9000, height: 9000, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      /is 9000 x 9000 pixels, more than .* 50 million in all/,
    ],
    ['text', async () => Buffer.from('no picture at all'), /is no picture, whatever its name says/],
    ['nothing', async () => Buffer.alloc(0), /is empty/],
    [
      'a truncated jpg',
      async () => (await noise(200, 200).jpeg().toBuffer()).subarray(0, 4000),
      /is damaged or was cut short/,
    ],
    [
      'a truncated progressive jpg',
      async () => (await noise(200, 200).jpeg({ progressive: true }).toBuffer()).subarray(0, 4000),
      /is damaged or was cut short/,
    ],
    [
      'a truncated png',
      async () => (await noise(200, 200).png().toBuffer()).subarray(0, 4000),
      /is damaged or was cut short/,
    ],
    [
      'a truncated webp',
      async () => (await noise(200, 200).webp().toBuffer()).subarray(0, 4000),
      /is damaged or was cut short/,
    ],
    [
      'the first bytes of a jpg',
      async () => (await noise(200, 200).jpeg().toBuffer()).subarray(0, 30),
      /is damaged or was cut short/,
    ],
  ])('refuses %s with a sentence', async (_, make, sentence) => {
    await expect(decodePicture(await make(), 'picture.jpg')).rejects.toThrow(sentence);
  });
});

describe('thumbnail', () => {
  it('is a JPEG that fits, and no larger than the picture', async () => {
    const size = async (width: number, height: number) => {
      const picture = await decodePicture(await halves(width, height).png().toBuffer(), 'p');
      const { format, width: w, height: h } = await sharp(await thumbnail(picture)).metadata();
      return [format, w, h];
    };
    expect(await size(400, 200)).toEqual(['jpeg', 64, 32]);
    expect(await size(48, 48)).toEqual(['jpeg', 48, 48]);
  });
});

describe('decodeFailure', () => {
  it('calls a picture damaged also where the decoder lost its message to another one', () => {
    expect(decodeFailure('VipsJpeg: Premature end of JPEG file')).toBe('is damaged or was cut short');
    expect(decodeFailure('Unknown error')).toBe('is damaged or was cut short');
    expect(decodeFailure('Input buffer contains unsupported image format')).toContain('is no picture');
  });
});
