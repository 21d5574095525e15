// Writes a corpus, and dies at one of the renames, before or after it: no time for anything.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [directory, name, fatal, moment] = process.argv.slice(2);
let renames = 0;
const { renameSync } = fs;
fs.renameSync = (...paths) => {
  const last = ++renames === Number(fatal);
  if (last && moment === 'before') process.kill(process.pid, 'SIGKILL');
  renameSync(...paths);
  if (last) process.kill(process.pid, 'SIGKILL');
};
syncBuiltinESMExports();

const { writeCorpus } = await import('../../dist/corpus/files.js');
const { createCorpus } = await import('../../dist/corpus/index.js');
const rows = Float32Array.from({ length: 4 }, (_, i) => i + name.length);
const utterance = { speaker: 0, label: 0, text: name };
const corpus = createCorpus(
  {
    name,
    classes: ['joy', 'anger'],
    speakers: ['A'],
    dialogues: [{ id: name, utterances: [utterance, utterance] }],
    features: { text: { dim: 2, rows, encoder: name } },
    splits: { train: [name] },
  },
  'the test',
);
writeCorpus(directory, corpus, { 'extraction.json': JSON.stringify(name) });
