import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkGolden } from '../../src/evaluation/golden.js';
import { openSessions } from '../../src/graph/node.js';
import { readSafetensors, writeSafetensors } from '../../src/interchange/files.js';

const golden = new URL('../../../shared/golden/vega/', import.meta.url).pathname;

describe('the engine agrees with the released implementation', () => {
  for (const [name, heads] of [
    ['iemocap_small', 11],
    ['meld_small', 11],
    ['iemocap_no_anchor_branch', 5],
  ] as const) {
    it(name, async () => {
      const lines = await checkGolden(golden + name);
      const count = (what: RegExp) => lines.filter(({ quantity }) => what.test(quantity)).length;
      expect(count(/^(?!loss|gradient|parameters)/)).toBe(heads);
      expect(count(/^loss terms/)).toBeGreaterThan(1);
      expect(count(/^gradient/)).toBe(1);
      expect(count(/^parameters after step/)).toBe(2);
      for (const { quantity, difference, tolerance } of lines) expect(difference, quantity).toBeLessThan(tolerance);
      expect(openSessions()).toBe(0);
    });
  }
  it('a tensor that the file lacks is a failure', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'vega-golden-'));
    try {
      const path = join(directory, 'case');
      writeFileSync(`${path}.json`, readFileSync(`${golden}iemocap_no_anchor_branch.json`));
      const { tensors } = readSafetensors(`${golden}iemocap_no_anchor_branch.safetensors`);
      for (const name of ['output.audio_logits', 'grad.last_gate.fc.weight', 'step2.last_gate.fc.weight']) {
        writeSafetensors(`${path}.safetensors`, new Map([...tensors].filter(([key]) => key !== name)));
        await expect(checkGolden(path)).rejects.toThrow(`no tensor "${name}"`);
      }
      expect(openSessions()).toBe(0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
