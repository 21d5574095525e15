// The first look: installs and builds if needed, then goes the whole way from recordings to scores on the sample corpus,
// with the same commands a user would type.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const corpus = 'sample/corpus';
const anchors = 'sample/faces.anchors.safetensors';
const run = 'runs/sample';
const conversation = 'd07';
const settings = ['lr=3e-3', 'epochs=30', 'patience=30', 'classHead.layers=2', 'classHead.dropout=0.2'];

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
node('scripts/setup.mjs', '--build');
// What an earlier start left: it is made anew, the same; features come from the cache.
rmSync(run, { recursive: true, force: true });

console.log(`
The sample: 578 utterances, written, spoken and drawn. It is synthetic: its scores say that the program works, nothing
about emotions. One clip in twenty has no sound and one in twenty no picture, on purpose.`);
const about = ['--name', 'sample', '--synthetic', '--cache', 'sample/cache'];
// Two pictures a second are enough for drawn faces, and take two thirds of the time of three.
vegaMerc('extract', 'samples/manifest.jsonl', '--out', corpus, ...about, '--fps', '2');
vegaMerc('anchors', 'build', 'samples/faces', '--encoder', 'face-expression', '--out', anchors);
vegaMerc('train', corpus, '--anchors', anchors, '--out', run, ...settings.flatMap((setting) => ['--set', setting]));
vegaMerc('report', run);
const lines = readFileSync('samples/manifest.jsonl', 'utf8').split('\n');
const one = lines.filter((line) => line.startsWith(`{"dialogue":"${conversation}"`)).map((line) => JSON.parse(line));
const listed = one.map((line) => JSON.stringify({ ...line, media: `../samples/${line.media}`, label: undefined }));
writeFileSync('sample/conversation.jsonl', `${listed.join('\n')}\n`);
console.log(`
The starter: a model that learned from people (see models/starter/README.md), on a conversation of the sample. Its faces
are drawn and its voices made by a synthesiser, which nobody taught it.`);
vegaMerc('predict', 'starter', 'sample/conversation.jsonl', '--format', 'table');
console.log(`
Done. The scores above are those of the test split, and of the sample: synthetic.
  ${run}/report.html   the report, to be opened in a browser
  ${run}               weights, configuration, metrics of every epoch, scores

Next:
  npx vega-merc predict starter talk.mp4                     your own recording, with the starter
  npx vega-merc studio                                       see in a page what the models see, at http://127.0.0.1:4180
  npx vega-merc predict ${run} ${corpus} --split test        what the model says of every utterance
  npx vega-merc extract talk.mp4 --transcript talk.srt --out talk   your own recordings
  npx vega-merc train --help                                        your own model
README.md goes on from here.`);

function vegaMerc(...args) {
  console.log(`\n$ npx vega-merc ${args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')}`);
  node('dist/cli/main.js', ...args);
}

function node(...args) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
