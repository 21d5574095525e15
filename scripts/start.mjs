// The first look: installs and builds if needed, then goes the whole way from recordings to scores on the sample corpus,
// with the same commands a user would type.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const corpus = 'sample/corpus';
const anchors = 'sample/faces.anchors.safetensors';
const run = 'runs/sample';
const settings = ['lr=3e-3', 'epochs=30', 'patience=30', 'classHead.layers=2', 'classHead.dropout=0.2'];
const note = 'The sample is synthetic: its scores say that the program works, nothing about emotions.';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
node('scripts/setup.mjs', '--build');
// What an earlier start left: it is made anew, the same; features come from the cache.
rmSync(run, { recursive: true, force: true });

console.log(
  '\nThe sample: 578 utterances, written, spoken and drawn. One clip in twenty has no sound and one in twenty no picture, on purpose.',
);
const about = ['--name', 'sample', '--synthetic', '--cache', 'sample/cache'];
vegaMerc('extract', 'samples/manifest.jsonl', '--out', corpus, ...about);
vegaMerc('anchors', 'build', 'samples/faces', '--encoder', 'face-expression', '--out', anchors);
const set = settings.flatMap((setting) => ['--set', setting]);
vegaMerc('train', corpus, '--anchors', anchors, '--out', run, '--preset', 'small', ...set);
vegaMerc('evaluate', run);
vegaMerc('report', run);
console.log(`\nThe run directory is ${run}: weights, configuration, metrics of every epoch and the scores above.`);
console.log(`The report, to be opened in a browser: ${run}/report.html`);
console.log(note);

function vegaMerc(...args) {
  console.log(`\n$ vega-merc ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}`);
  node('dist/cli/main.js', ...args);
}

function node(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
