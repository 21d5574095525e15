// The first look: installs and builds if needed, then does the main job on a synthetic sample corpus, with the same
// commands a user would type. Training ends with the scores on the test split.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const show = (path) => relative(process.cwd(), path) || '.';
const corpus = join(root, 'sample');
const anchors = join(corpus, 'synthetic.anchors.safetensors');
const run = join(root, 'runs', 'sample');

node('scripts/setup.mjs', '--build');
// What an earlier start left: it is made anew, the same.
rmSync(run, { recursive: true, force: true });
vegaMerc('sample', corpus);
const settings = ['lr=3e-3', 'epochs=30', 'patience=30', 'classHead.layers=2', 'classHead.dropout=0.2'];
const set = settings.flatMap((setting) => ['--set', setting]);
vegaMerc('train', corpus, '--anchors', anchors, '--out', run, '--preset', 'small', ...set);
console.log(
  `\nThe run directory is ${show(run)}: weights, configuration, metrics of every epoch and the scores above.`,
);
console.log('The sample is synthetic: its scores say that the program works, nothing about emotions.');

function vegaMerc(...args) {
  console.log(`\n$ vega-merc ${args.map((arg) => (arg.startsWith(root) ? show(arg) : arg)).join(' ')}`);
  node('dist/cli/main.js', ...args);
}

function node(script, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
