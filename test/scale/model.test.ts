import { describe, expect, it } from 'vitest';
import { type Program, simulate, type World } from '../../bench/scale/model.mjs';

/** A program and a world in which nothing but the work takes time. */
const free: Program = {
  startSeconds: 0,
  startOperations: 0,
  startPerJob: 0,
  jobOperations: 0,
  beatsPerSecond: 0,
  lookOperations: 0,
  lookSeconds: 0,
  lockSeconds: 0,
  lockPerLook: 0,
  help: 'all',
  tableSeconds: 0,
  epochs: 10,
};
const calm: World = {
  nodes: 4,
  jobs: 40,
  lossesPerNodeHour: 0,
  backSeconds: 60,
  stragglers: 0,
  straggle: 1,
  operationsPerSecond: Number.POSITIVE_INFINITY,
  seed: 1,
};
const run = (world: Partial<World> = {}, program: Partial<Program> = {}, durations = [60]) =>
  simulate({ ...calm, ...world }, { ...free, ...program }, durations);

describe('simulate', () => {
  it('needs what the work needs, shared among the nodes', () => {
    expect(run()).toMatchObject({ makespan: 600, ideal: 600, wasted: 0, worked: 2400 });
    expect(run({ nodes: 1 })).toMatchObject({ makespan: 2400, ideal: 2400 });
    expect(run({ nodes: 100 }).makespan).toBe(60);
  });

  it('deals all recorded times out: uneven ones are levelled by helpers up to one job', () => {
    const times = [10, 20, 30, 40, 50, 60, 70, 120];
    const { makespan, ideal, worked } = run({ jobs: 80, nodes: 8 }, {}, times);
    expect(worked).toBe(10 * 400);
    expect(makespan).toBeGreaterThanOrEqual(ideal);
    expect(makespan).toBeLessThan(ideal + 120);
  });

  it('counts the start, the planned jobs that each worker reads, and the tables', () => {
    expect(run({}, { startSeconds: 5, startPerJob: 0.1, tableSeconds: 0.5 }).makespan).toBe(600 + 5 + 4 + 20);
  });

  it('lets a disk do so many operations a second and no more', () => {
    // 40 jobs of 100 operations at 10 a second are 400 s, which four nodes at work of 60 s each cannot hide.
    const { makespan, operations } = run({ operationsPerSecond: 10 }, { jobOperations: 100 });
    // The last three of four that end look at what the others are at.
    expect(operations).toBe(4000 + 25 * (3 + 2 + 1));
    expect(makespan).toBeGreaterThan(600);
    expect(run({ operationsPerSecond: 10 }, { jobOperations: 1000 }).makespan).toBeGreaterThan(4000);
  });

  it('does what is under one lock one after the other, the longer the longer the ledger is', () => {
    expect(run({ nodes: 40 }, { lockSeconds: 1 }).makespan).toBe(60 + 40);
    const growing = run({ nodes: 40 }, { lockPerLook: 0.1 }).makespan;
    expect(growing).toBeCloseTo(60 + (0.1 * (39 * 40)) / 2, 6);
    // Who waits for longer than a minute leaves the scoring to another, and all is done in the end.
    expect(run({ nodes: 40 }, { lockSeconds: 10 }).makespan).toBeGreaterThanOrEqual(60 + 400);
  });

  it('counts looking at all jobs once a worker, and at the logs alone where there are logs', () => {
    const all = run({ nodes: 10, jobs: 1000 }, { lookOperations: 3 });
    expect(all.operations).toBeGreaterThan(10 * 1000 * 3);
    const logs = run({ nodes: 10, jobs: 1000 }, { lookOperations: 3, help: 'logs' });
    expect(logs.operations).toBeLessThan(0.25 * all.operations);
  });

  it('loses what was trained since the last epoch with a node, and finishes all the same', () => {
    const { wasted, makespan, ideal, worked } = run({ jobs: 400, lossesPerNodeHour: 10 });
    expect(wasted).toBeGreaterThan(0);
    // A job of ten epochs of 6 s loses 3 s on average.
    expect(wasted / (worked - 400 * 60)).toBeCloseTo(1, 6);
    expect(makespan).toBeGreaterThan(ideal);
    expect(makespan).toBeLessThan(2 * ideal);
    expect(run({ jobs: 400, lossesPerNodeHour: 10 }, { epochs: 1 }).wasted).toBeGreaterThan(3 * wasted);
  });

  it('is slowed down by stragglers', () => {
    expect(run({ jobs: 400, stragglers: 0.05, straggle: 5 }).makespan).toBeGreaterThan(
      1.1 * run({ jobs: 400 }).makespan,
    );
  });

  it('says the same for the same seed, and something else for another', () => {
    const wild = { jobs: 400, lossesPerNodeHour: 5, stragglers: 0.02, straggle: 4 };
    expect(run(wild)).toEqual(run(wild));
    expect(run({ ...wild, seed: 2 }).makespan).not.toBe(run(wild).makespan);
  });
});
