import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODALITIES, type Modality } from '../../src/base/modalities.js';
import { randomStream } from '../../src/base/random.js';
import type { Engine } from '../../src/graph/engine.js';
import { nodeEngine } from '../../src/graph/node.js';
import { ModelProtoSchema } from '../../src/graph/protobuf/onnx_pb.js';
import { webEngine } from '../../src/graph/web.js';
import { exportFeeds } from '../../src/prediction/export/feeds.js';
import { exportModel, type Precision } from '../../src/prediction/export/model.js';
import type { Utterance } from '../../src/prediction/index.js';
import { open } from '../../src/prediction/node/index.js';
import { readRun } from '../../src/prediction/open.js';
import { filesIn } from '../../src/run/index.js';
import { type Trained, tinyRuns } from './trained.js';

/** The factor on cosines is learned, and quickly. */
const LEARNED = ['anchorScale=10', 'anchorScaleLearned=true', 'lr=0.02', 'anchorWarmup=1'];

let runs: Trained;
const trained = new Map<string, string>();
beforeAll(async () => {
  runs = tinyRuns();
  trained.set('full', await runs.train('full'));
  trained.set(
    'causal',
    await runs.train('causal', 'context=causal', 'speakers=known', 'standardise=false', ...LEARNED),
  );
  trained.set('none', await runs.train('none', 'context=none', 'modalities=text', 'prototypes=2', 'r=0'));
}, 240_000);
afterAll(() => runs.remove());

/** A conversation of random rows, of which some are missing: never those of the first utterance but by `lacks`. */
function conversation(length: number, dims: Partial<Record<Modality, number>>, lacks: Modality[] = []): Utterance[] {
  const stream = randomStream(length, 0, 0);
  return Array.from({ length }, (_, i) => ({
    speaker: `person ${(i * i) % 5}`,
    features: Object.fromEntries(
      MODALITIES.filter((m) => dims[m] && !lacks.includes(m) && (i === 0 || stream.uniform() < 0.7)).map((m) => [
        m,
        Float32Array.from({ length: dims[m] as number }, () => 3 * stream.normal()),
      ]),
    ),
  }));
}

const engines: [string, Engine][] = [
  ['onnxruntime-node', nodeEngine({ threads: 1 })],
  ['onnxruntime-web', webEngine()],
];

