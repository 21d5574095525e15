import { describe, expect, it } from 'vitest';
import type { Engine } from '../../src/graph/index.js';
import { nodeEngine } from '../../src/graph/node.js';
import { checkParameterMemory } from '../../src/vega/check.js';
import { type Batch, createVega, type Vega, type VegaShape } from '../../src/vega/index.js';
import { dialoguesOf, STEP, TINY, TINY_SHAPE, tinyAnchors, tinyBatch, tinyVega } from './tiny.js';

const anchors = tinyAnchors();

/** The greatest difference of two arrays. */
function distance(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((worst, v, i) => Math.max(worst, Math.abs(v - b[i])), 0);
}

async function fusedLogits(vega: Vega, batch: Batch): Promise<Float32Array> {
  return (await vega.predict(batch, anchors)).logits.fused as Float32Array;
}

/** Copies the parameters of one model into another that has them too. */
function copyParameters(from: Vega, to: Vega): void {
  for (const name of to.parameters.names) to.parameters.value(name).set(from.parameters.value(name));
}

describe('packing', () => {
  it('gives each dialogue what it gets alone, whatever else is in the batch', async () => {
    const vega = tinyVega(TINY, TINY_SHAPE);
    const batch = tinyBatch([5, 1, 9]);
    const together = await fusedLogits(vega, batch);
    const apart = [0, 1, 2].map((d) => fusedLogits(vega, dialoguesOf(batch, d, d + 1)));
    const joined = Float32Array.from((await Promise.all(apart)).flatMap((x) => [...x]));
    expect(distance(together, joined)).toBeLessThan(1e-5);
  });
  it('takes dialogues longer than 512 utterances', async () => {
    const vega = tinyVega(TINY, TINY_SHAPE);
    const out = await vega.predict(tinyBatch([700, 2]), anchors);
    expect(out.fused.length).toBe(702 * 16);
    expect(out.fused.every(Number.isFinite)).toBe(true);
    const terms = await vega.trainStep(tinyBatch([700, 2]), anchors, { ...STEP, step: 1 });
    expect(Number.isFinite(terms.total)).toBe(true);
  });
});

