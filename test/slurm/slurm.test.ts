import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../bench/slurm/cluster.mjs';

// A real SLURM: two nodes of one processor on this machine. vitest.config.ts leaves this out where it is not installed.
const home = mkdtempSync(join(tmpdir(), 'vega-slurm-test-'));
const program = resolve('dist/cli/main.js');
let cluster: Cluster;

function vega(args: string[], env: NodeJS.ProcessEnv = cluster.env) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: home,
    env,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

function experiment(name: string, seeds: number, epochs: number): string {
  writeFileSync(
    join(home, `${name}.yaml`),
    `name: ${name}
seeds: [${Array.from({ length: seeds }, (_, i) => i + 1).join(', ')}]
resamples: 100
corpora: { toy: corpus }
defaults: { preset: small, set: { hidden: 32, epochs: ${epochs}, patience: ${epochs}, batchSize: 20 } }
configurations: { none: { anchors: none }, random: { anchors: random } }
`,
  );
  return `${name}.yaml`;
}

function weights(directory: string): string[] {
  const runs = join(home, directory, 'runs');
  return readdirSync(runs, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('model.safetensors'))
    .sort()
    .map(
      (file) =>
        `${file} ${createHash('sha256')
          .update(readFileSync(join(runs, file)))
          .digest('hex')}`,
    );
}
const looks = (directory: string) =>
  readFileSync(join(home, directory, 'ledger.jsonl'), 'utf8')
    .trim()
    .split('\n');

beforeAll(async () => {
  cluster = await startCluster();
  expect(vega(['sample', 'corpus']).status).toBe(0);
  const file = experiment('e', 2, 8);
  expect(vega(['experiment', file, '--out', 'local', '--jobs', '2']).status).toBe(0);
}, 300_000);
afterAll(async () => {
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
}, 60_000);

describe('an experiment on SLURM', () => {
  it('gives what it gives here, to the byte, and a second call says that it is under way', async () => {
    const first = vega(['experiment', 'e.yaml', '--out', 'nodes', '--slurm']);
    expect(first).toMatchObject({ status: 0 });
    const second = vega(['experiment', 'e.yaml', '--out', 'nodes', '--slurm']);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/nodes is submitted already, as job \d+: .*scancel \d+/);
    const followed = vega(['experiment', 'e.yaml', '--out', 'nodes', '--follow']);
    expect(followed).toMatchObject({ status: 0 });
    expect(followed.stderr).toContain("4 runs: 4 done, 0 running, 0 failed, 0 waiting; in SLURM's queue: nothing.");
    expect(weights('nodes')).toEqual(weights('local'));
    expect(looks('nodes').length).toBe(4);
    const status = JSON.parse(vega(['experiment', 'e.yaml', '--out', 'nodes', '--status', '--json']).stdout);
    expect(status.map(({ state }: { state: string }) => state)).toEqual(['done', 'done', 'done', 'done']);
    expect(status.every(({ node }: { node: string }) => /^n[12]$/.test(node))).toBe(true);
    expect(vega(['experiment', 'e.yaml', '--out', 'nodes', '--slurm']).stdout).toContain('All runs are there already');
  }, 300_000);

  it('loses nothing when a node is killed under it and the controller restarts', async () => {
    const file = experiment('wild', 2, 60);
    expect(vega(['experiment', file, '--out', 'calm', '--jobs', '2'])).toMatchObject({ status: 0 });
    expect(vega(['experiment', file, '--out', 'wild', '--slurm'])).toMatchObject({ status: 0 });
    await new Promise((done) => setTimeout(done, 6000));
    cluster.killNode('n1');
    cluster.restartController();
    cluster.startNode('n1');
    await cluster.settle();
    expect(weights('wild')).toEqual(weights('calm'));
    expect(looks('wild').length).toBe(4);
  }, 600_000);

  it('says what is wrong', () => {
    const none = vega(['experiment', 'e.yaml', '--out', 'other', '--slurm', '--partition', 'nowhere']);
    expect(none.status).toBe(1);
    expect(none.stderr).toMatch(/^vega-merc: SLURM refuses the job: .*nowhere.* Nothing is lost; change --partition/);
    const bare = { ...cluster.env, PATH: join(home, 'nothing') };
    expect(vega(['experiment', 'e.yaml', '--out', 'other', '--slurm'], bare).stderr).toMatch(
      /There is no (sbatch|sinfo) on this machine\. .*leave --slurm out/,
    );
  });
});

describe('an ablation on SLURM', () => {
  it('gives what it gives here, to the byte; the job of the tables asks for less than the workers', () => {
    const small = ['hidden=8', 'epochs=1', 'batchSize=40'].flatMap((one) => ['--set', one]);
    const args = ['ablate', 'corpus', '--anchors', 'random', ...small, '--seeds', '1'];
    expect(vega([...args, '--out', 'rows', '--jobs', '2'])).toMatchObject({ status: 0 });
    const slurm = ['--slurm', '--time', '10', '--tables-time', '5', '--follow', '--json'];
    const far = vega([...args, '--out', 'far-rows', ...slurm]);
    expect(far).toMatchObject({ status: 0 });
    expect(weights('far-rows')).toEqual(weights('rows'));
    expect(looks('far-rows').length).toBe(looks('rows').length);
    const results = (directory: string) => JSON.parse(readFileSync(join(home, directory, 'results.json'), 'utf8'));
    expect(results('far-rows').rows.map(({ scores }: { scores: unknown }) => scores)).toEqual(
      results('rows').rows.map(({ scores }: { scores: unknown }) => scores),
    );
    expect(JSON.parse(far.stdout).finished).toBe(true);
    const asked = (name: string) => readFileSync(join(home, 'far-rows/jobs/slurm', name), 'utf8');
    expect(asked('array-0.sh')).toContain('#SBATCH --time=10\n');
    expect(asked('after.sh')).toContain('#SBATCH --time=5\n');
  }, 600_000);
});

describe('an extraction on SLURM', () => {
  it('writes the corpus that it writes here, to the byte', async () => {
    const lines = readFileSync('samples/manifest.jsonl', 'utf8').split('\n').slice(0, 12);
    writeFileSync(join(home, 'manifest.jsonl'), `${lines.join('\n')}\n`);
    symlinkSync(resolve('samples/media'), join(home, 'media'));
    const args = ['extract', 'manifest.jsonl', '--audio', 'functionals', '--fps', '2'];
    mkdirSync(join(home, 'caches'));
    expect(vega([...args, '--out', 'here', '--cache', 'caches/here'])).toMatchObject({ status: 0 });
    const far = vega([...args, '--out', 'far', '--cache', 'caches/far', '--slurm', '--workers', '2', '--follow']);
    expect(far).toMatchObject({ status: 0 });
    expect(far.stdout).toContain('far is there.');
    expect(far.stderr).toContain("8 parts: 8 done, 0 running, 0 failed, 0 waiting; in SLURM's queue: nothing.");
    expect(vega([...args, '--out', 'far', '--status']).stdout).toBe(
      '8 parts: 8 done, 0 running, 0 failed, 0 waiting.\n',
    );
    for (const name of ['features.safetensors', 'corpus.json', 'utterances.jsonl', 'extraction.json'])
      expect(readFileSync(join(home, 'far', name)).equals(readFileSync(join(home, 'here', name)))).toBe(true);
  }, 300_000);
});
