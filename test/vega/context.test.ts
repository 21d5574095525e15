import { describe, expect, it } from 'vitest';
import type { Modality } from '../../src/base/modalities.js';
import type { Batch, Vega, VegaOutputs, VegaShape } from '../../src/vega/index.js';
import { STEP, TINY, TINY_SHAPE, tinyAnchors, tinyBatch, tinyVega } from './tiny.js';

const anchors = tinyAnchors();
const CLASSES = TINY_SHAPE.classes;
const LENGTH = 7;
const partialShape: VegaShape = { ...TINY_SHAPE, partial: ['text', 'audio', 'visual'] };
/** Audio comes late, visual goes early and comes back, one utterance has nothing. */
const presence = {
  text: Uint8Array.of(1, 1, 1, 0, 1, 1, 1),
  audio: Uint8Array.of(0, 0, 0, 0, 1, 1, 0),
  visual: Uint8Array.of(0, 1, 0, 0, 0, 1, 1),
};

/** The first utterances of a batch of one dialogue. */
function begun({ speakers, features, presence }: Batch, length: number): Batch {
  const widths = TINY_SHAPE.dims as Record<Modality, number>;
  const each = <T extends { slice(from: number, to: number): T }>(of: Partial<Record<Modality, T>>, wide: boolean) =>
    Object.fromEntries(
      Object.entries(of).map(([m, x]) => [m, x.slice(0, length * (wide ? widths[m as Modality] : 1))]),
    );
  return {
    lengths: [length],
    speakers: speakers.slice(0, length),
    features: each(features, true),
    ...(presence && { presence: each(presence, false) }),
  };
}

/** The greatest difference in anything that two outputs say of utterances `from` to `to`. */
function difference(a: VegaOutputs, b: VegaOutputs, from: number, to: number): number {
  let worst = 0;
  for (const kind of ['logits', 'anchorLogits'] as const) {
    for (const branch of ['text', 'audio', 'visual', 'fused'] as const) {
      const [one, other] = [a[kind]?.[branch] as Float32Array, b[kind]?.[branch] as Float32Array];
      // Anchor logits are cosines times 100.
      const scale = kind === 'logits' ? 1 : 100;
      for (let i = from * CLASSES; i < to * CLASSES; i++) worst = Math.max(worst, Math.abs(one[i] - other[i]) / scale);
    }
  }
  return worst;
}

/** A model that has learned for some steps, so that no head is the one it began as. */
async function learned(context: 'causal' | 'none' | 'full', shape: VegaShape): Promise<Vega> {
  const vega = tinyVega({ ...TINY, context }, shape);
  const batch = { ...tinyBatch([LENGTH]), ...(shape.partial && { presence }) };
  for (let step = 1; step <= 5; step++) await vega.trainStep(batch, anchors, { ...STEP, learningRate: 0.01, step });
  return vega;
}

const whole = tinyBatch([LENGTH], TINY_SHAPE, 3);
const shapes: [what: string, shape: VegaShape, batch: Batch][] = [
  ['everything present', TINY_SHAPE, whole],
  ['modalities missing early, late and altogether', partialShape, { ...whole, presence }],
];

describe.each(shapes)('causal context, %s', (_, shape, batch) => {
  it('no prediction changes when later utterances are appended', async () => {
    const vega = await learned('causal', shape);
    const all = await vega.predict(batch, anchors);
    for (let length = 1; length < LENGTH; length++) {
      const part = await vega.predict(begun(batch, length), anchors);
      expect(difference(all, part, 0, length), `${length} utterances`).toBeLessThan(1e-5);
    }
  });

  it('but an earlier utterance counts, and with full context a later one does', async () => {
    const causal = await learned('causal', shape);
    const first: Batch = { ...batch, speakers: batch.speakers.map((s, i) => (i === 0 ? (s + 1) % 3 : s)) };
    const [before, after] = [await causal.predict(batch, anchors), await causal.predict(first, anchors)];
    expect(difference(before, after, 1, LENGTH)).toBeGreaterThan(1e-4);
    const full = await learned('full', shape);
    const [all, part] = [await full.predict(batch, anchors), await full.predict(begun(batch, LENGTH - 1), anchors)];
    expect(difference(all, part, 0, LENGTH - 1)).toBeGreaterThan(1e-4);
  });
});

describe.each(shapes)('no context, %s', (_, shape, batch) => {
  it('an utterance is predicted alike whatever the others of its dialogue are', async () => {
    const vega = await learned('none', shape);
    const alone = await vega.predict(batch, anchors);
    for (let i = 0; i < LENGTH; i++) {
      const others = tinyBatch([LENGTH], TINY_SHAPE, 10 + i);
      const features = Object.fromEntries(
        Object.entries(others.features).map(([m, x]) => {
          const width = TINY_SHAPE.dims[m as Modality] as number;
          const rows = Float32Array.from(x);
          rows.set((batch.features[m as Modality] as Float32Array).subarray(i * width, (i + 1) * width), i * width);
          return [m, rows];
        }),
      );
      const speakers = others.speakers.map((s, j) => (j === i ? batch.speakers[i] : s));
      const there = batch.presence && {
        presence: Object.fromEntries(
          Object.entries(batch.presence).map(([m, p]) => [m, p.map((v, j) => (j === i ? v : 1 - v))]),
        ),
      };
      const among = await vega.predict({ lengths: [LENGTH], speakers, features, ...there }, anchors);
      expect(difference(alone, among, i, i + 1), `utterance ${i}`).toBeLessThan(1e-5);
    }
  });
});
