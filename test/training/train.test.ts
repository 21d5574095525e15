import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { createCorpus, sampleCorpus } from '../../src/corpus/index.js';
import { readSafetensors } from '../../src/interchange/files.js';
import { readRunConfig } from '../../src/run/index.js';
import { readLog } from '../../src/training/log.js';
import { type TrainOptions, train } from '../../src/training/train.js';

/** The synthetic sample with fewer dialogues and without visual features, for speed. */
function smallSample(seed: number) {
  const { splits, features, ...sample } = sampleCorpus(seed);
  const { text, audio } = features;
  return createCorpus(
    {
      ...sample,
      features: { text, audio },
      splits: { train: splits.train?.slice(0, 18), valid: splits.valid?.slice(0, 4), test: splits.test?.slice(0, 3) },
    },
    'the sample',
  );
}

/** Step at which the mocked model has a loss that is not finite. */
const broken = vi.hoisted(() => ({ step: 0 }));
vi.mock('../../src/vega/index.js', async (original) => {
  const vega = await original<typeof import('../../src/vega/index.js')>();
  return {
    ...vega,
    createVega: (...args: Parameters<typeof vega.createVega>) => {
      const model = vega.createVega(...args);
      const { trainStep } = model;
      model.trainStep = async (batch, anchors, options) =>
        options.step === broken.step
          ? { 'ce.all': 1, 'anchor_kl.text': Number.POSITIVE_INFINITY, total: Number.POSITIVE_INFINITY }
          : trainStep(batch, anchors, options);
      return model;
    },
  };
});

/** What the mocked file system does to the n-th write from now: nothing, or a full disk for ever after. */
const disk = vi.hoisted(() => ({ operations: 0, fullFrom: Number.POSITIVE_INFINITY }));
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const full = () => Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  return {
    ...fs,
    writeSync: (...args: Parameters<typeof fs.writeSync>) => {
      if (++disk.operations >= disk.fullFrom) throw full();
      return fs.writeSync(...args);
    },
  };
});

let root: string;
let corpus: string;
let anchors: string;
let count = 0;
const fresh = () => join(root, `run-${++count}`);
const bytes = (run: string, file: string) => readFileSync(join(run, file));

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vega-train-'));
  corpus = join(root, 'corpus');
  anchors = join(root, 'sample.anchors.safetensors');
  const sample = smallSample(1);
  writeCorpus(corpus, sample);
  writeAnchors(anchors, syntheticAnchors(sample.classes, 16, 1));
});
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => {
  disk.operations = 0;
  disk.fullFrom = Number.POSITIVE_INFINITY;
});

const SET = ['hidden=16', 'epochs=3', 'classHead.layers=2'];
async function trained(options: Partial<TrainOptions> = {}) {
  const out = options.out ?? fresh();
  const { vega, ...run } = await train({ corpus, anchors, out, preset: 'small', set: SET, threads: 1, ...options });
  await vega.dispose();
  return { ...run, out };
}

let whole: Awaited<ReturnType<typeof trained>>;
/** Writes of the whole run. */
let writes: number;
beforeAll(async () => {
  disk.operations = 0;
  whole = await trained();
  writes = disk.operations;
}, 60_000);