describe('missing modalities', () => {
  const partialShape: VegaShape = { ...TINY_SHAPE, partial: ['audio', 'visual'] };
  const present = { audio: Uint8Array.of(1, 0, 1, 1, 0, 0, 1), visual: Uint8Array.of(1, 1, 0, 1, 0, 0, 1) };

  it('with everything present, the numbers are those of the model without presence', async () => {
    const plain = tinyVega(TINY, TINY_SHAPE);
    const partial = tinyVega(TINY, partialShape);
    copyParameters(plain, partial);
    const batch = tinyBatch([4, 3]);
    const full = { audio: new Uint8Array(7).fill(1), visual: new Uint8Array(7).fill(1) };
    const [a, b] = [await plain.predict(batch, anchors), await partial.predict({ ...batch, presence: full }, anchors)];
    for (const branch of ['text', 'audio', 'visual', 'fused'] as const) {
      expect(distance(a.logits[branch] as Float32Array, b.logits[branch] as Float32Array)).toBeLessThan(1e-6);
    }
    const first = await plain.trainStep(batch, anchors, { ...STEP, step: 1 });
    const second = await partial.trainStep({ ...batch, presence: full }, anchors, { ...STEP, step: 1 });
    for (const [name, value] of Object.entries(first)) expect(second[name]).toBeCloseTo(value, 4);
    for (const name of plain.parameters.names.filter((n) => !n.endsWith('linear_k.bias'))) {
      const error = distance(plain.parameters.gradient(name), partial.parameters.gradient(name));
      expect(error, name).toBeLessThan(1e-4);
    }
  });

  it('what an absent feature holds changes nothing: no output, no loss, no gradient', async () => {
    const run = async (fill: number) => {
      const vega = tinyVega({ ...TINY, dropout: 0.2 }, partialShape);
      const batch = tinyBatch([4, 3]);
      for (const m of ['audio', 'visual'] as const) {
        const width = TINY_SHAPE.dims[m] as number;
        present[m].forEach((there, i) => {
          if (!there) batch.features[m]?.fill(fill, i * width, (i + 1) * width);
        });
      }
      const out = await vega.predict({ ...batch, presence: present }, anchors);
      const terms = await vega.trainStep({ ...batch, presence: present }, anchors, { ...STEP, step: 1 });
      const gradients = vega.parameters.names.map((name) => Float32Array.from(vega.parameters.gradient(name)));
      return { out, terms, gradients, names: vega.parameters.names };
    };
    const [zero, other] = [await run(0), await run(3)];
    expect(distance(zero.out.fused, other.out.fused)).toBeLessThan(1e-5);
    expect(distance(zero.out.logits.text as Float32Array, other.out.logits.text as Float32Array)).toBeLessThan(1e-5);
    for (const [name, value] of Object.entries(zero.terms)) expect(other.terms[name], name).toBeCloseTo(value, 4);
    zero.gradients.forEach((gradient, i) => {
      if (zero.names[i].endsWith('linear_k.bias')) return;
      expect(distance(gradient, other.gradients[i]), zero.names[i]).toBeLessThan(1e-4);
    });
  });

  it('a dialogue without any key of a source, or an utterance without any modality, stays finite', async () => {
    const shape: VegaShape = { ...TINY_SHAPE, partial: ['text', 'audio', 'visual'] };
    const vega = tinyVega(TINY, shape);
    const none = new Uint8Array(5);
    const batch: Batch = {
      ...tinyBatch([3, 2]),
      presence: { text: Uint8Array.of(1, 1, 0, 0, 0), audio: none, visual: none },
    };
    const out = await vega.predict(batch, anchors);
    for (const x of Object.values(out.logits)) expect(x.every(Number.isFinite)).toBe(true);
    // nothing is present in the second dialogue: its fused representation is zero
    expect([...out.fused.slice(2 * 16)].every((v) => v === 0)).toBe(true);
    const terms = await vega.trainStep(batch, anchors, { ...STEP, step: 1 });
    expect(Object.values(terms).every(Number.isFinite)).toBe(true);
    expect(terms['ce.audio']).toBeCloseTo(0, 12);
    for (const name of vega.parameters.names) expect(vega.parameters.gradient(name).every(Number.isFinite)).toBe(true);
  });

  it('a modality that the corpus lacks has no branch', async () => {
    const shape: VegaShape = { ...TINY_SHAPE, dims: { text: 6 } };
    const vega = tinyVega(TINY, shape);
    expect(vega.parameters.names.some((n) => n.startsWith('a_') || n.startsWith('v_') || n.startsWith('acouf'))).toBe(
      false,
    );
    const batch = tinyBatch([3, 2], shape);
    const out = await vega.predict(batch, anchors);
    expect(Object.keys(out.logits)).toEqual(['text', 'fused']);
    const terms = await vega.trainStep(batch, anchors, { ...STEP, step: 1 });
    expect(Object.keys(terms)).toEqual([
      'ce.text',
      'ce.all',
      'kl.text',
      'anchor_ce.text',
      'anchor_ce.all',
      'anchor_kl.text',
      'total',
    ]);
  });
});

