import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/graph/index.js';
import { nodeEngine, openSessions } from '../../src/graph/node.js';
import { webEngine } from '../../src/graph/web.js';
import {
  type Batch,
  createPredictionModel,
  createVega,
  initialParameters,
  parameterShapes,
  type VegaConfig,
  type VegaShape,
} from '../../src/vega/index.js';
import { STEP, TINY, TINY_SHAPE, tinyAnchors, tinyBatch } from './tiny.js';

const anchors = tinyAnchors();
const node = nodeEngine({ threads: 1 });
const partial: VegaShape = { ...TINY_SHAPE, partial: ['audio', 'visual'] };
const presence = { audio: Uint8Array.of(1, 0, 1, 0, 0), visual: Uint8Array.of(1, 1, 1, 0, 0) };

let sessions: number;
beforeEach(() => {
  sessions = openSessions();
});
afterEach(() => expect(openSessions(), 'open sessions').toBe(sessions));

/** A prediction model with the parameters that seed 1 starts from. */
function initialModel(config: VegaConfig, shape: VegaShape, engine: Engine = node, evidence = false) {
  const values = initialParameters(config, shape, 1, [...parameterShapes(config, shape).keys()]);
  return createPredictionModel(config, shape, (name) => values.get(name), engine, { evidence });
}

describe('a model for prediction', () => {
  it.each([
    ['node', node],
    ['web', webEngine()],
  ])('on %s gives what the model in training gives', async (_, engine) => {
    const vega = createVega(TINY, partial, node, { seed: 1 });
    const model = await initialModel(TINY, partial, engine);
    const batch: Batch = { ...tinyBatch([3, 2]), presence };
    const [want, got] = [await vega.predict(batch, anchors), await model.predict(batch, anchors)];
    for (const [branch, logits] of Object.entries(want.logits)) {
      for (const [i, v] of logits.entries()) expect(got.logits[branch as 'fused']?.[i]).toBeCloseTo(v, 4);
    }
    for (const [i, v] of (want.anchorLogits?.fused ?? []).entries()) {
      expect(got.anchorLogits?.fused?.[i]).toBeCloseTo(v, 3);
    }
    expect(got.evidence).toBeUndefined();
    await vega.dispose();
    await model.dispose();
  });
  it('knows every parameter of the model in training, in its order, and what it starts from', async () => {
    const vega = createVega(TINY, TINY_SHAPE, node, { seed: 5 });
    const shapes = parameterShapes(TINY, TINY_SHAPE);
    expect([...shapes.keys()]).toEqual(vega.parameters.names);
    const some = ['speaker_embeddings.weight', 't_a.transformer_inter.0.self_attn.linear_v.bias', 'prob_gate_logit'];
    for (const [name, value] of initialParameters(TINY, TINY_SHAPE, 5, some)) {
      expect(value, name).toEqual(vega.parameters.value(name));
    }
    await vega.dispose();
  });
  it('names a parameter that is missing or of another size', async () => {
    const make = (values: Float32Array | undefined) =>
      createPredictionModel(
        TINY,
        TINY_SHAPE,
        (name) => (name === 'speaker_embeddings.weight' ? values : undefined),
        node,
      );
    await expect(make(undefined)).rejects.toThrow('has no values');
    await expect(make(new Float32Array(3))).rejects.toThrow(
      '"speaker_embeddings.weight" has 3 values; the model needs 64',
    );
  });
});

describe('evidence', () => {
  it('shares of modalities and attention sum to 1, and leave out what is not there', async () => {
    const model = await initialModel(TINY, partial, node, true);
    const { evidence } = await model.predict({ ...tinyBatch([3, 2]), presence }, anchors);
    const { modalities, shares, attention } = evidence as NonNullable<typeof evidence>;
    expect(modalities).toEqual(['text', 'audio', 'visual']);
    expect(shares).toHaveLength(15);
    for (let n = 0; n < 5; n++) {
      expect(shares.slice(n * 3, n * 3 + 3).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      if (!presence.audio[n]) expect(shares[n * 3 + 1]).toBe(0);
    }
    expect(shares[3 * 3]).toBeCloseTo(1, 6); // text alone
    expect(attention).toHaveLength(2 * 3 * 3);
    const row = (d: number, q: number) => [...attention.slice((d * 3 + q) * 3, (d * 3 + q + 1) * 3)];
    for (const [d, q] of [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 0],
      [1, 1],
    ]) {
      expect(row(d, q).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      expect(row(d, q).every((v) => v >= 0)).toBe(true);
    }
    expect(row(1, 0)[2]).toBe(0);
    expect(row(1, 2)).toEqual([0, 0, 0]);
    await model.dispose();
  });
  it('with causal context nobody looks ahead; with none everyone looks at themselves', async () => {
    const causal = await initialModel({ ...TINY, context: 'causal' }, TINY_SHAPE, node, true);
    const { evidence } = await causal.predict(tinyBatch([3]), anchors);
    expect(evidence?.attention[0]).toBeCloseTo(1, 6);
    expect([...(evidence?.attention.slice(1, 3) ?? [])]).toEqual([0, 0]);
    await causal.dispose();
    const none = await initialModel({ ...TINY, context: 'none' }, TINY_SHAPE, node, true);
    const alone = (await none.predict(tinyBatch([2]), anchors)).evidence;
    expect([...(alone?.attention ?? [])]).toEqual([1, 0, 0, 1]);
    await none.dispose();
  });
});

describe('dispose', () => {
  it('frees both graphs, and refuses what comes after', async () => {
    const vega = createVega(TINY, TINY_SHAPE, node);
    await vega.predict(tinyBatch([2]), anchors);
    await vega.trainStep(tinyBatch([2]), anchors, { ...STEP, step: 1 });
    expect(openSessions()).toBe(sessions + 2);
    await vega.dispose();
    await vega.dispose();
    expect(openSessions()).toBe(sessions);
    await expect(vega.predict(tinyBatch([2]), anchors)).rejects.toThrow('disposed');
    const model = await initialModel(TINY, TINY_SHAPE);
    await model.dispose();
    await expect(model.predict(tinyBatch([2]), anchors)).rejects.toThrow('disposed');
  });
  it('frees the one graph where the other could not be compiled, which the next use tries again', async () => {
    let refuse = true;
    const engine: Engine = {
      name: 'fails at first',
      compile: (...args) => (refuse ? Promise.reject(new Error('no memory')) : node.compile(...args)),
    };
    const vega = createVega(TINY, TINY_SHAPE, engine);
    await expect(vega.predict(tinyBatch([2]), anchors)).rejects.toThrow('no memory');
    refuse = false;
    await vega.predict(tinyBatch([2]), anchors);
    refuse = true;
    await expect(vega.trainStep(tinyBatch([2]), anchors, { ...STEP, step: 1 })).rejects.toThrow('no memory');
    await vega.dispose();
  });
});
