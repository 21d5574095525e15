import { describe, expect, it } from 'vitest';
import type { Vega, VegaShape } from '../../src/vega/index.js';
import { STEP, TINY, TINY_SHAPE, tinyAnchors, tinyBatch, tinyVega } from './tiny.js';

const anchors = tinyAnchors();
const batch = tinyBatch([3, 2]);

/** The same set of anchors several times over. */
const repeated = (count: number) => Float32Array.from(Array.from({ length: count }, () => [...anchors]).flat());

async function gradientsOf(shape: VegaShape, given: Float32Array): Promise<{ vega: Vega; total: number }> {
  const vega = tinyVega(TINY, shape);
  const terms = await vega.trainStep(batch, given, { ...STEP, step: 1 });
  return { vega, total: terms.total };
}

describe('anchors drawn for each dialogue or utterance', () => {
  for (const [anchorDraw, count] of [
    ['dialogue', 2],
    ['utterance', 5],
  ] as const) {
    it(`${anchorDraw}: equal draws are the published step`, async () => {
      const plain = await gradientsOf(TINY_SHAPE, anchors);
      const each = await gradientsOf({ ...TINY_SHAPE, anchorDraw }, repeated(count));
      expect(each.total).toBeCloseTo(plain.total, 3);
      const name = 'all_clip_proj.0.weight';
      const want = plain.vega.parameters.gradient(name);
      for (const [i, v] of each.vega.parameters.gradient(name).entries()) expect(v).toBeCloseTo(want[i], 3);
    });
    it(`${anchorDraw}: each is judged by its own`, async () => {
      const given = repeated(count);
      given.fill(0.5, 0, 8); // the first class of the first set alone
      const one = await gradientsOf({ ...TINY_SHAPE, anchorDraw }, given);
      const other = await gradientsOf({ ...TINY_SHAPE, anchorDraw }, repeated(count));
      expect(one.total).not.toBeCloseTo(other.total, 4);
      await expect(one.vega.trainStep(batch, anchors, { ...STEP, step: 2 })).rejects.toThrow('are not [');
    });
  }
  it('one dialogue alone', async () => {
    const vega = tinyVega(TINY, { ...TINY_SHAPE, anchorDraw: 'dialogue' });
    const terms = await vega.trainStep(tinyBatch([4]), anchors, { ...STEP, step: 1 });
    expect(Number.isFinite(terms.total)).toBe(true);
  });
});

describe('several prototypes a class', () => {
  it('similarity is the log-sum-exp over them: two equal ones add log 2', async () => {
    const twice = new Float32Array(2 * anchors.length);
    for (let c = 0; c < 4; c++) {
      const row = anchors.subarray(c * 8, (c + 1) * 8);
      twice.set(row, 2 * c * 8);
      twice.set(row, (2 * c + 1) * 8);
    }
    const one = tinyVega(TINY, TINY_SHAPE);
    const two = tinyVega(TINY, { ...TINY_SHAPE, prototypes: 2 });
    const a = (await one.predict(batch, anchors)).anchorLogits?.fused as Float32Array;
    const b = (await two.predict(batch, twice)).anchorLogits?.fused as Float32Array;
    expect(b.length).toBe(a.length);
    for (const [i, v] of b.entries()) expect(v).toBeCloseTo(a[i] + Math.LN2, 3);
    const terms = await two.trainStep(batch, twice, { ...STEP, step: 1 });
    expect(Number.isFinite(terms.total)).toBe(true);
  });
});

describe('learned anchors', () => {
  it('are parameters that training moves', async () => {
    const vega = tinyVega(TINY, { ...TINY_SHAPE, learnedAnchors: true });
    const before = Float32Array.from(vega.parameters.value('learned_anchors'));
    expect(vega.parameters.shape('learned_anchors')).toEqual([4, 8]);
    await vega.trainStep(batch, null, { ...STEP, step: 1 });
    expect(vega.parameters.value('learned_anchors')).not.toEqual(before);
    expect((await vega.predict(batch, null)).anchorLogits?.text).toHaveLength(20);
  });
});