describe('train', () => {
  it('writes a run directory, the same one twice', async () => {
    const { out, progress, run } = whole;
    expect(readdirSync(out).sort()).toEqual([
      'anchors.safetensors',
      'config.json',
      'metrics.jsonl',
      'model.safetensors',
      'standardise.safetensors',
      'state.safetensors',
    ]);
    expect(readLog(join(out, 'metrics.jsonl')).map(({ event }) => event)).toEqual([
      'start',
      'epoch',
      'epoch',
      'epoch',
      'end',
    ]);
    expect(progress).toMatchObject({ epoch: 3, step: 6 });
    const config = readRunConfig(out);
    expect(config).toMatchObject(JSON.parse(JSON.stringify(run)));
    expect(config).toMatchObject({ selection: 'validation-selected', corpus: { path: '../corpus', synthetic: true } });
    expect(config.anchors).toMatchObject({ path: '../sample.anchors.safetensors', dim: 16 });

    const again = await trained();
    for (const file of ['model.safetensors', 'state.safetensors', 'standardise.safetensors', 'config.json']) {
      expect(bytes(again.out, file).equals(bytes(out, file)), file).toBe(true);
    }
    const other = await trained({ set: [...SET, 'seed=2'] });
    expect(bytes(other.out, 'model.safetensors').equals(bytes(out, 'model.safetensors'))).toBe(false);
  });

  it('gives parameters the names and shapes of released checkpoints', async () => {
    const three = join(root, 'three');
    writeCorpus(three, sampleCorpus(1));
    const { out } = await trained({ corpus: three, set: ['hidden=32', 'epochs=1', 'batchSize=40'] });
    const { tensors } = readSafetensors(join(out, 'model.safetensors'));
    const golden = readSafetensors('../shared/golden/vega/iemocap_small.safetensors').tensors;
    const names = [...golden.keys()].filter((name) => name.startsWith('param.')).map((name) => name.slice(6));
    // The golden cases have dropout 0, where a head's layers stand at 0, 2, 4; with dropout they stand at 0, 3, 6.
    const place = (name: string) =>
      name.replace(/(_output_layer|_clip_proj)\.(\d)/, (_, head, i) => `${head}.${(Number(i) / 2) * 3}`);
    expect([...tensors.keys()].sort()).toEqual(names.map(place).sort());
    for (const name of names) {
      const own = tensors.get(place(name))?.shape;
      expect(own?.length, name).toBe(golden.get(`param.${name}`)?.shape.length);
    }
    expect(tensors.get('textf_input.weight')?.shape).toEqual([32, 32, 1]);
  });

  it('refuses a directory that is not empty, and resuming what is no run', async () => {
    const { out } = whole;
    await expect(trained({ out })).rejects.toThrow('already holds a run. Continue it with --resume');
    const other = fresh();
    cpSync(corpus, other, { recursive: true });
    await expect(trained({ out: other })).rejects.toThrow('is not empty. Give --out a new directory');
    await expect(trained({ out: other, resume: true })).rejects.toThrow('holds no run (no config.json)');
  });

  it('refuses to resume with other settings, anchors, corpus or threads, naming the difference', async () => {
    const { out } = whole;
    const resume = (options: Partial<TrainOptions>) => trained({ out, resume: true, ...options });
    await expect(resume({ set: [...SET, 'lr=0.5'] })).rejects.toThrow(
      `${out} cannot be resumed: lr was 0.001 and is now 0.5.`,
    );
    await expect(resume({ set: ['classHead.dropout=0.1'], preset: undefined })).rejects.toThrow(
      'classHead.dropout was 0.3963 and is now 0.1',
    );
    await expect(resume({ anchors: null })).rejects.toThrow(
      /the anchors \(by their hash\) was "\w+" and is now "none"/,
    );
    await expect(resume({ threads: 2 })).rejects.toThrow('threads was 1 and is now 2');
    const another = join(root, 'another');
    if (!existsSync(another)) writeCorpus(another, smallSample(2));
    await expect(resume({ corpus: another })).rejects.toThrow('the corpus (by its hash)');
    const model = bytes(out, 'model.safetensors');
    await resume({ preset: undefined, set: [], threads: undefined });
    expect(bytes(out, 'model.safetensors').equals(model)).toBe(true);
  });

  it('says test-selected where the test split selects', async () => {
    const { out, run } = await trained({ set: [...SET, 'select=test', 'epochs=1'] });
    expect(run.selection).toBe('test-selected');
    expect(readRunConfig(out).selection).toBe('test-selected');
  });

  it('needs no anchors', async () => {
    const { out, fitted, run } = await trained({ anchors: null });
    expect(run.anchors).toBeNull();
    expect(fitted.gate).toBeUndefined();
    expect(fitted.calibration?.temperature).toBeGreaterThan(0);
    expect(existsSync(join(out, 'anchors.safetensors'))).toBe(false);
  });

  it('stops at a loss that is not finite, says where, and keeps the last good checkpoint', async () => {
    const out = fresh();
    broken.step = 5;
    const failed = trained({ out }).finally(() => {
      broken.step = 0;
    });
    await expect(failed).rejects.toThrow(
      /^Step 5 \(epoch 3\): the loss term anchor_kl\.text is Infinity, so training stopped\..* \(epoch \d\) are kept in /,
    );
    expect(readLog(join(out, 'metrics.jsonl')).at(-1)).toEqual({
      event: 'stopped',
      epoch: 2,
      step: 5,
      term: 'anchor_kl.text',
    });
    const { tensors } = readSafetensors(join(out, 'model.safetensors'));
    for (const [name, { data }] of tensors) expect((data as Float32Array).every(Number.isFinite), name).toBe(true);
  });
});

describe('an interrupted run', () => {
  const files = ['model.safetensors', 'state.safetensors', 'standardise.safetensors', 'anchors.safetensors'];
  const epochs = (out: string) =>
    readLog(join(out, 'metrics.jsonl'))
      .filter(({ event }) => event === 'epoch')
      .map(({ seconds: _, ...event }) => event);

  it('ends like one that was not, whether it stopped within an epoch or after one', async () => {
    const { out } = whole;
    for (const [epoch, step] of [
      [1, 1],
      [2, 2],
      [3, 1],
    ]) {
      const killed = fresh();
      const stop = (at: number, i: number) => {
        if (at === epoch && i === step) throw new Error('killed');
      };
      await expect(trained({ out: killed, listener: { onStep: stop } })).rejects.toThrow('killed');
      await trained({ out: killed, resume: true });
      for (const file of files) expect(bytes(killed, file).equals(bytes(out, file)), file).toBe(true);
      expect(epochs(killed)).toEqual(epochs(out));
    }
  });

  it('on a full disk loses nothing that was complete, and ends the same once there is room', async () => {
    const { out } = whole;
    expect(writes).toBeGreaterThan(50);
    for (const share of [0.01, 0.3, 0.6, 0.99]) {
      const full = fresh();
      disk.operations = 0;
      disk.fullFrom = Math.ceil(share * writes);
      await expect(trained({ out: full })).rejects.toThrow(/the disk is full; free some space/);
      disk.fullFrom = Number.POSITIVE_INFINITY;
      for (const file of existsSync(full) ? readdirSync(full) : []) {
        expect(file).not.toMatch(/tmp$/);
        if (file.endsWith('.safetensors')) expect(() => readSafetensors(join(full, file))).not.toThrow();
      }
      await trained({ out: full, resume: true });
      for (const file of files) expect(bytes(full, file).equals(bytes(out, file)), `${file} at ${share}`).toBe(true);
      expect(epochs(full)).toEqual(epochs(out));
    }
  });

  it('removes the temporary files that a killed process left', async () => {
    const { out } = whole;
    writeFileSync(join(out, 'state.safetensors.0123abcd.tmp'), 'half a st');
    await trained({ out, resume: true });
    expect(readdirSync(out).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
