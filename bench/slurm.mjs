// SLURM on this machine, two nodes of one processor each, against the same runs without it: `node bench/slurm.mjs
// [--runs 24] [--chaos 30] [--seconds 15]`, after a build; needs Debian's slurmctld, slurmd, slurm-client and munge, and root.
// - throughput: the runs by `--jobs 2` and by an array of two workers; weights compared byte by byte.
// - chaos: a random node's slurmd and what it runs killed every so many seconds and started again, slurmctld restarted
//   twice; then every run must be there, scored once in the ledger, equal to the calm ones; and how much work was wasted:
//   time of attempts that did not end with a run, beside the time of all.
// Prints one JSON document.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readAttempts } from '../dist/jobs/index.js';
import { startCluster } from './slurm/cluster.mjs';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '24' },
    chaos: { type: 'string', default: '30' },
    seconds: { type: 'string', default: '15' },
    epochs: { type: 'string', default: '40' },
  },
});
const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'vega-slurm-bench-'));
const vega = (env, ...args) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`vega-merc ${args.join(' ')}: ${stderr}`);
  return stdout;
};
vega(process.env, 'sample', 'corpus');

/** An experiment of so many runs. */
function experiment(name, runs) {
  const seeds = Array.from({ length: runs / 2 }, (_, i) => i + 1);
  writeFileSync(
    join(root, `${name}.yaml`),
    `name: ${name}
seeds: [${seeds.join(', ')}]
resamples: 100
corpora: { toy: corpus }
defaults: { preset: small, set: { hidden: 64, epochs: ${values.epochs}, patience: ${values.epochs}, batchSize: 20 } }
configurations: { none: { anchors: none }, random: { anchors: random } }
`,
  );
  return `${name}.yaml`;
}

/** Hash of the weights of every run. */
function weightsOf(directory) {
  const files = readdirSync(join(root, directory, 'runs'), { recursive: true }).filter((file) =>
    file.endsWith('model.safetensors'),
  );
  const hash = (file) =>
    createHash('sha256')
      .update(readFileSync(join(root, directory, 'runs', file)))
      .digest('hex');
  return new Map(files.sort().map((file) => [file, hash(file)]));
}
const same = (a, b) => a.size === b.size && [...a].every(([file, hash]) => b.get(file) === hash);
const attemptsOf = (directory) => readAttempts(join(root, directory));
const looksAt = (directory) =>
  readFileSync(join(root, directory, 'ledger.jsonl'), 'utf8')
    .trim()
    .split('\n').length;

const cluster = await startCluster();
// What is called waits for its end, so a signal comes between two calls; its daemons must not outlive this program.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await cluster.stop();
    rmSync(root, { recursive: true, force: true });
    process.exit(1);
  });
}
const report = {};
try {
  const runs = Number(values.runs);
  if (runs > 0) {
    const file = experiment('calm', runs);
    let began = Date.now();
    vega(process.env, 'experiment', file, '--jobs', '2', '--out', 'local');
    const local = (Date.now() - began) / 1000;
    began = Date.now();
    vega(cluster.env, 'experiment', file, '--out', 'slurm', '--slurm', '--follow');
    const slurm = (Date.now() - began) / 1000;
    report.throughput = {
      runs,
      localSeconds: local,
      slurmSeconds: slurm,
      ratio: Number((local / slurm).toFixed(2)),
      equal: same(weightsOf('local'), weightsOf('slurm')),
    };
  }
  const wild = Number(values.chaos);
  if (wild > 0) {
    const file = experiment('chaos', wild);
    vega(process.env, 'experiment', file, '--jobs', '2', '--out', 'calm-chaos');
    vega(cluster.env, 'experiment', file, '--out', 'wild', '--slurm');
    let kills = 0;
    let restarts = 0;
    const killed = [];
    for (let waited = 0; waited < 1200; ) {
      await new Promise((done) => setTimeout(done, Number(values.seconds) * 1000));
      waited += Number(values.seconds);
      if (spawnSync('squeue', ['--noheader'], { env: cluster.env, encoding: 'utf8' }).stdout.trim() === '') break;
      const node = Math.random() < 0.5 ? 'n1' : 'n2';
      cluster.killNode(node);
      killed.push(Date.now());
      kills++;
      if (restarts < 2 && kills % 2 === 0) {
        cluster.restartController();
        restarts++;
      }
      cluster.startNode(node);
    }
    await cluster.settle(600);
    const attempts = attemptsOf('wild');
    const length = ({ begun, ended }) => (Date.parse(ended) - Date.parse(begun)) / 1000;
    const useful = attempts.filter(({ outcome }) => outcome === 'done').reduce((sum, one) => sum + length(one), 0);
    // A killed attempt ended at the first blow after it began; what it had written of its run was gone on with.
    const lost = attempts
      .filter(({ outcome }) => outcome === undefined)
      .reduce(
        (sum, { begun }) =>
          sum + ((killed.find((at) => at > Date.parse(begun)) ?? Date.parse(begun)) - Date.parse(begun)) / 1000,
        0,
      );
    report.chaos = {
      runs: wild,
      kills,
      restarts,
      there: weightsOf('wild').size,
      looks: looksAt('wild'),
      equal: same(weightsOf('calm-chaos'), weightsOf('wild')),
      attempts: attempts.length,
      // Blows that met a node at work; the others met one that was starting or waiting to be given its worker again.
      hits: attempts.filter(({ outcome }) => outcome === undefined).length,
      killedAttemptSeconds: Number(lost.toFixed(1)),
      doneAttemptSeconds: Number(useful.toFixed(1)),
      // At most: what an attempt had trained before the blow, but for its last epoch, was gone on with.
      wastedShare: Number((lost / (lost + useful)).toFixed(3)),
    };
  }
} finally {
  await cluster.stop();
}
console.log(JSON.stringify(report, null, 2));
rmSync(root, { recursive: true, force: true });
