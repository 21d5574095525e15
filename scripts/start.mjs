// The first look: installs and builds if needed, then does the main job on a synthetic sample corpus, with the same
// commands a user would type. Training ends with the scores on the test split.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const corpus = 'sample';
const anchors = 'sample/synthetic.anchors.safetensors';
const run = 'runs/sample';
const settings = ['lr=3e-3', 'epochs=30', 'patience=30', 'classHead.layers=2', 'classHead.dropout=0.2'];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
node('scripts/setup.mjs', '--build');
// What an earlier start left: it is made anew, the same.
rmSync(run, { recursive: true, force: true });
vegaMerc('sample', corpus);
const set = settings.flatMap((setting) => ['--set', setting]);
vegaMerc('train', corpus, '--anchors', anchors, '--out', run, '--preset', 'small', ...set);
console.log(`\nThe run directory is ${run}: weights, configuration, metrics of every epoch and the scores above.`);
console.log('The sample is synthetic: its scores say that the program works, nothing about emotions.');

function vegaMerc(...args) {
  console.log(`\n$ vega-merc ${args.join(' ')}`);
  node('dist/cli/main.js', ...args);
}

function node(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
