import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readLog } from '../../src/training/log.js';

let root: string;
beforeAll(() => {
  // "npm test" has built the program; a bare vitest may come first.
  if (!existsSync('dist/cli/main.js')) execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
  root = mkdtempSync(join(tmpdir(), 'vega-kill-'));
  execFileSync(process.execPath, ['dist/cli/main.js', 'sample', join(root, 'corpus')]);
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

const command = (out: string) => [
  'dist/cli/main.js',
  ...['train', join(root, 'corpus'), '--anchors', join(root, 'corpus', 'synthetic.anchors.safetensors'), '--out', out],
  ...['--preset', 'small', '--set', 'hidden=32', '--set', 'epochs=4', '--set', 'batchSize=20', '--threads', '1'],
];

/**
 * Runs the program until a file that fits is touched in the run directory, then kills it: no time for anything.
 * @returns whether the blow fell before the program had ended by itself.
 */
function killAt(out: string, moment: (file: string) => boolean): Promise<boolean> {
  mkdirSync(out, { recursive: true });
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...command(out), '--resume'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    const watcher = watch(out, (_, file) => {
      if (file !== null && moment(file)) child.kill('SIGKILL');
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      watcher.close();
      if (signal === 'SIGKILL' || code === 0) resolve(signal === 'SIGKILL');
      else reject(new Error(`the program failed with exit code ${code}: ${said}`));
    });
  });
}

it('killed at any moment and resumed, a run ends with the same bytes', async () => {
  const whole = join(root, 'whole');
  execFileSync(process.execPath, command(whole), { stdio: 'ignore' });
  const out = join(root, 'killed');
  const epochs = () => readLog(join(out, 'metrics.jsonl')).filter(({ event }) => event === 'epoch').length;
  const temporary = (name: string) => (file: string) => file.startsWith(name) && file.endsWith('.tmp');

  const moments = [
    (file: string) => file.startsWith('config.json'),
    (file: string) => file === 'metrics.jsonl',
    temporary('state.safetensors'),
    (file: string) => file === 'metrics.jsonl' && epochs() >= 2,
    temporary('model.safetensors'),
    (file: string) => file === 'state.safetensors' && epochs() >= 4,
    temporary('evaluation.json'),
  ];
  const fell: boolean[] = [];
  for (const moment of moments) fell.push(await killAt(out, moment));
  // The last ones are too near to the end to be sure of.
  expect(fell.slice(0, 4)).toEqual([true, true, true, true]);
  execFileSync(process.execPath, [...command(out), '--resume'], { stdio: 'ignore' });

  for (const file of ['model', 'state', 'standardise', 'anchors'].map((name) => `${name}.safetensors`)) {
    expect(readFileSync(join(out, file)).equals(readFileSync(join(whole, file))), file).toBe(true);
  }
  for (const file of ['config.json', 'evaluation.json']) {
    expect(readFileSync(join(out, file), 'utf8')).toBe(readFileSync(join(whole, file), 'utf8'));
  }
  expect(epochs()).toBe(4);
  expect(existsSync(join(out, 'state.safetensors'))).toBe(true);
}, 400_000);
