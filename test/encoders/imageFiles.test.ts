import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import type { ImageEncoder } from '../../src/encoders/image.js';
import { encodePictureFiles } from '../../src/encoders/imageFiles.js';
import { temporaryDirectory } from '../cli/vega-merc.js';

const path = temporaryDirectory();

it('an encoder that fails leaves no failure of the next batch to nobody', async () => {
  const file = path('grey.png');
  writeFileSync(
    file,
    await sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } })
      .png()
      .toBuffer(),
  );
  const encoder = {
    name: 'failing',
    dim: 2,
    embed: () => setTimeout(100).then(() => Promise.reject(new Error('The network failed.'))),
    dispose: async () => {},
  } as unknown as ImageEncoder;
  // What is no path at all makes decoding the second batch fail while the first is encoded.
  const paths = [...Array<string>(16).fill(file), 17 as unknown as string, {} as unknown as string];
  const unheard: unknown[] = [];
  const listen = (reason: unknown) => unheard.push(reason);
  process.on('unhandledRejection', listen);
  try {
    const all = async () => {
      for await (const _ of encodePictureFiles(paths, encoder));
    };
    await expect(all()).rejects.toThrow('The network failed.');
    await setTimeout(50);
    expect(unheard).toEqual([]);
  } finally {
    process.off('unhandledRejection', listen);
  }
});