describe.each(engines)('an exported model in %s', (_, engine) => {
  it.each(['full', 'causal', 'none'])('gives what the run gives, with %s context', async (context) => {
    const run = trained.get(context) as string;
    await using model = await open(run, { threads: 1 });
    const parts = await readRun(filesIn(run));
    if (context === 'causal') expect(Math.abs(parts.anchorScale - 10)).toBeGreaterThan(0.01);
    else expect(parts.anchorScale).toBe(100);
    expect(model.anchorScale).toBe(parts.anchorScale);
    const { bytes, inputs, outputs } = exportModel(parts);
    const { graph, opsetImport } = fromBinary(ModelProtoSchema, bytes);
    expect(opsetImport.map(({ domain }) => domain)).toEqual(['']); // nothing that only one runtime knows
    expect(graph?.input.map(({ name }) => name).sort()).toEqual(inputs.map(({ name }) => name).sort());
    expect(graph?.output.map(({ name }) => name)).toEqual(outputs.map(({ name }) => name));
    const names = outputs.map(({ name }) => name);
    const session = await engine.compile(bytes, names, new Map());
    const dims = Object.fromEntries(Object.entries(model.inputs).map(([m, { dim }]) => [m, dim]));
    for (const said of [
      conversation(1, dims),
      conversation(2, dims, ['audio']),
      conversation(7, dims),
      conversation(40, dims, ['visual']),
    ]) {
      const answers = await model.predict(said);
      // Raw outputs of what is left when what is unlike training has been left out, as the exported model does it.
      const kept = said.map(({ speaker, features }, i) => ({
        speaker,
        features: Object.fromEntries(
          Object.entries(features ?? {}).filter(([m]) => !(m in (answers[i].missing ?? {}))),
        ),
      }));
      if (context === 'full' && said.length === 40) {
        expect(answers.some(({ missing }) => missing)).toBe(true);
        expect(answers.some(({ missing, unfamiliar }) => unfamiliar && !missing)).toBe(true);
      }
      const want = await model.outputs([kept]);
      const read = said.map(({ speaker, features }) => ({ speaker, rows: features as Record<string, Float32Array> }));
      const got = await session.run(exportFeeds(read, parts.run.inputs, parts.speakers));
      const close = (name: string, values: ArrayLike<number>, tolerance: number) => {
        const data = got[name].data as Float32Array;
        expect(data.length, name).toBe(values.length);
        const worst = Array.from(data, (v, i) => Math.abs(v - values[i])).reduce((a, b) => Math.max(a, b), 0);
        expect(worst, `${name}, ${said.length} utterances`).toBeLessThan(tolerance);
      };
      const { logits, anchorLogits = {}, fused, anchored = [] } = want;
      for (const [branch, values] of Object.entries(logits))
        close(branch === 'fused' ? 'logits' : `${branch}_logits`, values, 1e-5);
      // Cosines times 100.
      for (const [branch, values] of Object.entries(anchorLogits))
        close(branch === 'fused' ? 'anchor_logits' : `${branch}_anchor_logits`, values, 3e-4);
      close('fused', fused, 1e-5);
      close('anchored', anchored, 1e-5);
      const rows = (of: (answer: (typeof answers)[number]) => Record<string, number> | undefined) =>
        answers.flatMap((answer) => Object.values(of(answer) ?? {}));
      close(
        'probabilities',
        rows((a) => a.probabilities),
        1e-5,
      );
      close(
        'anchor_probabilities',
        rows((a) => a.heads.anchorHead),
        1e-5,
      );
      close(
        'mixture_probabilities',
        rows((a) => a.mixtures?.average),
        1e-5,
      );
      close(
        'confidence',
        answers.map((a) => a.confidence),
        1e-5,
      );
      const modalities = MODALITIES.filter((m) => dims[m]);
      close(
        'shares',
        answers.flatMap((a) => modalities.map((m) => a.evidence.shares[m] ?? 0)),
        1e-5,
      );
      const attention = got.attention.data as Float32Array;
      answers.forEach((a, i) => {
        for (const { index, weight } of a.evidence.attended)
          expect(attention[i * said.length + index]).toBeCloseTo(weight, 5);
      });
    }
    await session.dispose();
  });
});

describe('weights of fewer bits', () => {
  it.each(engines)('in %s: float16 gives nearly the same, int8 the same but for its rounding', async (_, engine) => {
    const run = trained.get('full') as string;
    const parts = await readRun(filesIn(run));
    const dims = Object.fromEntries(Object.entries(parts.run.inputs).map(([m, { dim }]) => [m, dim]));
    const said = conversation(9, dims).map(({ speaker, features }) => ({
      speaker,
      rows: features as Record<string, Float32Array>,
    }));
    const logits = async (precision: Precision) => {
      const { bytes, outputs } = exportModel(parts, precision);
      const names = outputs.map(({ name }) => name);
      const session = await engine.compile(bytes, names, new Map());
      const results = await session.run(exportFeeds(said, parts.run.inputs, parts.speakers));
      await session.dispose();
      return { bytes: bytes.length, values: results.logits.data as Float32Array };
    };
    const [float32, float16, int8] = [await logits('float32'), await logits('float16'), await logits('int8')];
    const range = Math.max(...float32.values) - Math.min(...float32.values);
    const worst = (values: Float32Array) => Math.max(...values.map((v, i) => Math.abs(v - float32.values[i]))) / range;
    expect(worst(float16.values)).toBeGreaterThan(0);
    expect(worst(float16.values)).toBeLessThan(2e-3);
    expect(worst(int8.values)).toBeGreaterThan(0);
    expect(worst(int8.values)).toBeLessThan(0.05);
    expect(float16.bytes).toBeLessThan(float32.bytes);
  });
});
