// What the starter says of voices that are unlike its training: how many are noticed, how often it is right, and how sure
// it is with and without taking the distance into account. The actors of RAVDESS that it held out, every second clip, made
// strange, and every fourth voice of the sample's synthesiser. Needs ../shared/data and a built dist.
//   node bench/unfamiliar.mjs [DATA]
import { readdirSync, readFileSync } from 'node:fs';
import { randomStream } from '../dist/base/random.js';
import { decodeSound } from '../dist/encoders/media/decode.js';
import { open } from '../dist/index.js';
import { readSafetensors } from '../dist/interchange/files.js';
import { openRowEncoder } from '../dist/prediction/node/rows.js';
import { foldOf } from '../scripts/starter/folds.mjs';

const folder = `${process.argv[2] ?? '../shared/data'}/ravdess/audio`;
const home = 'models/starter/model';
const EMOTIONS = ['neutral', 'neutral', 'joy', 'sadness', 'anger', 'fear', 'disgust', 'surprise'];
const RATE = 16_000;

const { normal } = randomStream(1, 0, 0);
const each = (change) => (samples) => ({ samples: samples.map(change), sampleRate: RATE });
const noise = (level) => each((x) => x + level * normal());
const speed = (times) => (samples) => ({ samples, sampleRate: Math.round(RATE * times) });
const dull = (samples) => {
  let held = 0;
  return { samples: samples.map((x) => (held += 0.25 * (x - held))), sampleRate: RATE };
};
const WAYS = {
  'as recorded': each((x) => x),
  'a quarter faster': speed(1.25),
  'a quarter slower': speed(0.75),
  'noise of 0.01': noise(0.01),
  'noise of 0.03': noise(0.03),
  'noise of 0.1': noise(0.1),
  'a tenth as loud': each((x) => 0.1 * x),
  'overdriven 20 times': each((x) => Math.min(1, Math.max(-1, 20 * x))),
  'dull (low-pass, 700 Hz)': dull,
};

const model = await open(home);
const { temperature, temperatures, familiar } = JSON.parse(
  readSafetensors(`${home}/model.safetensors`).metadata.calibration,
);
const encoder = await openRowEncoder('audio', model.inputs.audio.parts);
const { folds } = JSON.parse(readFileSync('scripts/starter/settings.json', 'utf8'));
const clips = readdirSync(folder).filter((name) => {
  const actor = name.slice(-7, -5);
  return Number(actor) < 20 && foldOf(actor, folds) === folds - 1;
});
const voices = [];
for (const name of clips.filter((_, i) => i % 2 === 0)) {
  const parts = [];
  for await (const part of decodeSound(`${folder}/${name}`, {})) parts.push(...part);
  voices.push({ samples: Float32Array.from(parts), label: EMOTIONS[Number(name.slice(6, 8)) - 1] });
}
const looked = [];
const look = async (way, sound, label) => {
  const [{ row }] = await encoder.encode([{ sound }], {});
  if (row === undefined) return;
  const conversation = [{ features: { audio: row } }];
  const [answer] = await model.predict(conversation);
  const { logits } = await model.outputs([conversation]);
  const top = Math.max(...logits.fused);
  const plain = 1 / logits.fused.reduce((sum, z) => sum + Math.exp((z - top) / (temperatures.audio ?? temperature)), 0);
  const times = answer.evidence.distance.audio / familiar.audio;
  looked.push({ way, times, right: answer.emotion === label, plain, sure: answer.confidence });
};
for (const [way, change] of Object.entries(WAYS))
  for (const { samples, label } of voices) await look(way, change(samples), label);
const sample = readFileSync('samples/manifest.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
for (const { media, label } of sample.filter((_, i) => i % 4 === 0))
  await look('a synthesiser', `samples/${media}`, label);
await encoder.dispose();
await model.dispose();

const percent = (list, of) => `${Math.round((100 * list.reduce((sum, one) => sum + of(one), 0)) / list.length)} %`;
const print = (name, list) =>
  list.length > 0 &&
  console.log(
    `| ${[name, list.length, percent(list, ({ times }) => (times > 1 ? 1 : 0)), percent(list, ({ right }) => (right ? 1 : 0)), percent(list, ({ plain }) => plain), percent(list, ({ sure }) => sure)].join(' | ')} |`,
  );
console.log('| voices | clips | unfamiliar | right | sure without the distance | sure |\n|---|---|---|---|---|---|');
for (const way of [...Object.keys(WAYS), 'a synthesiser'])
  print(
    way,
    looked.filter((one) => one.way === way),
  );
const BOUNDS = [0, 1, 1.1, 1.25, 1.5, 2, Number.POSITIVE_INFINITY];
BOUNDS.slice(1).forEach((to, i) => {
  const name =
    to === Number.POSITIVE_INFINITY
      ? `all beyond ${BOUNDS[i]} times the limit`
      : `all at ${BOUNDS[i]} to ${to} times the limit`;
  print(
    name,
    looked.filter(({ times }) => times > BOUNDS[i] && times <= to),
  );
});
