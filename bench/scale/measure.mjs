// What the program does to the disk and how long it takes, for bench/scale.mjs: operations counted by strace, times of
// directories made of hard links to one finished run.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const url = (name) => new URL(`../../dist/${name}`, import.meta.url).href;
const PROGRAM = fileURLToPath(url('cli/main.js'));

/** Says at its end what a process took. */
const USAGE = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    process.stderr.write('\\nusage ' + (userCPUTime + systemCPUTime) / 1e6 + ' ' + maxRSS / 1e3 + '\\n');
  });`,
)}`;

/** Runs Node. @returns seconds of wall and of processor time, megabytes at most, and what it printed. */
function timed(args) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', USAGE, ...args], { encoding: 'utf8' });
  const seconds = (performance.now() - began) / 1000;
  const [, cpu, megabytes] = /usage ([\d.]+) ([\d.]+)/.exec(stderr) ?? [];
  if (status !== 0 || cpu === undefined) throw new Error(`node ${args.join(' ')}: ${stderr}${stdout}`);
  return { seconds, cpu: Number(cpu), megabytes: Number(megabytes), stdout };
}

/** Runs the program, in one process. */
export const vega = (...args) => timed([PROGRAM, ...args]);

/** Computes an experiment's tables and throws them away, in a process of its own. */
export const tables = (file, directory) =>
  timed([
    '--input-type=module',
    '-e',
    `const { readExperimentFile } = await import(${JSON.stringify(url('evaluation/experiment/spec.js'))});
const { planCorpora, planRuns } = await import(${JSON.stringify(url('evaluation/experiment/plan.js'))});
const { summarise } = await import(${JSON.stringify(url('evaluation/experiment/summary.js'))});
const spec = readExperimentFile(${JSON.stringify(file)});
const directory = ${JSON.stringify(directory)};
const corpora = planCorpora(spec, directory);
const runs = planRuns(spec, corpora);
summarise({ spec, directory, corpora: [...corpora.values()].map(({ about }) => about), runs, failures: new Map(), notes: [] });`,
  ]);

/** Calls on paths, on the disk's metadata; reading and writing open files is not counted. */
const CALLS =
  'openat,open,access,faccessat2,statx,stat,lstat,newfstatat,readlink,rename,link,unlink,mkdir,rmdir,getdents64,fsync,fdatasync';

/** Operations of a call of the program on files below a folder, by name. @throws where strace is missing */
export function operations(folder, ...args) {
  const log = join(folder, '..', `strace-${process.pid}.log`);
  const { error, status, stderr } = spawnSync(
    'strace',
    ['-f', '-y', '-qq', '-e', `trace=${CALLS}`, '-o', log, process.execPath, PROGRAM, ...args],
    { encoding: 'utf8' },
  );
  if (error !== undefined || status !== 0)
    throw new Error(`strace vega-merc ${args.join(' ')}: ${error?.message ?? stderr}`);
  const counts = {};
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const name = /^\d+\s+(\w+)\(/.exec(line)?.[1];
    if (name !== undefined && line.includes(`${folder}/`)) counts[name] = (counts[name] ?? 0) + 1;
  }
  rmSync(log);
  return counts;
}

/** An experiment file of so many runs. */
export function writeExperiment(path, corpus, { configurations, seeds, resamples = 100, set }) {
  const lines = Array.from(
    { length: configurations },
    (_, i) => `  c${i}: { set: { lr: ${(1e-4 + i * 1e-9).toFixed(12)} } }`,
  );
  writeFileSync(
    path,
    `name: scale
seeds: [${Array.from({ length: seeds }, (_, i) => i + 1).join(', ')}]
resamples: ${resamples}
reference: c0
corpora: { toy: ${corpus} }
defaults: { preset: small, anchors: none, set: { ${Object.entries(set)
      .map(([key, value]) => `${key}: ${value}`)
      .join(', ')} } }
configurations:
${lines.join('\n')}
`,
  );
}

/** A file has so many names at most on some disks. */
const LINKS = 30_000;

/** Gives every run of a planned directory the files of a finished one. */
export function finishAll(directory, run) {
  const { runs } = JSON.parse(readFileSync(join(directory, 'experiment.json'), 'utf8'));
  const files = readdirSync(run);
  let from = run;
  Object.keys(runs).forEach((name, i) => {
    const to = join(directory, name);
    if (existsSync(to)) return;
    mkdirSync(to, { recursive: true });
    for (const file of files) (i % LINKS === 0 ? copyFileSync : linkSync)(join(from, file), join(to, file));
    if (i % LINKS === 0) from = to;
  });
}

/** Puts an attempt of every planned job on record, done by so many workers: in logs, or a file each as it once was. */
export function recordAll(directory, workers, form) {
  const { jobs } = JSON.parse(readFileSync(join(directory, 'jobs/plan.json'), 'utf8'));
  const folder = join(directory, 'jobs/attempts');
  mkdirSync(folder, { recursive: true });
  const lines = Array.from({ length: workers }, () => []);
  jobs.forEach(({ input }, job) => {
    const worker = job % workers;
    const begun = new Date(Date.UTC(2026, 0, 2) + 60_000 * Math.floor(job / workers)).toISOString();
    const ended = new Date(Date.parse(begun) + 59_000).toISOString();
    const node = `n${worker}`;
    const attempt = { job, input, host: node, machine: node, node, pid: 7, begun, ended, outcome: 'done' };
    if (form === 'logs') lines[worker].push(`${JSON.stringify(attempt)}\n`);
    else
      writeFileSync(join(folder, `${job}-${begun.replace(/\D/g, '')}-${node}-7.json`), `${JSON.stringify(attempt)}\n`);
  });
  if (form === 'logs')
    for (const [worker, own] of lines.entries()) writeFileSync(join(folder, `n${worker}-7.jsonl`), own.join(''));
}

/** A module of the program, as built. */
export const load = (name) => import(url(name));
