// Writes a manifest of RAVDESS's sound, in the dialogues and official splits of splits.json, for
//   node bench/ravdess-manifest.mjs ../shared/data/ravdess build/ravdess.jsonl
//   vega-merc extract build/ravdess.jsonl --visual none --classes neutral,surprise,fear,sadness,joy,disgust,anger --out CORPUS
// Labels are in the clips' names (third number), speakers are told apart as in ravdess_av.pkl: men have the odd numbers.
// Its two sentences are left out, since they tell nothing.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [folder = '../shared/data/ravdess', out = 'build/ravdess.jsonl'] = process.argv.slice(2);
const { clips, ...splits } = JSON.parse(readFileSync(join(folder, 'splits.json'), 'utf8'));
// Calm counts as neutral.
const EMOTIONS = ['neutral', 'neutral', 'joy', 'sadness', 'anger', 'fear', 'disgust', 'surprise'];

let lines = '';
for (const split of ['train', 'valid', 'test']) {
  for (const dialogue of splits[split]) {
    clips[dialogue].forEach((clip, index) => {
      const label = EMOTIONS[Number(clip.split('-')[2]) - 1];
      const speaker = Number(clip.split('-')[6]) % 2 === 1 ? 'M' : 'F';
      const media = relative(dirname(out), join(folder, 'audio', `${clip}.opus`));
      lines += `${JSON.stringify({ dialogue, index, speaker, label, media, split })}\n`;
    });
  }
}
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, lines);
console.log(`${out}: ${lines.trimEnd().split('\n').length} clips`);
