import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openFaceApi } from 'vega-merc-encoders';
import { describe, expect, it } from 'vitest';
import { readAnchors } from '../../src/anchors/files.js';
import {
  cropFace,
  decodePicture,
  EXPRESSIONS,
  encodePictureFiles,
  loadFaceTools,
  openImageEncoder,
  type Picture,
} from '../../src/encoders/index.js';

const faces = '../shared/data/faces';
const load = (name: string) => decodePicture(readFileSync(join(faces, name)), name);

/** A face enlarged, turned by some degrees, and put into a larger picture. */
async function scene(face: Picture, degrees: number): Promise<Picture> {
  const enlarged = sharp(face.data, { raw: { width: face.width, height: face.height, channels: 3 } }).resize(240, 240);
  const turned = await sharp(await enlarged.png().toBuffer())
    .rotate(degrees, { background: '#777' })
    .png()
    .toBuffer();
  const bytes = await sharp(turned).extend({ top: 60, bottom: 90, left: 200, right: 30, background: '#777' }).png();
  return decodePicture(await bytes.toBuffer(), 'scene');
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    ab += x * b[i];
    aa += x * x;
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

describe('the face-expression network', () => {
  it('makes the anchors that the released file holds', async () => {
    const encoder = await openImageEncoder({ encoder: 'face-expression' });
    const released = readAnchors('../shared/data/meld/anchors_faceexpr256.pt');
    const folders: Record<string, string> = { sad: 'sadness', happy: 'joy' };
    for (const [c, name] of released.classes.entries()) {
      const folder = join(faces, folders[name] ?? name);
      const files = readdirSync(folder).sort().slice(0, 35);
      const centre = new Float32Array(256);
      for await (const file of encodePictureFiles(
        files.map((each) => join(folder, each)),
        encoder,
      )) {
        if ('problem' in file) throw new Error(file.problem);
        const norm = Math.hypot(...file.embedding);
        for (const [d, x] of file.embedding.entries()) centre[d] += x / norm / files.length;
      }
      expect(cosine(centre, released.centres.subarray(c * 256, (c + 1) * 256)), name).toBeGreaterThan(0.98);
    }
  }, 60_000);

  it('gives the same embedding alone and in a batch, and probabilities that sum to one', async () => {
    const { express } = await loadFaceTools();
    const pictures = await Promise.all(['joy/00.jpg', 'anger/00.jpg'].map(load));
    const both = await express(pictures);
    const alone = await express([pictures[1]]);
    expect(cosine(alone.embeddings, both.embeddings.slice(256))).toBeGreaterThan(0.99999);
    expect(both.probabilities.slice(0, 7).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    expect(EXPRESSIONS[both.probabilities.slice(0, 7).indexOf(Math.max(...both.probabilities.slice(0, 7)))]).toBe(
      'happy',
    );
    expect((await express([])).embeddings.length).toBe(0);
  });

  it('keeps no tensor after a call', async () => {
    const { express, detect } = await loadFaceTools();
    const { faceApi } = await openFaceApi();
    const { memory } = (faceApi as { tf: { memory: () => { numTensors: number } } }).tf;
    const picture = await load('joy/01.jpg');
    await express([picture]);
    await detect(picture, { inputSize: 224 });
    const before = memory().numTensors;
    await express([picture, picture]);
    await detect(picture, { inputSize: 224 });
    expect(memory().numTensors).toBe(before);
  });
});

describe('detection and alignment', () => {
  it('finds a tilted face and levels it', async () => {
    const { detect, express } = await loadFaceTools();
    const upright = await load('joy/01.jpg');
    const tilted = await scene(upright, 25);
    const [face] = await detect(tilted, { inputSize: 224 });
    expect(face.landmarks.length).toBe(68);
    expect(face.score).toBeGreaterThan(0.5);
    const crop = await cropFace(tilted, face);
    expect([crop.width, crop.height]).toEqual([160, 160]);
    const reference = (await express([upright])).embeddings;
    const levelled = cosine((await express([crop])).embeddings, reference);
    expect(levelled).toBeGreaterThan(0.8);
    expect(levelled).toBeGreaterThan(cosine((await express([tilted])).embeddings, reference) + 0.2);
  });

  it('encodes the face instead of the picture', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'face-'));
    const path = join(folder, 'scene.png');
    const upright = await load('joy/01.jpg');
    const { data, width, height } = await scene(upright, 20);
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(path);
    const encoder = await openImageEncoder({ encoder: 'face-expression' });
    const reference = await encoder.embed([upright]);
    for await (const file of encodePictureFiles([path], encoder, { faces: true })) {
      if ('problem' in file) throw new Error(file.problem);
      expect(cosine(file.embedding, reference)).toBeGreaterThan(0.8);
      expect((await sharp(file.thumbnail).metadata()).width).toBe(64);
    }
    rmSync(folder, { recursive: true });
  });

  it('says where no face is found', async () => {
    const encoder = await openImageEncoder({ encoder: 'face-expression' });
    const results = [];
    const path = '../shared/golden/clip/images/square_224.png';
    for await (const file of encodePictureFiles([path], encoder, { faces: true })) results.push(file);
    expect(results).toEqual([{ path, problem: `${path} shows no face that can be found.` }]);
  });
});
