import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runExperiment } from '../../../src/evaluation/experiment/experiment.js';
import { openExperiment } from '../../../src/evaluation/experiment/open.js';
import { halvingRungs } from '../../../src/evaluation/experiment/search/rungs.js';
import { readSearch } from '../../../src/evaluation/experiment/search/search.js';
import { candidatesOf, searchSchema } from '../../../src/evaluation/experiment/search/space.js';
import { checkExperiment, type ExperimentInput } from '../../../src/evaluation/experiment/spec.js';
import { type ExperimentResults, readLedger } from '../../../src/evaluation/index.js';
import { train, trainUntil } from '../../../src/training/index.js';
import { makeFolder } from './make.js';

const { root, corpus, anchors } = makeFolder('search');
afterAll(() => rmSync(root, { recursive: true }));

const search = { space: { lr: [1e-6, 1e-5, 1e-2, 1e-7], dropout: [0.1] }, method: 'grid' as const, anchors: 'none' };

/** Learning rates from those that learn nothing to one that learns in two epochs. */
const input = (changes: Partial<ExperimentInput> = {}): ExperimentInput => ({
  name: 'toy',
  seeds: [1, 2],
  corpora: { toy: corpus },
  defaults: { preset: 'small', set: { hidden: 16, epochs: 8, patience: 8, batchSize: 4 } },
  resamples: 200,
  configurations: { none: { anchors: 'none' } },
  reference: 'none',
  search,
  ...changes,
});
const halving = { ...search, method: 'halving' as const, factor: 2, epochs: 2 };
const spec = (changes: Partial<ExperimentInput> = {}) => checkExperiment(input(changes), 'the test');
const run = (name: string, changes: Partial<ExperimentInput> = {}, more: { now?: () => number } = {}) =>
  runExperiment({ spec: spec(changes), directory: join(root, name), jobs: 2, threads: 1, ...more });

describe('what a search tries', () => {
  const parsed = (value: unknown) => searchSchema.parse(value);
  const space = { lr: [1, 2], 'anchorHead.layers': [1, 2, 3] };

  it('every combination of lists, the last setting fastest', () => {
    const all = candidatesOf(parsed({ space }), 'x');
    expect(all.map(({ name }) => name)).toEqual(['c01', 'c02', 'c03', 'c04', 'c05', 'c06']);
    expect(all[4].set).toEqual({ lr: 2, 'anchorHead.layers': 2 });
  });
  it('draws by the seed, each once, within the range', () => {
    const random = {
      space: { lr: { min: 1e-4, max: 1e-2, scale: 'log' }, n: [1, 2] },
      method: 'random',
      configurations: 50,
    };
    const drawn = candidatesOf(parsed(random), 'x');
    expect(drawn).toEqual(candidatesOf(parsed(random), 'x'));
    expect(candidatesOf(parsed({ ...random, seed: 2 }), 'x')).not.toEqual(drawn);
    const rates = drawn.map(({ set }) => set.lr as number);
    expect(new Set(rates).size).toBeGreaterThan(45);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-4);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
    // Half of a log-uniform draw lies below the geometric mean.
    expect(rates.filter((rate) => rate < 1e-3).length).toBeGreaterThan(15);
    expect(rates.filter((rate) => rate < 1e-3).length).toBeLessThan(35);
  });
  it('ends where a space has fewer combinations than are wanted', () => {
    const few = { space: { lr: { min: 1, max: 3, integer: true } }, method: 'random', configurations: 10 };
    expect(candidatesOf(parsed(few), 'x').length).toBe(3);
  });
  it('halves', () => {
    expect(halvingRungs(27, 27, 3, 'x')).toEqual([
      { candidates: 27, epochs: 1 },
      { candidates: 9, epochs: 3 },
      { candidates: 3, epochs: 9 },
      { candidates: 1, epochs: 27 },
    ]);
    expect(halvingRungs(27, 30, 3, 'x', 3).map(({ epochs }) => epochs)).toEqual([3, 10, 30]);
    expect(() => halvingRungs(27, 2, 3, 'x')).toThrow('x: halving by 3 needs at least 3 epochs, and there are 2.');
    expect(() => halvingRungs(2, 9, 3, 'x')).toThrow('needs at least 3 configurations, and there are 2');
  });
  it('is refused in a sentence where it cannot be', () => {
    const refused = (search: unknown) => () => checkExperiment({ ...input(), search }, 'e.yaml');
    expect(refused({ space: {} })).toThrow(/must name a setting at least/);
    expect(refused({ space: { lr: [] } })).toThrow(/must have a value at least/);
    expect(refused({ space: { lr: { min: 2, max: 1 } } })).toThrow(/must have min below max/);
    expect(refused({ space: { lr: { min: 1e-4, max: 1 } } })).toThrow(/a grid needs a list of values for lr/);
    expect(refused({ space: { lr: { min: 1e-4, max: 1 } }, method: 'random' })).toThrow(/"configurations: 20"/);
    expect(refused({ ...halving, space: { epochs: [1, 2, 3] } })).toThrow(/halving sets the epochs itself/);
    expect(refused({ ...halving, factor: 5 })).toThrow(/needs at least 5 configurations, and there are 4/);
    expect(refused({ ...halving, name: 'none' })).toThrow(/"none" has the name of what the search chooses/);
    expect(() => spec({ budget: '2 hours' })).toThrow(/must be a number with s, m, h or d after it/);
    expect(() => spec({ protocol: 'paper-compat' })).toThrow(/a search chooses on validation/);
  });
  it('names the nearest setting where one is unknown, before anything runs', async () => {
    await expect(run('unknown', { search: { ...search, space: { dropuot: [0.1, 0.2] } } })).rejects.toThrow(
      /dropuot.*dropout/s,
    );
    expect(existsSync(join(root, 'unknown/search/runs'))).toBe(false);
  });
});

