import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCorpus } from '../../src/corpus/files.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { vegaMerc } from './vega-merc.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vega-cli-experiment-'));
  writeCorpus(join(root, 'corpus'), sampleCorpus(1));
});
afterAll(() => rmSync(root, { recursive: true }));

function file(name: string, ...lines: string[]): string {
  const path = join(root, name);
  writeFileSync(path, lines.join('\n'));
  return path;
}

const HEAD = ['name: toy', 'seeds: [1]', 'resamples: 100', 'corpora: { toy: corpus }'];
const SMALL = 'defaults: { preset: small, anchors: none, set: { hidden: 8, epochs: 1, batchSize: 40 } }';

describe('vega-merc experiment', { timeout: 120_000 }, () => {
  it('runs a file, prints a table, and writes results beside the file', () => {
    const path = file(
      'good.yaml',
      ...HEAD,
      SMALL,
      'reference: a',
      'configurations: { a: {}, b: { set: { lr: 1e-4 } } }',
    );
    const { status, stdout, stderr } = vegaMerc(['experiment', path, '--jobs', '2']);
    expect(status, stderr).toBe(0);
    expect(stdout).toContain('synthetic corpus "synthetic sample", test split, validation-selected');
    expect(stdout).toMatch(/│ b +│ .*│ a +│/);
    expect(stderr).toContain('2 runs.');
    expect(stderr).toMatch(/[12]\/2 toy b seed 1 /);
    expect(JSON.parse(readFileSync(join(root, 'good/results.json'), 'utf8'))).toMatchObject({
      finished: true,
      corpora: [{ path: '../corpus', synthetic: true }],
    });
    const { tables } = JSON.parse(vegaMerc(['report', join(root, 'good'), '--format', 'json']).stdout);
    expect(tables.find(({ key }: { key: string }) => key === 'nodes').rows).toMatchObject([
      { node: hostname(), attempts: 2, done: 2, 'without a result, s': 0 },
    ]);
    const again = vegaMerc(['experiment', path]);
    expect(again.stderr).toContain('2 runs, 2 of them finished earlier.');
    expect(vegaMerc(['experiment', path, '--status']).stdout).toBe('2 runs: 2 done, 0 running, 0 failed, 0 waiting.\n');
  });

  it('ends with exit code 1 and names the runs that failed', () => {
    const path = file('bad.yaml', ...HEAD, SMALL, 'configurations: { a: { set: { classWeights: [1, 2] } } }');
    const { status, stderr } = vegaMerc(['experiment', path, '--jobs', '1']);
    expect(status).toBe(1);
    expect(stderr).toContain('toy, a, seed 1 failed: classWeights gives 2 weights');
    expect(stderr).not.toContain('    at ');
    const failed = vegaMerc(['experiment', path, '--status', '--json']);
    expect(JSON.parse(failed.stdout)).toEqual([
      {
        directory: 'runs/toy/a/seed-1',
        state: 'failed',
        epochs: 0,
        node: hostname(),
        reason: expect.stringMatching(/^classWeights/),
      },
    ]);
  });

  it('says with --status who is at which run, and writes nothing', async () => {
    const slow = 'defaults: { preset: small, anchors: none, set: { hidden: 16, epochs: 900, patience: 900 } }';
    const path = file('slow.yaml', ...HEAD, slow, 'configurations: { a: {}, b: { set: { lr: 1e-4 } } }');
    expect(vegaMerc(['experiment', path, '--status']).stderr).toContain(
      'slow holds no experiment yet; call it without',
    );
    expect(existsSync(join(root, 'slow'))).toBe(false);
    const child = spawn(process.execPath, ['dist/cli/main.js', 'experiment', path, '--jobs', '1'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    type Status = { state: string; epochs: number; owner?: { pid: number; host: string } };
    const status = (): Status[] => {
      const { stdout } = vegaMerc(['experiment', path, '--status', '--json']);
      return stdout === '' ? [] : JSON.parse(stdout);
    };
    await expect.poll(() => status()[0]?.epochs ?? 0, { timeout: 60_000 }).toBeGreaterThan(0);
    expect(status()).toMatchObject([
      { state: 'running', node: hostname(), owner: { pid: expect.any(Number), host: hostname() } },
      { state: 'waiting', epochs: 0 },
    ]);
    expect(vegaMerc(['experiment', path, '--status']).stdout).toMatch(
      /^2 runs: 0 done, 1 running, 0 failed, 1 waiting/,
    );
    child.kill('SIGKILL');
    await ended;
    await expect.poll(() => status().map(({ state }) => state), { timeout: 60_000 }).toEqual(['waiting', 'waiting']);
  });

  it('refuses a mistaken file in a sentence, before anything runs', () => {
    const path = file('typo.yaml', ...HEAD, 'configurations: { a: { anchor: none } }');
    const { status, stderr } = vegaMerc(['experiment', path]);
    expect(status).toBe(1);
    expect(stderr.trim()).toBe(
      `vega-merc: ${path}: there is no key "anchor" in configurations.a. Did you mean "anchors"?`,
    );
  });
});

describe('vega-merc ablate', () => {
  it('says what is wrong with its arguments', () => {
    const corpus = join(root, 'corpus');
    const seeds = vegaMerc(['ablate', corpus, '--anchors', 'random', '--out', join(root, 'x'), '--seeds', '1,b']);
    expect(seeds.status).toBe(2);
    expect(seeds.stderr).toContain('Seeds are whole numbers');
    const missing = vegaMerc(['ablate', join(root, 'gone'), '--anchors', 'random', '--out', join(root, 'x')]);
    expect(missing.status).toBe(1);
    expect(missing.stderr).toContain('gone');
  });
});
