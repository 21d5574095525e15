// What an experiment needs on many nodes, measured here and reckoned beyond: after a build,
//   node bench/scale.mjs measure [--runs 10000] [--attempts logs|files] [--out measured.json]
//     operations on the shared disk of a job and of a look at one that is done (needs strace); the start of a job; planning,
//     --status, a worker that finds all done, and the tables of a directory of so many runs; a look into a ledger as long.
//   node bench/scale.mjs validate EXPERIMENT
//     its makespan as the model has it from its own attempts, beside what it was.
//   node bench/scale.mjs simulate EXPERIMENT --measured measured.json[,before.json] [--runs 100000] [--mean 60] [--svg FILE]
//     makespan and wasted work on 1, 10, 100 and 1,000 nodes against the ideal, calm and with injected failures.
// EXPERIMENT is a directory with attempts. Prints JSON; docs/scale.md says what came of it.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { finishAll, load, operations, recordAll, tables, vega, writeExperiment } from './scale/measure.mjs';
import { simulate } from './scale/model.mjs';
import { drawScaling } from './scale/plot.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    out: { type: 'string' },
    measured: { type: 'string' },
    mean: { type: 'string', default: '60' },
    svg: { type: 'string' },
    seed: { type: 'string', default: '1' },
    attempts: { type: 'string', default: 'logs' },
  },
});
const [what, directory] = positionals;
const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
const rounded = (value) => Number(value.toPrecision(3));

/** Seconds of the attempts that ended with a result, oldest first. */
async function recorded() {
  const { readAttempts } = await load('jobs/index.js');
  const attempts = readAttempts(directory).filter(({ outcome }) => outcome === 'done');
  if (attempts.length === 0) throw new Error(`${directory} has no attempt that was done`);
  return attempts.map(({ begun, ended }) => ({ from: Date.parse(begun) / 1000, to: Date.parse(ended) / 1000 }));
}

/** Workers whose logs a directory holds. */
const WORKERS = 100;

