import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openImageEncoder } from '../../src/encoders/imageOpen.js';
import { decodePicture } from '../../src/encoders/imagePicture.js';
import { outputSize, preprocess, preprocessingSchema } from '../../src/encoders/imagePreprocess.js';

const golden = '../shared/golden/clip';
const onnx = join(golden, 'tiny_clip_vision.onnx');
const config = JSON.parse(readFileSync(join(golden, 'preprocessor_config.json'), 'utf8'));
const expected: Record<string, { pixel_mean: number; pixel_std: number; embedding_l2_normalised: number[] }> =
  JSON.parse(readFileSync(join(golden, 'embeddings.json'), 'utf8'));
const picture = (name: string) => decodePicture(readFileSync(join(golden, 'images', name)), name);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'onnx-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the CLIP tower of golden/clip', () => {
  const names = Object.keys(expected);

  it.each(names)('gives the pixels of the reference for %s', async (name) => {
    const parsed = preprocessingSchema.parse(config);
    const pixels = await preprocess(await picture(name), parsed, outputSize(parsed) ?? { height: 0, width: 0 });
    const mean = pixels.reduce((sum, x) => sum + x, 0) / pixels.length;
    const deviation = Math.sqrt(pixels.reduce((sum, x) => sum + (x - mean) ** 2, 0) / pixels.length);
    expect(Math.abs(mean - expected[name].pixel_mean)).toBeLessThan(0.01);
    expect(Math.abs(deviation - expected[name].pixel_std)).toBeLessThan(0.01);
  });

  it('gives the embeddings of the reference, all pictures in one batch', async () => {
    const encoder = await openImageEncoder({ encoder: 'clip', model: golden });
    expect(encoder.dim).toBe(32);
    expect(encoder.name).toMatch(/^tiny_clip_vision\.onnx \(SHA-256 [0-9a-f]{16}\)$/);
    const embeddings = await encoder.embed(await Promise.all(names.map(picture)));
    await encoder.dispose();
    for (const [i, name] of names.entries()) {
      const ours = embeddings.subarray(i * 32, (i + 1) * 32);
      const norm = Math.hypot(...ours);
      const cosine = expected[name].embedding_l2_normalised.reduce((sum, x, d) => sum + (x * ours[d]) / norm, 0);
      expect(cosine, name).toBeGreaterThan(0.999);
    }
  });

  it('opens by the path of the file as well', async () => {
    const encoder = await openImageEncoder({ encoder: onnx });
    expect(encoder.dim).toBe(32);
    await encoder.dispose();
  });
});

describe('a network that cannot be used', () => {
  const place = (name: string, preprocessor: string | undefined, network = readFileSync(onnx)) => {
    const path = join(folder, name);
    mkdirSync(path);
    writeFileSync(join(path, 'vision_model.onnx'), network);
    if (preprocessor !== undefined) writeFileSync(join(path, 'preprocessor_config.json'), preprocessor);
    return path;
  };
  const change = (changes: object) => JSON.stringify({ ...config, ...changes });

  it.each([
    ['bare', undefined, /preprocessor_config\.json is missing.*size, mean and deviation/],
    ['text', 'no json', /preprocessor_config\.json is not JSON/],
    ['field', change({ image_mean: [1, 2] }), /the field "image_mean" is \[1, 2\], but must/],
    ['size', change({ crop_size: 200 }), /takes pictures of 224 x 224 pixels, but .* makes them 200 x 200/],
    ['crop', change({ size: { shortest_edge: 100 } }), /leads to pictures of no fixed size/],
    ['unsized', change({ do_resize: false }), /the field "do_resize" is false, but must be true/],
  ])('says why: %s', async (name, preprocessor, sentence) => {
    await expect(openImageEncoder({ encoder: place(name, preprocessor) })).rejects.toThrow(sentence);
  });

  it('says that a file is no network', async () => {
    const path = place('noise', change({}), Buffer.from('not a network'));
    await expect(openImageEncoder({ encoder: path })).rejects.toThrow(/is no ONNX network that can be run/);
  });

  it('says which encoders there are', async () => {
    await expect(openImageEncoder({ encoder: 'clap' })).rejects.toThrow(/no image encoder "clap"; known are clip/);
    await expect(openImageEncoder({ encoder: 'face-expression', model: 'B/32' })).rejects.toThrow(
      /no choice of models/,
    );
  });
});
