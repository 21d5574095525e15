import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { createCorpus, sampleCorpus } from '../../src/corpus/index.js';
import { checkGolden } from '../../src/evaluation/golden.js';
import { compileGraph, type Engine, Graph, ops } from '../../src/graph/index.js';
import { nodeEngine } from '../../src/graph/node.js';
import type { Provider } from '../../src/graph/providers.js';
import { open } from '../../src/prediction/node/index.js';
import { readRunConfig } from '../../src/run/index.js';
import { train } from '../../src/training/index.js';
import {
  type Batch,
  createLiveModel,
  createPredictionModel,
  createVega,
  initialParameters,
  parameterShapes,
  released,
  type VegaConfig,
  type VegaOutputs,
  type VegaShape,
} from '../../src/vega/index.js';
import { dialoguesOf, STEP, TINY, TINY_SHAPE, tinyBatch } from '../vega/tiny.js';
import { hasWebgpu } from './device.js';

const found = await hasWebgpu();
/** A software device takes its time, with the compilation of shaders above all. */
vi.setConfig({ testTimeout: 600_000 });
const cpu = nodeEngine({ threads: 1 });
/** Refuses a graph of which the device would leave any node to the processor. */
const device = nodeEngine({ provider: 'webgpu', wholly: true });

const variants: Record<string, [VegaConfig, VegaShape]> = {
  'as published': [{ ...TINY, dropout: 0.1 }, TINY_SHAPE],
  'with prototypes, missing modalities and rectifiers': [
    {
      ...TINY,
      context: 'causal',
      classHead: { layers: 2, activation: 'relu', dropout: 0.2 },
      anchorHead: { layers: 2, activation: 'leaky_relu', dropout: 0 },
    },
    { ...TINY_SHAPE, prototypes: 2, partial: ['audio', 'visual'] },
  ],
};

function batchOf(shape: VegaShape): Batch {
  const batch = tinyBatch([3, 2], shape);
  if (!shape.partial) return batch;
  return { ...batch, presence: { audio: Uint8Array.of(1, 0, 1, 0, 0), visual: Uint8Array.of(1, 1, 1, 0, 0) } };
}

const anchorsOf = ({ classes, prototypes = 1, anchorDim = 0 }: VegaShape) =>
  Float32Array.from({ length: classes * prototypes * anchorDim }, (_, i) => Math.cos(i * i));

function expectClose(got: VegaOutputs, want: VegaOutputs): void {
  const flat = ({ fused, logits, anchorLogits = {} }: VegaOutputs) =>
    [fused, ...Object.values(logits), ...Object.values(anchorLogits)].flatMap((values) => [...values]);
  const [a, b] = [flat(got), flat(want)];
  expect(a.length).toBe(b.length);
  for (const [i, v] of b.entries()) expect(Math.abs(a[i] - v) / Math.max(1, Math.abs(v))).toBeLessThan(1e-4);
}