async function measure() {
  const home = mkdtempSync(join(tmpdir(), 'vega-scale-'));
  try {
    vega('sample', join(home, 'corpus'));
    const planned = (name, shape) => {
      const file = join(home, `${name}.yaml`);
      writeExperiment(file, join(home, 'corpus'), {
        seeds: 1,
        set: { hidden: 32, epochs: 8, batchSize: 20 },
        ...shape,
      });
      return { file, folder: join(home, name), plan: vega('experiment', file, '--plan') };
    };
    // The difference of one job and three is what a job does; the rest is the worker's start.
    const counts = [1, 3].map((seeds) => {
      const { folder } = planned(`jobs-${seeds}`, { configurations: 1, seeds });
      return operations(folder, 'job', folder, '0', '--of', '1');
    });
    const job = Object.fromEntries(
      Object.entries(counts[1]).map(([name, n]) => [name, (n - (counts[0][name] ?? 0)) / 2]),
    );
    const startOperations = sum(Object.values(counts[0])) - sum(Object.values(job));

    const runs = Number(values.runs ?? 10_000);
    const few = planned('few', { configurations: 10, seeds: 10 });
    const many = planned('many', { configurations: runs / 10, seeds: 10 });
    const finished = join(home, 'jobs-1/runs/toy/c0/seed-1');
    for (const { folder } of [few, many]) finishAll(folder, finished);
    const helped = [few, many].map(({ folder }) => operations(folder, 'job', folder, '0', '--of', `${runs}`));
    const fewRuns = 100;
    const more = runs - fewRuns;
    /** What each further run costs, of two measurements. */
    const perRun = (a, b, key) => (b[key] - a[key]) / more;
    const [one, other] = [few, many].map(({ folder }) => vega('job', folder, '0'));
    const [helpedFew, helpedMany] = [few, many].map(({ folder }) => vega('job', folder, '0', '--of', `${runs}`));
    for (const { folder } of [few, many]) recordAll(folder, WORKERS, values.attempts);
    const worker = vega('job', many.folder, '0', '--of', `${runs}`);
    const [statusFew, statusMany] = [few, many].map(({ file }) => vega('experiment', file, '--status'));
    const [tablesFew, tablesMany] = [few, many].map(({ file, folder }) => tables(file, folder));
    const ledgers = await Promise.all([0, runs].map((looks) => ledger(join(home, `ledger-${looks}`), looks)));
    const follow = values.attempts === 'logs' && (await following(many.folder));
    const without = ({ stdout: _, ...rest }) => rest;
    return {
      runs,
      help: values.attempts === 'logs' ? 'logs' : 'all',
      job: { operations: sum(Object.values(job)), calls: job, startOperations },
      look: {
        operations: (sum(Object.values(helped[1])) - sum(Object.values(helped[0]))) / more,
        cpu: perRun(helpedFew, helpedMany, 'cpu') - perRun(one, other, 'cpu'),
      },
      start: { ...without(one), cpuPerPlannedJob: perRun(one, other, 'cpu') },
      plan: without(many.plan),
      status: { ...without(statusMany), cpuPerRun: perRun(statusFew, statusMany, 'cpu') },
      ...(follow && { follow }),
      worker: { ...without(worker), withoutRecords: without(helpedMany) },
      tables: {
        ...without(tablesMany),
        cpuPerRun: perRun(tablesFew, tablesMany, 'cpu'),
        kilobytesPerRun: 1000 * perRun(tablesFew, tablesMany, 'megabytes'),
      },
      ledger: { secondsEmpty: ledgers[0], secondsLong: ledgers[1] },
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Seconds of the first look at what is followed, and of one at which nothing is new. */
async function following(folder) {
  const { RUN_VIEW } = await load('evaluation/experiment/cluster.js');
  const { lookAtJobs } = await load('jobs/index.js');
  const times = [performance.now()];
  const look = lookAtJobs(folder, RUN_VIEW);
  for (let i = 0; i < 2; i++) {
    look();
    times.push(performance.now());
  }
  return { firstSeconds: (times[1] - times[0]) / 1000, nextSeconds: (times[2] - times[1]) / 1000 };
}

/** Seconds of a look into a ledger that has so many. */
async function ledger(folder, looks) {
  const { recordLook } = await load('evaluation/experiment/ledger.js');
  const entry = {
    time: '2026-01-02T03:04:05.000Z',
    corpus: 'toy',
    corpusHash: '0'.repeat(64),
    split: 'test',
    configuration: 'none',
    seed: 1,
    model: '0'.repeat(64),
    what: 'scores',
    selection: 'validation-selected',
  };
  mkdirSync(folder);
  const line = (seed) => `${JSON.stringify({ ...entry, seed, previous: '0'.repeat(64) })}\n`;
  writeFileSync(join(folder, 'ledger.jsonl'), Array.from({ length: looks }, (_, i) => line(i)).join(''));
  const times = 5;
  const began = performance.now();
  for (let i = 0; i < times; i++)
    recordLook(folder, { ...entry, seed: looks + i }, { intent: join(folder, `${i}.json`), once: true });
  return (performance.now() - began) / 1000 / times;
}

const NODES = [1, 10, 100, 1000];
/** Nothing happens but the work. */
const CALM = { lossesPerNodeHour: 0, backSeconds: 300, stragglers: 0, straggle: 1 };
/** A node is lost every two days, 1 % of the attempts take five times as long. */
const ROUGH = { lossesPerNodeHour: 1 / 48, backSeconds: 300, stragglers: 0.01, straggle: 5 };
/** With the metadata operations a second of a good parallel disk, and of a slow one that others use too. */
const WORLDS = {
  'calm, fast disk': { ...CALM, operationsPerSecond: 50_000 },
  'rough, fast disk': { ...ROUGH, operationsPerSecond: 50_000 },
  'rough, slow disk': { ...ROUGH, operationsPerSecond: 5_000 },
};
/** A job's signs of life: a claim is read and written every five seconds. */
const BEATS = 2 / 5;

function programOf(measured) {
  const { help, job, look, start, tables: table, ledger: looks, runs } = measured;
  return {
    startSeconds: start.cpu - start.cpuPerPlannedJob * runs,
    startPerJob: start.cpuPerPlannedJob,
    startOperations: job.startOperations,
    jobOperations: job.operations,
    beatsPerSecond: BEATS,
    lookOperations: look.operations,
    lookSeconds: Math.max(0, look.cpu),
    lockSeconds: looks.secondsEmpty,
    lockPerLook: Math.max(0, looks.secondsLong - looks.secondsEmpty) / runs,
    help,
    tableSeconds: table.cpuPerRun,
    epochs: 25,
  };
}

async function validate() {
  const attempts = await recorded();
  const { timelineOf, readAttempts } = await load('jobs/index.js');
  const lanes = sum(timelineOf(readAttempts(directory)).nodes.map((node) => node.lanes));
  const actual = Math.max(...attempts.map(({ to }) => to)) - Math.min(...attempts.map(({ from }) => from));
  const none = {
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
    epochs: 1,
  };
  const seconds = attempts.map(({ from, to }) => to - from);
  const world = { ...CALM, nodes: lanes, jobs: seconds.length, operationsPerSecond: Number.POSITIVE_INFINITY };
  const predicted = Array.from({ length: 20 }, (_, seed) => simulate({ ...world, seed }, none, seconds).makespan);
  const mean = sum(predicted) / predicted.length;
  const perHour = (time) => (3600 * seconds.length) / time;
  return {
    runs: seconds.length,
    atATime: lanes,
    seconds: rounded(actual),
    predicted: {
      seconds: rounded(mean),
      least: rounded(Math.min(...predicted)),
      most: rounded(Math.max(...predicted)),
    },
    perHour: { was: rounded(perHour(actual)), predicted: rounded(perHour(mean)) },
    error: rounded((perHour(mean) - perHour(actual)) / perHour(actual)),
  };
}

async function simulateAll() {
  const attempts = await recorded();
  const seconds = attempts.map(({ from, to }) => to - from);
  const stretch = Number(values.mean) / (sum(seconds) / seconds.length);
  const durations = seconds.map((one) => one * stretch);
  const jobs = Number(values.runs ?? 100_000);
  const [now, before] = values.measured.split(',').map((path) => programOf(JSON.parse(readFileSync(path, 'utf8'))));
  const rowsOf = (program, counts) =>
    Object.entries(WORLDS).flatMap(([name, world]) =>
      counts.map((nodes) => {
        const found = simulate({ ...world, nodes, jobs, seed: Number(values.seed) }, program, durations);
        return {
          world: name,
          nodes,
          idealHours: rounded(found.ideal / 3600),
          hours: rounded(found.makespan / 3600),
          efficiency: rounded(found.ideal / found.makespan),
          wastedPercent: rounded((100 * found.wasted) / found.worked),
          helpingNodeHours: rounded(found.helping / 3600),
          operations: rounded(found.operations),
        };
      }),
    );
  const rows = { now: rowsOf(now, NODES), ...(before && { before: rowsOf(before, NODES) }) };
  // The program of before with one change at a time, where it hurts most.
  const { lockSeconds, lockPerLook, help, tableSeconds } = now;
  const changes = { logs: { help }, ledger: { lockSeconds, lockPerLook }, tables: { tableSeconds } };
  const each =
    before &&
    Object.fromEntries(
      Object.entries(changes).map(([name, change]) => [name, rowsOf({ ...before, ...change }, NODES.slice(-1))]),
    );
  if (values.svg !== undefined) writeFileSync(values.svg, drawScaling(rows, { jobs, mean: Number(values.mean) }));
  return { jobs, meanSeconds: Number(values.mean), program: now, ...rows, ...(each && { changesAlone: each }) };
}

const parts = { measure, validate, simulate: simulateAll };
if (!Object.hasOwn(parts, what)) throw new Error(`measure, validate or simulate, not "${what}"`);
const found = await parts[what]();
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(found, null, 2)}\n`);
console.log(JSON.stringify(found, null, 2));