describe('training', () => {
  const dropping = {
    ...TINY,
    dropout: 0.3,
    classHead: { ...TINY.classHead, dropout: 0.3 },
    anchorHead: { ...TINY.anchorHead, dropout: 0.3 },
  };
  const train = async (seed: number, steps: number) => {
    const vega = tinyVega(dropping, TINY_SHAPE, { seed });
    const terms = [];
    for (let step = 1; step <= steps; step++) {
      terms.push(await vega.trainStep(tinyBatch([5, 3]), anchors, { ...STEP, seed, step }));
    }
    return { vega, terms };
  };
  it('has fourteen terms and their total', async () => {
    const { terms } = await train(1, 1);
    expect(Object.keys(terms[0])).toHaveLength(15);
  });
  it('the same seed gives the same bytes, another seed others', async () => {
    const [a, b, c] = [await train(3, 4), await train(3, 4), await train(4, 4)];
    for (const name of a.vega.parameters.names) {
      expect(a.vega.parameters.value(name)).toEqual(b.vega.parameters.value(name));
    }
    expect(a.vega.parameters.value('textf_input.weight')).not.toEqual(c.vega.parameters.value('textf_input.weight'));
  });
  it('learns a batch by heart', async () => {
    const vega = tinyVega(TINY, TINY_SHAPE);
    const losses: number[] = [];
    for (let step = 1; step <= 150; step++) {
      const terms = await vega.trainStep(tinyBatch([5, 3]), anchors, { ...STEP, learningRate: 3e-3, step });
      losses.push(terms['ce.all']);
    }
    expect(losses[149]).toBeLessThan(0.1 * losses[0]);
  });
  it('skips unlabelled utterances: the loss is the weighted mean over the others, -1 is no class', async () => {
    const vega = tinyVega(TINY, TINY_SHAPE);
    const labels = Int32Array.of(3, -1, 0, 2, -1);
    const classWeights = Float32Array.of(1, 5, 2, 3);
    const batch: Batch = { ...tinyBatch([5]), labels };
    const logits = (await vega.predict(batch, anchors)).logits.fused as Float32Array;
    const terms = await vega.trainStep(batch, anchors, { ...STEP, classWeights, step: 1 });
    let loss = 0;
    let weights = 0;
    labels.forEach((y, n) => {
      if (y < 0) return;
      const row = logits.slice(n * 4, n * 4 + 4);
      loss += classWeights[y] * (Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0)) - row[y]);
      weights += classWeights[y];
    });
    expect(terms['ce.all']).toBeCloseTo(loss / weights, 5);
  });
  it('changes nothing when a term is not finite', async () => {
    const vega = tinyVega(TINY, TINY_SHAPE);
    const before = Float32Array.from(vega.parameters.value('textf_input.weight'));
    const batch = tinyBatch([3]);
    (batch.features.text as Float32Array)[0] = Number.NaN;
    const terms = await vega.trainStep(batch, anchors, { ...STEP, step: 1 });
    expect(terms.total).toBeNaN();
    expect(vega.parameters.value('textf_input.weight')).toEqual(before);
  });
  it('clips the gradient as a whole: to the norm asked for, in its own direction', async () => {
    // After one step the first moment is a tenth of the gradient as AdamW was given it.
    const given = async (clipNorm: number) => {
      const vega = tinyVega(TINY, TINY_SHAPE);
      await vega.trainStep(tinyBatch([3]), anchors, { ...STEP, step: 1, clipNorm });
      return Float64Array.from(vega.parameters.names.flatMap((name) => [...vega.parameters.firstMoment(name)]));
    };
    const norm = (x: Float64Array) => 10 * Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
    const [free, loose, clipped] = [await given(0), await given(1e6), await given(1e-3)];
    expect(norm(free)).toBeGreaterThan(1);
    expect(loose).toEqual(free);
    expect(norm(clipped) / 1e-3).toBeCloseTo(1, 3);
    const cosine = (100 * clipped.reduce((sum, v, i) => sum + v * free[i], 0)) / (norm(clipped) * norm(free));
    expect(cosine).toBeCloseTo(1, 6);
  });
  it('changes nothing where the losses are finite and the gradient is not, and says so', async () => {
    const node = nodeEngine({ threads: 1 });
    const engine: Engine = {
      name: 'breaks one gradient',
      async compile(...args) {
        const session = await node.compile(...args);
        return {
          ...session,
          async run(feeds, into = {}) {
            const results = await session.run(feeds, into);
            (into['gradient.last_gate.fc.weight'].data as Float32Array)[7] = Number.POSITIVE_INFINITY;
            return results;
          },
        };
      },
    };
    const vega = createVega(TINY, TINY_SHAPE, engine);
    const before = vega.parameters.names.map((name) => Float32Array.from(vega.parameters.value(name)));
    const { gradient, ...terms } = await vega.trainStep(tinyBatch([3]), anchors, { ...STEP, step: 1 });
    expect(gradient).toBe(Number.POSITIVE_INFINITY);
    expect(Object.values(terms).every(Number.isFinite)).toBe(true);
    for (const [i, name] of vega.parameters.names.entries()) {
      expect(vega.parameters.value(name), name).toEqual(before[i]);
      expect(vega.parameters.firstMoment(name).every((v) => v === 0)).toBe(true);
    }
    await vega.dispose();
  });
  it('refuses a second step before the first has ended', async () => {
    const vega = tinyVega(TINY, TINY_SHAPE);
    const step = () => vega.trainStep(tinyBatch([3]), anchors, { ...STEP, step: 1 });
    const first = step();
    await expect(step()).rejects.toThrow('before the one before it had ended');
    expect((await first).total).toBeGreaterThan(0);
    await vega.dispose();
  });
  it('does not touch what no loss trains', async () => {
    const { vega } = await train(1, 3);
    expect([...vega.parameters.value('prob_gate_logit')]).toEqual([0]);
    expect(new Set(vega.parameters.value('t_t.transformer_inter.0.layer_norm.weight'))).toEqual(new Set([1]));
    // the padding speaker stays zero
    expect(new Set(vega.parameters.value('speaker_embeddings.weight').slice(3 * 16))).toEqual(new Set([0]));
  });
});

