import { describe, expect, it } from 'vitest';
import { nodeEngine } from '../../src/graph/node.js';
import {
  anchorScaleOf,
  createLiveModel,
  createPredictionModel,
  initialParameters,
  parameterShapes,
  type VegaConfig,
} from '../../src/vega/index.js';
import { STEP, TINY, TINY_SHAPE, tinyAnchors, tinyBatch, tinyVega } from './tiny.js';

const anchors = tinyAnchors();
const batch = tinyBatch([5, 3]);
const learned: VegaConfig = { ...TINY, anchorScale: 10, anchorScaleLearned: true };
const step = { ...STEP, learningRate: 0, step: 1 };

/** The total loss and its slope with the logarithm of the factor at `s`. */
async function at(s: number): Promise<{ total: number; slope: number }> {
  const vega = tinyVega(learned, TINY_SHAPE);
  vega.parameters.value('logit_scale')[0] = s;
  const { total } = await vega.trainStep(batch, anchors, step);
  const slope = vega.parameters.gradient('logit_scale')[0];
  await vega.dispose();
  return { total, slope };
}

/** Anchor logits of one set of parameters under two configurations, the factor of the second given by `s`. */
async function anchorLogits(config: VegaConfig, s?: number): Promise<Float32Array> {
  const vega = tinyVega(config, TINY_SHAPE);
  if (s !== undefined) vega.parameters.value('logit_scale')[0] = s;
  const { anchorLogits } = await vega.predict(batch, anchors);
  await vega.dispose();
  return anchorLogits?.fused as Float32Array;
}

describe('a learned factor on cosines', () => {
  it('is a parameter only where it is learned', () => {
    expect([...parameterShapes(TINY, TINY_SHAPE).keys()]).not.toContain('logit_scale');
    expect(parameterShapes(learned, TINY_SHAPE).get('logit_scale')).toEqual([]);
    // Without the anchor branch there is nothing to scale.
    const { anchorDim: _, ...plain } = TINY_SHAPE;
    expect([...parameterShapes(learned, plain).keys()]).not.toContain('logit_scale');
  });

  it('begins at anchorScale, and training moves it', async () => {
    const vega = tinyVega(learned, TINY_SHAPE);
    const scale = () => anchorScaleOf(learned, (name) => vega.parameters.value(name));
    expect(scale()).toBeCloseTo(10, 4);
    const [one, other] = [
      await anchorLogits({ ...learned, anchorScale: 20 }),
      await anchorLogits({ ...TINY, anchorScale: 20 }),
    ];
    expect(one.every((v, i) => Math.abs(v - other[i]) < 1e-4)).toBe(true);
    for (let i = 1; i <= 5; i++)
      await vega.trainStep(batch, anchors, { ...STEP, learningRate: 0.05, weightDecay: 0, step: i });
    expect(Math.abs(scale() - 10)).toBeGreaterThan(0.5);
    await vega.dispose();
  });

  it.each([0.5, Math.log(10), 4])('has the gradient that differences of the loss show, at s = %d', async (s) => {
    const h = 5e-3;
    const [above, below, here] = [await at(s + h), await at(s - h), await at(s)];
    const difference = (above.total - below.total) / (2 * h);
    expect(Math.abs(difference)).toBeGreaterThan(1e-3);
    expect(here.slope / difference).toBeGreaterThan(0.97);
    expect(here.slope / difference).toBeLessThan(1.03);
  });

  it('never passes 100: beyond, logits and loss stay and it has no gradient', async () => {
    const [most, beyond] = [await at(Math.log(100)), await at(6)];
    expect(beyond.total).toBeCloseTo(most.total, 3);
    expect(beyond.slope).toBe(0);
    const [logits, fixed] = [await anchorLogits(learned, 6), await anchorLogits(TINY)];
    expect(logits.every((v, i) => Math.abs(v - fixed[i]) < 1e-3)).toBe(true);
    expect(anchorScaleOf(learned, () => Float32Array.of(6))).toBe(100);
  });

  it('is that of the weights in prediction and in a live conversation', async () => {
    const config = { ...learned, context: 'causal' as const };
    const values = initialParameters(config, TINY_SHAPE, 1, [...parameterShapes(config, TINY_SHAPE).keys()]);
    values.set('logit_scale', Float32Array.of(Math.log(7)));
    const weights = (name: string) => values.get(name);
    const node = nodeEngine({ threads: 1 });
    const model = await createPredictionModel(config, TINY_SHAPE, weights, node);
    const live = await createLiveModel(config, TINY_SHAPE, weights, node);
    const said = tinyBatch([1]);
    const want = (await model.predict(said, anchors)).anchorLogits?.fused as Float32Array;
    const fixed = await createPredictionModel({ ...config, anchorScaleLearned: false }, TINY_SHAPE, weights, node);
    const tens = (await fixed.predict(said, anchors)).anchorLogits?.fused as Float32Array;
    const got = (await live.begin().say(said, anchors)).anchorLogits?.fused as Float32Array;
    for (const [i, v] of want.entries()) {
      expect(v / tens[i]).toBeCloseTo(0.7, 4);
      expect(got[i]).toBeCloseTo(v, 4);
    }
    await Promise.all([model, live, fixed].map((one) => one.dispose()));
  });
});

describe('the warm-up of the anchor loss', () => {
  const warming = { ...TINY, anchorWarmup: 3 };
  const run = async (config: VegaConfig, anchorWeight?: number) => {
    const vega = tinyVega(config, TINY_SHAPE);
    const terms = await vega.trainStep(batch, anchors, { ...step, anchorWeight });
    const gradient = (name: string) => Float32Array.from(vega.parameters.gradient(name));
    const norms = ['all_clip_proj.0.weight', 'all_output_layer.0.weight'].map((name) => Math.hypot(...gradient(name)));
    await vega.dispose();
    return { total: terms.total, norms };
  };
  it('weighs the anchor branch, and nothing else', async () => {
    const [plain, whole, half, none] = [
      await run(TINY),
      await run(warming, 1),
      await run(warming, 0.5),
      await run(warming, 0),
    ];
    expect(whole.total).toBeCloseTo(plain.total, 3);
    expect(half.total).toBeCloseTo((whole.total + none.total) / 2, 3);
    expect(half.norms[0] / whole.norms[0]).toBeCloseTo(0.5, 3);
    expect(none.norms[0]).toBe(0);
    expect(none.norms[1]).toBeCloseTo(plain.norms[1], 4);
  });
});
