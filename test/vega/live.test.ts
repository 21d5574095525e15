import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Modality } from '../../src/base/modalities.js';
import type { Engine } from '../../src/graph/index.js';
import { nodeEngine, openSessions } from '../../src/graph/node.js';
import { webEngine } from '../../src/graph/web.js';
import {
  type Batch,
  createLiveModel,
  createPredictionModel,
  initialParameters,
  parameterShapes,
  type VegaConfig,
  type VegaOutputs,
  type VegaShape,
} from '../../src/vega/index.js';
import { TINY, TINY_SHAPE, tinyAnchors, tinyBatch } from './tiny.js';

const LENGTH = 40;
const anchors = tinyAnchors();
const node = nodeEngine({ threads: 1 });

let sessions: number;
beforeEach(() => {
  sessions = openSessions();
});
afterEach(() => expect(openSessions(), 'open sessions').toBe(sessions));

/** Parameters that are far from what training starts from, so that attention is not nearly even. */
function weightsOf(config: VegaConfig, shape: VegaShape) {
  const values = initialParameters(config, shape, 1, [...parameterShapes(config, shape).keys()]);
  for (const [name, value] of values)
    if (/linear_[qk].weight/.test(name)) for (let i = 0; i < value.length; i++) value[i] *= 4;
  return (name: string) => values.get(name);
}

/** Utterances `from` to `to` of a batch of one dialogue. */
function part(batch: Batch, from: number, to: number): Batch {
  const widths = TINY_SHAPE.dims as Record<Modality, number>;
  return {
    lengths: [to - from],
    speakers: batch.speakers.slice(from, to),
    features: Object.fromEntries(
      Object.entries(batch.features).map(([m, x]) => [
        m,
        x.slice(from * widths[m as Modality], to * widths[m as Modality]),
      ]),
    ),
    ...(batch.presence && {
      presence: Object.fromEntries(Object.entries(batch.presence).map(([m, p]) => [m, p.slice(from, to)])),
    }),
  };
}

/** The last row of what was computed for `n` utterances. */
const lastRow = (values: Float32Array, n: number) => values.slice((values.length / n) * (n - 1));

function expectSame(one: VegaOutputs, whole: VegaOutputs, n: number): void {
  const pairs: [string, Float32Array, Float32Array, number][] = [['fused', one.fused, whole.fused, 1]];
  for (const branch of ['text', 'audio', 'visual', 'fused'] as const) {
    pairs.push([branch, one.logits[branch] as Float32Array, whole.logits[branch] as Float32Array, 1]);
    // Anchor logits are cosines times 100.
    pairs.push([
      `${branch} anchors`,
      one.anchorLogits?.[branch] as Float32Array,
      whole.anchorLogits?.[branch] as Float32Array,
      100,
    ]);
  }
  for (const [what, got, all, scale] of pairs) {
    const want = lastRow(all, n);
    expect(got.length, what).toBe(want.length);
    const worst = got.reduce((most, v, i) => Math.max(most, Math.abs(v - want[i]) / scale), 0);
    expect(worst, `${what} of utterance ${n - 1}`).toBeLessThan(1e-5);
  }
  expect([...(one.evidence?.shares ?? [])]).toEqual(
    [...lastRow(whole.evidence?.shares as Float32Array, n)].map((v) => expect.closeTo(v, 5)),
  );
  expect([...(one.evidence?.attention ?? [])]).toEqual(
    [...lastRow(whole.evidence?.attention as Float32Array, n)].map((v) => expect.closeTo(v, 5)),
  );
}

const partial: VegaShape = { ...TINY_SHAPE, partial: ['text', 'audio', 'visual'] };
const whole = tinyBatch([LENGTH], TINY_SHAPE, 3);
const gaps: Batch = {
  ...whole,
  presence: {
    text: Uint8Array.from({ length: LENGTH }, (_, i) => (i % 5 === 3 ? 0 : 1)),
    audio: Uint8Array.from({ length: LENGTH }, (_, i) => (i < 6 || i % 3 === 0 ? 0 : 1)),
    visual: Uint8Array.from({ length: LENGTH }, (_, i) => (i % 4 === 1 ? 1 : 0)),
  },
};
const engines: [string, Engine][] = [
  ['node', node],
  ['web', webEngine()],
];

describe.each([
  ['everything present', TINY_SHAPE, whole],
  ['modalities missing early, often and together', partial, gaps],
] as [string, VegaShape, Batch][])('a live conversation, %s', (_, shape, batch) => {
  it.each(
    engines.flatMap(([name, engine]) =>
      (['causal', 'none'] as const).map((context) => [context, name, engine] as const),
    ),
  )(
    'with context %s on %s answers at every position what the whole conversation so far gives',
    async (context, _name, engine) => {
      const config = { ...TINY, context };
      const weights = weightsOf(config, shape);
      const model = await createPredictionModel(config, shape, weights, node, { evidence: true });
      const live = await createLiveModel(config, shape, weights, engine);
      const [one, other] = [live.begin(), live.begin()];
      for (let i = 0; i < LENGTH; i++) {
        const prefix = await model.predict(part(batch, 0, i + 1), anchors);
        expectSame(await one.say(part(batch, i, i + 1), anchors), prefix, i + 1);
        // Another conversation beside it, of which this one must know nothing.
        if (i < 2) await other.say(part(batch, 7 + i, 8 + i), anchors);
      }
      expect([one.length, other.length]).toEqual([LENGTH, 2]);
      await model.dispose();
      await live.dispose();
    },
  );
});

it('refuses full context, two utterances at once, and a disposed model', async () => {
  const weights = weightsOf(TINY, TINY_SHAPE);
  await expect(createLiveModel({ ...TINY, context: 'full' }, TINY_SHAPE, weights, node)).rejects.toThrow(
    'full context',
  );
  const live = await createLiveModel({ ...TINY, context: 'causal' }, TINY_SHAPE, weights, node);
  await expect(live.begin().say(part(whole, 0, 2), anchors)).rejects.toThrow('One utterance is said at a time');
  await live.dispose();
  expect(() => live.begin()).toThrow('disposed');
});
