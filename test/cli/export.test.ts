import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Trained, tinyRuns } from '../prediction/trained.js';
import { vegaMerc } from './vega-merc.js';

let runs: Trained;
let run: string;
beforeAll(async () => {
  runs = tinyRuns();
  run = await runs.train('run');
}, 240_000);
afterAll(() => runs.remove());
const inside = (name: string) => join(runs.root, name);

describe('vega-merc export', () => {
  test('writes ONNX files with their scores, and a PyTorch file; nothing over what is there', () => {
    const both = ['export', run, '--onnx', inside('onnx'), '--float16', '--int8', '--torch', inside('model.pth')];
    const { status, stdout, stderr } = vegaMerc(both);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/model\.onnx +│ +\d+\.\d │ +\d+\.\d\d │ +0\.00/);
    expect(stdout).toMatch(/model\.int8\.onnx +│ +\d+\.\d │ +\d+\.\d\d │ +-?\d+\.\d\d/);
    expect(stdout).toContain(`Wrote ${inside('model.pth')}, which torch.load reads.`);
    expect(readFileSync(inside('onnx/README.md'), 'utf8')).toContain('change');
    const again = vegaMerc(both);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('is there already; nothing is overwritten. Give another name.\n');
    const json = vegaMerc(['export', run, '--onnx', inside('plain'), '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ files: [{ name: 'model.onnx', precision: 'float32' }] });
  });

  test('says what to give', () => {
    expect(vegaMerc(['export', run])).toMatchObject({
      status: 2,
      stderr: 'vega-merc: Say what to write: --onnx DIRECTORY, --torch FILE or both.\n',
    });
    expect(vegaMerc(['export', run, '--torch', inside('x.pth'), '--int8']).status).toBe(2);
    const none = vegaMerc(['export', inside('corpus'), '--onnx', inside('x')]);
    expect(none.status).toBe(1);
    expect(none.stderr).toContain('is no run directory');
    expect(existsSync(inside('x'))).toBe(false);
    expect(existsSync(inside('x.pth'))).toBe(false);
  });
});