describe.skipIf(!found)('WebGPU', () => {
  it('refuses a graph that it would leave in part to the processor, where it shall not', async () => {
    const graph = new Graph();
    const y = ops.logSoftmax(graph.input('x', ['n', 3]));
    const whole: Engine = { ...device, lacks: undefined };
    await expect(compileGraph(whole, graph, new Map([['y', y]]))).rejects.toThrow('fallback to CPU EP');
    await (await compileGraph(device, graph, new Map([['y', y]]))).dispose();
  });

  describe.each(Object.entries(variants))('computes every node of a model %s', (_, [config, shape]) => {
    const batch = batchOf(shape);
    const anchors = anchorsOf(shape);
    const values = initialParameters(config, shape, 1, [...parameterShapes(config, shape).keys()]);

    it('in training, with the losses of the processor', async () => {
      const [want, got] = await Promise.all(
        [cpu, device].map(async (engine) => {
          const vega = createVega(config, shape, engine, { seed: 1 });
          const losses: Record<string, number>[] = [];
          for (const step of [1, 2, 3]) losses.push(await vega.trainStep(batch, anchors, { ...STEP, step }));
          await vega.dispose();
          return losses;
        }),
      );
      for (const [step, terms] of want.entries()) {
        for (const [name, v] of Object.entries(terms))
          expect(Math.abs(got[step][name] - v) / Math.max(1, Math.abs(v)), name).toBeLessThan(1e-5);
      }
    });

    it('with parameters and moments that stay there, as the processor has them', async () => {
      const [want, got] = await Promise.all(
        [cpu, device].map(async (engine) => {
          const vega = createVega(config, shape, engine, { seed: 1 });
          // The third step is clipped; what is written between is seen by the fourth.
          for (const step of [1, 2, 3])
            await vega.trainStep(batch, anchors, { ...STEP, step, ...(step === 3 && { clipNorm: 0.01 }) });
          const predicted = await vega.predict(batch, anchors);
          await vega.readBack();
          vega.parameters.value(vega.parameters.names[0])[0] += 0.5;
          await vega.trainStep(batch, anchors, { ...STEP, step: 4 });
          await vega.readBack();
          const { names, value, firstMoment, secondMoment } = vega.parameters;
          const state = [value, firstMoment, secondMoment].map((look) => names.map((name) => look(name).slice()));
          await vega.dispose();
          return { state, names, predicted };
        }),
      );
      expectClose(got.predicted, want.predicted);
      want.state.forEach((kind, k) => {
        kind.forEach((values, i) => {
          // No loss depends on these: their gradient is what rounding leaves, and AdamW makes steps of it.
          if (released.isKeyBias(want.names[i])) return;
          const length = Math.hypot(...values);
          const apart = Math.hypot(...values.map((v, j) => v - got.state[k][i][j]));
          expect(apart, `${['value', 'first', 'second'][k]} of ${want.names[i]}`).toBeLessThan(1e-4 * length + 1e-6);
        });
      });
    });

    it('and leaves them as they are where a loss is not finite', async () => {
      const vega = createVega(config, shape, device, { seed: 1 });
      await vega.trainStep(batch, anchors, { ...STEP, step: 1 });
      expect(() => vega.parameters.value(vega.parameters.names[0])).toThrow('read them back');
      await vega.readBack();
      const { names, value, firstMoment, secondMoment } = vega.parameters;
      const state = () => names.flatMap((name) => [value, firstMoment, secondMoment].map((look) => look(name).slice()));
      const before = state();
      const text = batch.features.text as Float32Array;
      const broken = { ...batch, features: { ...batch.features, text: text.map((v) => (v > 1 ? Number.NaN : v)) } };
      const terms = await vega.trainStep(broken, anchors, { ...STEP, step: 2 });
      expect(terms.total).toBeNaN();
      await vega.readBack();
      expect(state()).toEqual(before);
      await vega.dispose();
    });

    it('in prediction, with the answers of the processor', async () => {
      const [want, got] = await Promise.all(
        [cpu, device].map(async (engine) => {
          const model = await createPredictionModel(config, shape, (name) => values.get(name), engine, {
            evidence: true,
          });
          const outputs = await model.predict(batch, anchors);
          await model.dispose();
          return outputs;
        }),
      );
      expectClose(got, want);
    });

    it('live, with the answers of the processor', async () => {
      const said = {
        ...tinyBatch([1, 1, 1], shape),
        ...(shape.partial && { presence: { audio: Uint8Array.of(1, 0, 1), visual: Uint8Array.of(1, 1, 0) } }),
      };
      const [want, got] = await Promise.all(
        [cpu, device].map(async (engine) => {
          const causal: VegaConfig = { ...config, context: 'causal' };
          const model = await createLiveModel(causal, shape, (name) => values.get(name), engine);
          const dialogue = model.begin();
          const outputs: VegaOutputs[] = [];
          for (const i of [0, 1, 2]) outputs.push(await dialogue.say(dialoguesOf(said, i, i + 1, shape), anchors));
          await model.dispose();
          return outputs;
        }),
      );
      for (const [i, outputs] of want.entries()) expectClose(got[i], outputs);
    });
  });

  it('agrees with the released implementation', async () => {
    const lines = await checkGolden(
      new URL('../../../shared/golden/vega/iemocap_small', import.meta.url).pathname,
      'webgpu',
    );
    expect(lines.length).toBeGreaterThan(15);
    for (const { quantity, difference, tolerance } of lines) expect(difference, quantity).toBeLessThan(tolerance);
    const gradient = lines.find(({ quantity }) => quantity.startsWith('gradient'));
    expect(gradient?.difference).toBeLessThan(5e-5);
  });

  describe('a run', () => {
    const root = mkdtempSync(join(tmpdir(), 'vega-device-'));
    const inside = (name: string) => join(root, name);
    const trainOn = async (provider: Provider | undefined, out: string, resume = false) => {
      const losses: number[] = [];
      const { vega } = await train({
        corpus: inside('corpus'),
        anchors: inside('a.anchors.safetensors'),
        out: inside(out),
        preset: 'small',
        set: ['hidden=16', 'epochs=2', 'batchSize=6'],
        threads: 1,
        provider,
        listener: { onEpoch: (report) => losses.push(report.losses.total) },
        resume,
      });
      await vega.dispose();
      return losses;
    };

    beforeAll(() => {
      const { splits, ...sample } = sampleCorpus(1);
      const few = {
        train: splits.train?.slice(0, 6),
        valid: splits.valid?.slice(0, 3),
        test: splits.test?.slice(0, 1),
      };
      writeCorpus(inside('corpus'), createCorpus({ ...sample, splits: few }, 'the sample'));
      writeAnchors(inside('a.anchors.safetensors'), syntheticAnchors(sample.classes, 16, 1));
    });
    afterAll(() => rmSync(root, { recursive: true }));

    it('trained there has nearly the losses of one trained on the processor, and says where', async () => {
      const want = await trainOn('cpu', 'processor');
      const got = await trainOn('webgpu', 'device');
      expect(got).toHaveLength(want.length);
      for (const [i, loss] of want.entries()) expect(Math.abs(got[i] - loss)).toBeLessThan(1e-3 * loss);
      expect(want[1]).not.toBe(want[0]);
      expect(readRunConfig(inside('device')).provider).toBe('webgpu');
      expect(readRunConfig(inside('processor')).provider).toBeUndefined();
    });

    it('goes on where it was begun, and nowhere else', async () => {
      await expect(trainOn('cpu', 'device', true)).rejects.toThrow('the provider was "webgpu" and is now "cpu"');
      await expect(trainOn('webgpu', 'processor', true)).rejects.toThrow('the provider was "cpu" and is now "webgpu"');
      expect(await trainOn(undefined, 'device', true)).toEqual([]);
    });

    it('predicts there as on the processor', async () => {
      const conversation = ['You came!', 'I had to.', 'Wait'].map((text, i) => ({
        speaker: `${i % 2}`,
        text,
        features: Object.fromEntries(
          Object.entries(readRunConfig(inside('device')).shape.dims).map(([m, d]) => [
            m,
            Float32Array.from({ length: d as number }, (_, j) => Math.sin(i + j)),
          ]),
        ),
      }));
      const [want, got] = await Promise.all(
        (['cpu', 'webgpu'] as const).map(async (provider) => {
          const model = await open(inside('device'), { device: provider, threads: 1 });
          const answers = await model.predict(conversation);
          await model.dispose();
          return answers;
        }),
      );
      for (const [i, { emotion, probabilities }] of want.entries()) {
        expect(got[i].emotion).toBe(emotion);
        for (const [name, p] of Object.entries(probabilities))
          expect(Math.abs(got[i].probabilities[name] - p)).toBeLessThan(1e-4);
      }
    });
  });
});
