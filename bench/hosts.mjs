// Two hosts on one directory, and a full disk, by namespaces of this machine: `node bench/hosts.mjs`, after a build; needs
// root and util-linux's unshare.
// - hosts: `vega-merc job` for one run under two host names, each with process numbers of its own. One must win and the
//   other be told by whom; the winner is killed, and the other must take its run over.
// - disk: an experiment on a small disk that is filled up. Every run must fail with a sentence and leave nothing half
//   written; with room made, the same call must come to the bytes of a calm one.
// Prints one JSON document.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const home = process.env.VEGA_HOSTS_HOME ?? mkdtempSync(join(tmpdir(), 'vega-hosts-'));
const vega = (...args) => spawnSync(process.execPath, [program, ...args], { cwd: home, encoding: 'utf8' });

/** An experiment of so many runs. */
function experiment(name, seeds, epochs) {
  const set = `{ hidden: 64, epochs: ${epochs}, patience: ${epochs}, batchSize: 20 }`;
  writeFileSync(
    join(home, `${name}.yaml`),
    `name: ${name}\nseeds: [${seeds}]\nresamples: 100\ncorpora: { toy: corpus }\ndefaults: { preset: small, set: ${set} }\n` +
      'configurations: { none: { anchors: none } }\n',
  );
  return `${name}.yaml`;
}

/** Hash of the weights of every run, by its file. */
function weights(directory) {
  const files = readdirSync(join(home, directory), { recursive: true }).filter((file) => /safetensors$/.test(file));
  const hash = (file) =>
    createHash('sha256')
      .update(readFileSync(join(home, directory, file)))
      .digest('hex');
  return JSON.stringify(files.sort().map((file) => [file, hash(file)]));
}
const looks = (directory) =>
  readFileSync(join(home, directory, 'ledger.jsonl'), 'utf8')
    .trim()
    .split('\n').length;

async function hosts() {
  const file = experiment('two', '1', 40);
  vega('experiment', file, '--out', 'calm', '--jobs', '1');
  vega('experiment', file, '--out', 'two', '--plan');
  const script = 'hostname "$0"; exec "$@"';
  const on = (host) => {
    const spaces = ['--uts', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
    const call = [process.execPath, program, 'job', join(home, 'two'), '0'];
    const child = spawn('unshare', [...spaces, 'sh', '-c', script, host, ...call], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text) => {
      said += text;
    });
    return { child, ended: new Promise((done) => child.once('close', () => done(said))) };
  };
  const first = on('host-a');
  await sleep(4000);
  const told = await on('host-b').ended;
  first.child.kill('SIGKILL');
  await first.ended;
  const killed = performance.now();
  let said = '';
  do {
    await sleep(1000);
    said = await on('host-b').ended;
  } while (/left to another/.test(said) && performance.now() - killed < 120_000);
  return {
    told: /left to another: (.*)/.exec(told)?.[1],
    takenOver: /: done/.test(said),
    secondsUntilDone: Math.round((performance.now() - killed) / 1000),
    equal: weights('two/runs') === weights('calm/runs'),
    looks: looks('two'),
  };
}

/** In a mount namespace of its own, so that nothing stays mounted. */
function disk() {
  const file = experiment('full', '1, 2', 6);
  vega('experiment', file, '--out', 'calm-disk', '--jobs', '1');
  const small = join(home, 'small');
  mkdirSync(small);
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small]);
  const { bavail, bsize } = statfsSync(small);
  const filler = join(small, 'filler');
  writeFileSync(filler, Buffer.alloc(bavail * bsize - 1_500_000));
  const full = vega('experiment', file, '--out', 'small/full', '--jobs', '1');
  const halves = readdirSync(small, { recursive: true }).filter((name) => /tmp|claim/.test(name)).length;
  rmSync(filler);
  spawnSync('mount', ['-o', 'remount,size=100m', small]);
  const again = vega('experiment', file, '--out', 'small/full', '--jobs', '1');
  return {
    exit: full.status,
    said: /seed 1 failed: (.*)/.exec(full.stdout + full.stderr)?.[1].replaceAll(home, ''),
    halfWritten: halves,
    exitWithRoom: again.status,
    equal: weights('small/full/runs') === weights('calm-disk/runs'),
    looks: looks('small/full'),
  };
}

if (process.env.VEGA_HOSTS_HOME !== undefined) console.log(JSON.stringify(disk()));
else {
  vega('sample', 'corpus');
  const found = { hosts: await hosts() };
  const { stdout, stderr } = spawnSync('unshare', ['--mount', process.execPath, fileURLToPath(import.meta.url)], {
    env: { ...process.env, VEGA_HOSTS_HOME: home },
    encoding: 'utf8',
  });
  console.log(JSON.stringify({ ...found, disk: stdout ? JSON.parse(stdout) : stderr }, null, 2));
  rmSync(home, { recursive: true });
}