describe('runExperiment with a search', () => {
  let grid: ExperimentResults;
  let halved: ExperimentResults;
  beforeAll(async () => {
    grid = await run('grid');
    halved = await run('halving', { search: halving });
  }, 300_000);

  it('chooses on validation, and looks at test for what was chosen alone', () => {
    const [search] = grid.searches ?? [];
    expect(search).toMatchObject({ chosen: 'c03', configuration: 'chosen', method: 'grid', seeds: [1] });
    const scores = search.rungs[0].scores as Record<string, number>;
    expect(Math.max(...Object.values(scores))).toBe(scores.c03);
    expect(search.spent.epochs).toBe(32);
    expect(grid.finished).toBe(true);
    expect(grid.rows.map(({ configuration }) => configuration)).toEqual(['none', 'chosen']);
    expect(grid.rows[1].settings).toEqual(expect.arrayContaining(['lr=0.01', 'dropout=0.1']));
    expect(grid.rows[1].description).toContain('chosen on validation by grid search, of 4');
    expect(grid.rows[1].comparison?.reference).toBe('none');
    const looks = readLedger(join(root, 'grid')).map(({ configuration, seed }) => `${configuration} ${seed}`);
    expect(looks.sort()).toEqual(['chosen 1', 'chosen 2', 'none 1', 'none 2']);
    expect(existsSync(join(root, 'grid/search/ledger.jsonl'))).toBe(false);
    // What is read again from the disk is the same.
    expect(openExperiment(join(root, 'grid')).results.searches).toEqual(grid.searches);
    expect(readSearch(join(root, 'grid'))).toEqual(grid.searches);
  });

  it('halving comes to the same with fewer epochs, and trains on from where it stopped', () => {
    const [search] = halved.searches ?? [];
    expect(search.chosen).toBe('c03');
    expect(search.rungs.map(({ epochs }) => epochs)).toEqual([2, 4, 8]);
    expect(search.rungs.map(({ scores }) => Object.keys(scores).length)).toEqual([4, 2, 1]);
    expect(search.spent.epochs).toBe(4 * 2 + 2 * 2 + 1 * 4);
    expect(search.all).toBe(32);
    // The winner's run is byte for byte that of the grid, which never paused.
    const state = (name: string) => readFileSync(join(root, name, 'search/runs/toy/c03/seed-1/model.safetensors'));
    expect(state('halving').equals(state('grid'))).toBe(true);
    expect(search.rungs[2].scores.c03).toBe(grid.searches?.[0].rungs[0].scores.c03);
  });

  it('repeats nothing when called again', async () => {
    const begun: string[] = [];
    const again = await runExperiment({
      spec: spec({ search: halving }),
      directory: join(root, 'halving'),
      jobs: 2,
      threads: 1,
      listener: { onStart: ({ directory }) => begun.push(directory) },
    });
    expect(begun).toEqual([]);
    expect(again.searches).toEqual(halved.searches);
  });

  it('begins nothing once the budget is used up, says so, and goes on when it is called again', async () => {
    let looks = 0;
    // The clock jumps past the budget after some runs have begun.
    const part = await run('budget', { search: halving, budget: '1h' }, { now: () => (looks++ < 4 ? 0 : 4e6) });
    expect(part.finished).toBe(false);
    expect(part.notes).toEqual(['The budget of 1h was used up: the search has not ended. Call it again to go on.']);
    expect(part.searches?.[0].chosen).toBeUndefined();
    expect(readLedger(join(root, 'budget'))).toEqual([]);
    const whole = await run('budget', { search: halving, budget: '1h' });
    expect(whole.finished).toBe(true);
    expect(whole.searches?.map(({ spent: _spent, ...rest }) => rest)).toEqual(
      halved.searches?.map(({ spent: _spent, ...rest }) => rest),
    );
  }, 120_000);

  it('goes on to the same after kill -9', async () => {
    const file = join(root, 'killed.yaml');
    writeFileSync(file, JSON.stringify(input({ search: halving })));
    const args = ['dist/cli/main.js', 'experiment', file, '--out', join(root, 'killed'), '--jobs', '1'];
    for (const epochs of [2, 5]) {
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      const ended = new Promise((done) => child.on('exit', done));
      const trained = () =>
        ['c01', 'c02', 'c03', 'c04'].reduce((sum, name) => {
          const log = join(root, `killed/search/runs/toy/${name}/seed-1/metrics.jsonl`);
          return sum + (existsSync(log) ? readFileSync(log, 'utf8').split('"event":"epoch"').length - 1 : 0);
        }, 0);
      while (trained() < epochs && child.exitCode === null) await new Promise((next) => setTimeout(next, 20));
      child.kill('SIGKILL');
      await ended;
    }
    const again = await run('killed', { search: halving });
    expect(again.searches?.map(({ spent: _spent, ...rest }) => rest)).toEqual(
      halved.searches?.map(({ spent: _spent, ...rest }) => rest),
    );
    expect(again.rows.map(({ scores }) => scores)).toEqual(halved.rows.map(({ scores }) => scores));
  }, 120_000);
});

it('a training that paused ends with the bytes of one that did not', async () => {
  const options = (out: string) => ({
    corpus,
    anchors,
    out: join(root, out),
    threads: 1,
    resume: true,
    set: ['hidden=8', 'epochs=4', 'batchSize=40', 'cosine=true', 'warmup=0.2'],
  });
  const whole = await train(options('whole'));
  await whole.vega.dispose();
  expect(await trainUntil(options('paused'), 1)).toMatchObject({ ended: false, progress: { epoch: 1 } });
  expect(await trainUntil(options('paused'), 3)).toMatchObject({ ended: false, progress: { epoch: 3 } });
  const rest = await train(options('paused'));
  await rest.vega.dispose();
  for (const name of ['model', 'state']) {
    const bytes = (out: string) => readFileSync(join(root, out, `${name}.safetensors`));
    expect(bytes('paused').equals(bytes('whole')), name).toBe(true);
  }
});
