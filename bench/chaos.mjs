// Kills commands at random moments, calls them again, and looks whether anything is lost, left behind or different.
//   node bench/chaos.mjs [--kills 20] [--seed 1] [--only train,experiment,extract,anchors] [--json]
// Exits with 1 where the bytes differ from those of a calm run, a file is left behind, or a process lives on.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: 'train,experiment,extract,anchors' },
    json: { type: 'boolean', default: false },
  },
});
const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const samples = fileURLToPath(new URL('../samples', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'vega-chaos-'));
const corpus = join(root, 'corpus');
run(['sample', corpus]);

// A few recordings and faces are enough: what counts are the moments, not the work.
const lines = readFileSync(join(samples, 'manifest.jsonl'), 'utf8').trim().split('\n').slice(0, 12);
writeFileSync(join(root, 'manifest.jsonl'), `${lines.join('\n')}\n`);
symlinkSync(join(samples, 'media'), join(root, 'media'));
for (const name of ['joy', 'anger', 'sadness']) {
  mkdirSync(join(root, 'faces', name), { recursive: true });
  for (const file of readdirSync(join(samples, 'faces', name)).slice(0, 5))
    symlinkSync(resolve(samples, 'faces', name, file), join(root, 'faces', name, file));
}
writeFileSync(
  join(root, 'experiment.yaml'),
  `name: chaos
seeds: [1, 2]
resamples: 200
corpora: { toy: corpus }
defaults: { preset: small, set: { hidden: 32, epochs: 6, batchSize: 20 } }
configurations: { none: { anchors: none }, random: { anchors: random } }
`,
);

/** What each command is called with to write to `out`, and what it is called with to go on. */
const COMMANDS = {
  train: (out) => {
    const settings = ['hidden=64', 'epochs=8', 'batchSize=20', 'patience=99'].flatMap((one) => ['--set', one]);
    return [
      'train',
      corpus,
      '--anchors',
      'random',
      '--preset',
      'small',
      ...settings,
      '--threads',
      '1',
      '--resume',
      '--out',
      out,
    ];
  },
  experiment: (out) => ['experiment', join(root, 'experiment.yaml'), '--jobs', '2', '--out', out],
  extract: (out) => [
    ...['extract', join(root, 'manifest.jsonl'), '--jobs', '2', '--audio', 'functionals', '--out', out],
    ...['--cache', `${out}-cache`],
  ],
  anchors: (out) => [
    'anchors',
    'build',
    join(root, 'faces'),
    '--encoder',
    'face-expression',
    '--out',
    `${out}/a.anchors.safetensors`,
  ],
};
/** Files in which times stand; a log of attempts is named by the process that wrote it as well. */
const TIMED = /(^|\/)(metrics\.jsonl|results\.json|ledger\.jsonl|experiment\.json|jobs\/attempts\/[^/]+\.jsonl)$/;

let state = Number(values.seed);
/** mulberry32: the same moments for the same seed. @returns 0 … 1 */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

const report = {};
for (const name of values.only.split(',')) {
  const command = COMMANDS[name];
  const calm = join(root, name, 'calm');
  mkdirSync(join(root, name));
  const began = performance.now();
  run(command(calm));
  const whole = performance.now() - began;
  const wanted = bytesOf(calm);
  const found = { files: wanted.size, kills: 0, late: 0, different: [], left: [], orphans: 0, looks: [] };
  // A blow that comes after the end is no kill: it is tried again.
  for (let i = 0; found.kills < Number(values.kills) && i < 3 * Number(values.kills); i++) {
    const out = join(root, name, `out-${i}`);
    const { fell, orphans } = await killed(command(out), 30 + random() * 0.9 * whole);
    fell ? found.kills++ : found.late++;
    found.orphans += orphans;
    run(command(out));
    const have = bytesOf(out);
    for (const file of new Set([...wanted.keys(), ...have.keys()]))
      if (wanted.get(file) !== have.get(file)) found.different.push(`${i}/${file}`);
    found.left.push(...leftIn(out).map((file) => `${i}/${file}`));
    if (name === 'experiment')
      found.looks.push(readFileSync(join(out, 'ledger.jsonl'), 'utf8').trim().split('\n').length);
    rmSync(out, { recursive: true });
    rmSync(`${out}-cache`, { recursive: true, force: true });
  }
  if (found.looks.some((looks) => looks !== 4)) found.different.push('ledger');
  report[name] = { seconds: Number((whole / 1000).toFixed(1)), ...found };
  if (!values.json) console.log(`${name}: ${JSON.stringify(report[name])}`);
}
if (values.json) console.log(JSON.stringify(report));
rmSync(root, { recursive: true });
const bad = Object.values(report).some(({ different, left, orphans }) => different.length + left.length + orphans > 0);
process.exitCode = bad ? 1 : 0;

function run(args) {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`vega-merc ${args.join(' ')} ended with ${status}: ${stderr}`);
}

/** Starts a command and kills it after some time. @returns whether the blow fell, and who outlived it by ten seconds. */
async function killed(args, ms) {
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  const ended = new Promise((done) => child.once('exit', (_, signal) => done(signal === 'SIGKILL')));
  await Promise.race([ended, new Promise((done) => setTimeout(done, ms))]);
  const below = descendants(child.pid);
  child.kill('SIGKILL');
  const fell = await ended;
  for (let tries = 0; tries < 100 && below.some(isThere); tries++) await new Promise((done) => setTimeout(done, 100));
  return { fell, orphans: below.filter(isThere).length };
}

/** Processes that a process has started, and those that they have. */
function descendants(pid) {
  const all = readdirSync('/proc').flatMap((name) => {
    const about = /^\d+$/.test(name) ? startOf(name) : undefined;
    return about === undefined ? [] : [about];
  });
  const own = all.filter(({ parent }) => parent === pid);
  return own.flatMap((one) => [one, ...descendants(one.pid)]);
}

function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { pid: Number(pid), state, parent: Number(parent), started: rest[17] };
  } catch {
    return undefined;
  }
}

function isThere({ pid, started }) {
  const now = startOf(pid);
  return now !== undefined && now.state !== 'Z' && now.started === started;
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
}

function bytesOf(folder) {
  const files = filesIn(folder).filter((name) => !TIMED.test(name) && !isLeft(name));
  const hash = (name) =>
    createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
  return new Map(files.map((name) => [name, hash(name)]));
}

function isLeft(name) {
  return /\.tmp$|\.claim\.\d+$|(^|\/)\.(new|whole)(\/|$)/.test(name);
}

function leftIn(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(isLeft);
}
