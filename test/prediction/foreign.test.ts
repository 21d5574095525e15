import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTorch } from '../../src/interchange/files.js';
import { exportFeeds } from '../../src/prediction/export/feeds.js';
import { conversationOf } from '../../src/prediction/index.js';
import { exportOnnx, exportTorch, open } from '../../src/prediction/node/index.js';
import { readRun } from '../../src/prediction/open.js';
import { filesIn } from '../../src/run/index.js';
import { released } from '../../src/vega/index.js';
import { type Trained, tinyRuns } from './trained.js';

let runs: Trained;
let [run, causal] = ['', ''];
const inside = (name: string) => join(runs.root, name);
beforeAll(async () => {
  runs = tinyRuns();
  run = await runs.train('run');
  causal = await runs.train('causal', 'context=causal', 'speakers=known');
}, 240_000);
afterAll(() => runs.remove());

/** A Python that has a module: the one that VEGA_MERC_PYTHON names, or python3. */
function pythonWith(module: string): string | undefined {
  const python = process.env.VEGA_MERC_PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', `import ${module}`]).status === 0) return python;
  console.log(`Skipped: ${python} has no ${module} (name one that has with VEGA_MERC_PYTHON).`);
  return undefined;
}

describe('an exported directory', () => {
  it('holds the files, and what they are, for people and programs; nothing is overwritten', async () => {
    const card = await exportOnnx(run, inside('out/deep'), { precisions: ['float16', 'int8'], threads: 1 });
    expect(readdirSync(inside('out/deep')).sort()).toEqual([
      'README.md',
      'model.float16.onnx',
      'model.int8.onnx',
      'model.json',
      'model.onnx',
    ]);
    expect(readdirSync(inside('out'))).toEqual(['deep']);
    expect(JSON.parse(readFileSync(inside('out/deep/model.json'), 'utf8'))).toEqual(card);
    expect(card).toMatchObject({
      classes: runs.corpus.classes,
      run: { corpus: 'synthetic sample', synthetic: true, finished: true, context: 'full' },
      measured: { corpus: 'synthetic sample', split: 'valid' },
      features: { text: { dim: 32, encoder: 'synthetic' } },
      speakers: { rule: 'within' },
      anchors: { dim: 16, scale: 100, prototypes: 1, learned: false },
      calibration: { split: 'valid' },
    });
    expect(card.standardisation?.text.mean).toHaveLength(32);
    expect(card.standardisation?.text.bound).toBe(10);
    expect(card.anchors?.rows).toHaveLength(runs.corpus.classes.length);
    // The kept epoch's score on validation, as training computed it.
    const metrics = readFileSync(join(run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const epoch = metrics.find(({ scores }) => scores);
    expect(card.files[0].weightedF1).toBeCloseTo(epoch.scores.weightedF1, 6);
    const readme = readFileSync(inside('out/deep/README.md'), 'utf8');
    for (const { name } of [...card.inputs, ...card.outputs]) expect(readme).toContain(`| \`${name}\` |`);
    expect(readme).toMatch(/\| model\.int8\.onnx \| 8 bits.* \| \d+\.\d+ \| \d+\.\d\d \| [+-]\d+\.\d\d \|/);
    await expect(exportOnnx(run, inside('out/deep'))).rejects.toThrow('is not empty; nothing is overwritten');
    expect(readdirSync(inside('out/deep'))).toHaveLength(5);
  });

  it('is not there where it could not be finished, and no part of it', async () => {
    await expect(
      exportOnnx(run, inside('half/way'), {
        precisions: ['float16'],
        onFile: (name) => {
          if (name !== 'model.onnx') throw new Error('interrupted');
        },
      }),
    ).rejects.toThrow('interrupted');
    expect(existsSync(inside('half'))).toBe(false);
    await expect(exportOnnx(run, inside('none'), { precisions: ['int8'], corpus: inside('nowhere') })).rejects.toThrow(
      'nowhere',
    );
    await expect(exportOnnx(inside('nowhere'), inside('none'))).rejects.toThrow('is no run directory');
    expect(existsSync(inside('none'))).toBe(false);
    mkdirSync(inside('empty'));
    await exportOnnx(run, inside('empty'));
    expect(readdirSync(inside('empty'))).toHaveLength(3);
  });

  it.each(['full', 'causal'])("gives in Python's onnxruntime what the run gives, with %s context", async (context) => {
    const from = context === 'full' ? run : causal;
    const python = pythonWith('onnxruntime');
    if (python === undefined) return;
    const card = await exportOnnx(from, inside(`python-${context}`), { precisions: ['float16', 'int8'], threads: 1 });
    const parts = await readRun(filesIn(from));
    const longest = runs.corpus.dialogues.map((_, i) => i).sort((a, b) => size(b) - size(a))[0];
    function size(d: number) {
      return runs.corpus.dialogues[d].utterances.length;
    }
    const cases = [0, 1, longest].map((d) => {
      const conversation = conversationOf(runs.corpus, d);
      const read = conversation.map(({ speaker, features }) => ({
        speaker,
        rows: features as Record<string, Float32Array>,
      }));
      const feeds = exportFeeds(read, parts.run.inputs, parts.speakers);
      const plain = Object.entries(feeds).map(([name, { data, dims }]) => [
        name,
        { data: Array.from(data, Number), dims },
      ]);
      return { conversation, feeds: Object.fromEntries(plain) };
    });
    writeFileSync(inside('cases.json'), JSON.stringify(cases.map(({ feeds }) => feeds)));
    const script = [
      'import json, sys, numpy as np, onnxruntime',
      'cases, types = json.load(open(sys.argv[1])), {"speaker": np.int64}',
      'out = {}',
      'for path in sys.argv[2:]:',
      '    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])',
      '    run = lambda c: session.run(["probabilities"], {n: np.array(v["data"], types.get(n, np.float32)).reshape(v["dims"]) for n, v in c.items()})[0]',
      '    out[path] = [run(case).flatten().tolist() for case in cases]',
      'print(json.dumps(out))',
    ].join('\n');
    const paths = card.files.map(({ name }) => join(inside(`python-${context}`), name));
    const { status, stdout, stderr } = spawnSync(python, ['-c', script, inside('cases.json'), ...paths], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    expect(status, stderr).toBe(0);
    const results = JSON.parse(stdout) as Record<string, number[][]>;
    await using model = await open(from, { threads: 1 });
    for (const [i, { conversation }] of cases.entries()) {
      const want = (await model.predict(conversation)).flatMap(({ probabilities }) => Object.values(probabilities));
      for (const [p, tolerance] of [1e-5, 5e-3, 0.1].entries()) {
        const got = results[paths[p]][i];
        expect(got).toHaveLength(want.length);
        expect(Math.max(...got.map((v, j) => Math.abs(v - want[j]))), paths[p]).toBeLessThan(tolerance);
      }
    }
  });
});

describe('a PyTorch file', () => {
  it('holds every parameter by its released name and shape, and is not overwritten', async () => {
    exportTorch(run, inside('model.pth'));
    const state = readTorch(inside('model.pth')) as Map<string, { shape: number[]; data: Float32Array }>;
    const { weights } = await readRun(filesIn(run));
    expect(state.get(released.input('text'))?.shape).toEqual([16, 32, 1]);
    expect(state.get(released.fuse)?.data).toEqual(weights(released.fuse));
    expect(() => exportTorch(run, inside('model.pth'))).toThrow('is there already; nothing is overwritten');
    const python = pythonWith('torch');
    if (python === undefined) return;
    const script = 'import sys, torch; print(sorted(torch.load(sys.argv[1], weights_only=True)))';
    const { stdout, stderr } = spawnSync(python, ['-c', script, inside('model.pth')], { encoding: 'utf8' });
    expect(JSON.parse(stdout.replaceAll("'", '"')), stderr).toEqual([...state.keys()].sort());
  });
});
