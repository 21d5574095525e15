import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkGolden } from '../../src/evaluation/golden.js';
import { openSessions } from '../../src/graph/node.js';
import { readSafetensors, writeSafetensors } from '../../src/interchange/files.js';

const golden = new URL('../../../shared/golden/vega/', import.meta.url).pathname;
const OUTPUTS = ['fused representation', ...['text', 'audio', 'visual', 'fused'].map((head) => `${head} logits`)];
const ANCHORED = [
  ...['text', 'audio', 'visual', 'fused'].map((head) => `${head} anchor logits`),
  'average mixture',
  'maximum mixture',
];

describe('the engine agrees with the released implementation', () => {
  it.each<[string, string[], number[]]>([
    ['iemocap_small', [...OUTPUTS, ...ANCHORED], [1, 3]],
    ['meld_small', [...OUTPUTS, ...ANCHORED], [1, 2]],
    ['iemocap_no_anchor_branch', OUTPUTS, [1, 2]],
  ])('%s', async (name, outputs, steps) => {
    const lines = await checkGolden(golden + name);
    const losses = Math.max(...steps);
    expect(lines.map(({ quantity }) => quantity.replace(/, worst: .*/, '')).sort()).toEqual(
      [
        ...outputs,
        ...Array.from({ length: losses }, (_, i) => `loss terms, step ${i + 1}`),
        'gradient',
        ...steps.map((step) => `parameters after step ${step}`),
      ].sort(),
    );
    for (const { quantity, difference, tolerance } of lines) expect(difference, quantity).toBeLessThan(tolerance);
    expect(openSessions()).toBe(0);
  });
});

describe('a golden case that lacks a tensor', () => {
  const folder = mkdtempSync(join(tmpdir(), 'golden-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each([
    ['output.average_prob'],
    ['output.text_anchor_logits'],
    ['grad.all_output_layer.0.weight'],
    ['step3.t_clip_temp'],
    ['param.all_output_layer.0.bias'],
  ])('%s proves nothing and is refused', async (name) => {
    copyFileSync(`${golden}iemocap_small.json`, join(folder, 'case.json'));
    const { tensors } = readSafetensors(`${golden}iemocap_small.safetensors`);
    expect(tensors.delete(name)).toBe(true);
    writeSafetensors(join(folder, 'case.safetensors'), tensors);
    await expect(checkGolden(join(folder, 'case'))).rejects.toThrow(`lacks 1 of`);
    await expect(checkGolden(join(folder, 'case'))).rejects.toThrow(name);
  });
});