describe('sizes that cannot work', () => {
  it('a model too large for WebAssembly is refused with the largest width that fits', () => {
    const wide = { ...TINY, hidden: 8192, attentionHeads: 4 };
    const message =
      /hidden = 8192, 4 classes and 3 speakers needs [\d.]+ GiB .* largest width that fits is hidden = (\d+)/;
    expect(() => tinyVega(wide, TINY_SHAPE)).toThrow(message);
    let fits = 0;
    try {
      tinyVega(wide, TINY_SHAPE);
    } catch (error) {
      fits = Number(message.exec((error as Error).message)?.[1]);
    }
    expect(fits).toBeGreaterThan(1024);
    expect(fits % 4).toBe(0);
    expect(() => checkParameterMemory({ ...wide, hidden: fits }, TINY_SHAPE)).not.toThrow();
    expect(() => checkParameterMemory({ ...wide, hidden: fits + 4 }, TINY_SHAPE)).toThrow('GiB');
  });
  it('so are a billion classes or speakers', () => {
    expect(() => tinyVega(TINY, { ...TINY_SHAPE, classes: 1e9 })).toThrow('No width fits');
    expect(() => tinyVega(TINY, { ...TINY_SHAPE, speakers: 1e9 })).toThrow('No width fits');
  });
  it('a dialogue too long for attention is refused with the greatest length', async () => {
    const vega = tinyVega({ ...TINY, dropout: 0.1 }, TINY_SHAPE);
    const long = tinyBatch([20_000]);
    await expect(vega.predict(long, anchors)).rejects.toThrow('20000 utterances is too long: for one dialogue');
    await expect(vega.predict(long, anchors)).rejects.toThrow('up to 16384');
    await expect(vega.trainStep(long, anchors, { ...STEP, step: 1 })).rejects.toThrow('is too long');
    await vega.dispose();
  });
});

describe('wrong use', () => {
  it('is refused in a sentence', async () => {
    expect(() => tinyVega({ ...TINY, hidden: 18, attentionHeads: 4 }, TINY_SHAPE)).toThrow(
      'multiple of attentionHeads',
    );
    const vega = tinyVega(TINY, TINY_SHAPE);
    const batch = tinyBatch([2]);
    await expect(vega.predict({ ...batch, speakers: Int32Array.of(0, 4) }, anchors)).rejects.toThrow('3 speakers');
    await expect(vega.predict({ ...batch, features: {} }, anchors)).rejects.toThrow('text features');
  });
});
