// Makes the sample corpus from its two sources, samples/dialogues.jsonl (what is said, and how it is meant) and
// samples/people.json (who speaks, and who sits for the anchors' pictures): speech, drawn faces, clips and manifest.
// Needs espeak-ng on the PATH. The same sources give the same clips; other versions of it and of node-av may give other
// bytes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
// Another folder with the two sources may be given, to compare what it makes with what is here.
const samples = resolve(process.argv[2] ?? join(root, 'samples'));
// The generator of random numbers comes from the build.
const { status } = spawnSync(process.execPath, [join(root, 'scripts/setup.mjs'), '--build'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
if (spawnSync('espeak-ng', ['-h'], { stdio: 'ignore' }).error !== undefined) {
  console.error('This needs espeak-ng, which is not on the PATH; on Debian: apt-get install espeak-ng');
  process.exit(1);
}
const { randomStream, RANDOM_SITES } = await import('../dist/base/random.js');
const { drawFace } = await import('./make-samples/face.mjs');
const { bearing, expression, framePose, shownExpression } = await import('./make-samples/expression.mjs');
const { loudness, SAMPLE_RATE, speak } = await import('./make-samples/voice.mjs');
const { FRAME_RATE, writeClip, writePicture } = await import('./make-samples/clip.mjs');

const SEED = 5;
/** What randomness is for; each has a stream of its own for every utterance or picture. */
const USES = { face: 1, voice: 2, absence: 3, exemplar: 4 };
/** Share of the utterances whose clip has no picture, and of those whose clip has no sound. */
const ABSENT = 0.05;
/** More than any dialogue has utterances. */
const LONGEST_DIALOGUE = 64;
const EMOTIONS = ['neutral', 'surprise', 'fear', 'sadness', 'joy', 'disgust', 'anger'];

const people = JSON.parse(readFileSync(join(samples, 'people.json'), 'utf8'));
const utterances = readFileSync(join(samples, 'dialogues.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

for (const folder of ['media', 'faces']) {
  rmSync(join(samples, folder), { recursive: true, force: true });
  mkdirSync(join(samples, folder));
}
await makeExemplars();
const lines = [];
for (const utterance of utterances) {
  const media = `media/${utterance.dialogue}_${utterance.index}.webm`;
  await makeClip(join(samples, media), utterance);
  const { dialogue, index, speaker, text, label, split } = utterance;
  lines.push(`${JSON.stringify({ dialogue, index, speaker, text, label, split, media })}\n`);
  if (lines.length % 50 === 0) console.error(`${lines.length} of ${utterances.length} utterances`);
}
writeFileSync(join(samples, 'manifest.jsonl'), lines.join(''));
console.error(`Made ${lines.length} clips, and ${EMOTIONS.length} folders of faces for anchors, in samples/.`);

/** samples/faces/EMOTION/PERSON.webp: every person who is not of the cast, once an emotion. */
async function makeExemplars() {
  for (const [e, emotion] of EMOTIONS.entries()) {
    mkdirSync(join(samples, 'faces', emotion));
    for (const [p, [name, look]] of Object.entries(people.exemplars).entries()) {
      const random = stream(USES.exemplar, p * EMOTIONS.length + e);
      const svg = drawFace(look, { ...expression(emotion, random), ...bearing(random) });
      await writePicture(join(samples, 'faces', emotion, `${name}.webp`), svg);
    }
  }
}

async function makeClip(path, { dialogue, index, speaker, text, label }) {
  const step = Number(dialogue.slice(1)) * LONGEST_DIALOGUE + index;
  const person = people.cast[speaker];
  const voice = speak(person, text, label, stream(USES.voice, step));
  const random = stream(USES.face, step);
  const peak = shownExpression(label, random);
  const held = bearing(random);
  const count = Math.ceil((voice.length / SAMPLE_RATE) * FRAME_RATE);
  const frames = Array.from({ length: count }, (_, i) => {
    const loud = loudness(voice, i / FRAME_RATE, (i + 1) / FRAME_RATE);
    return drawFace(person, framePose(peak, held, (i + 0.5) / count, loud, random));
  });
  const absence = stream(USES.absence, step).uniform();
  const [faceless, silent] = [absence < ABSENT, absence >= 1 - ABSENT];
  await writeClip(path, faceless ? [] : frames, silent ? undefined : voice);
}

/** @param {number} use one of USES @param {number} step of what is drawn or spoken */
function stream(use, step) {
  return randomStream(SEED, step, RANDOM_SITES.sample + use);
}
