// The training voices made other than they were recorded: faster and slower (and so higher and lower), louder and
// quieter, dull, noisy, overdriven. A model that hears 12 actors before one microphone learns them and it by heart: its
// logits were four times too large for others, and it was as sure of an overdriven voice as of a clear one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { RANDOM_SITES, randomStream } from '../../dist/base/random.js';
import { decodeSound } from '../../dist/encoders/media/decode.js';

const RATE = 16_000;

/**
 * Writes varied.jsonl and its recordings: each training clip of ravdess.jsonl so many times (0 = none is read), another way in each dialogue;
 * every second time cut to the speech that spoken.jsonl tells.
 */
export async function varyVoices(manifests, { times, seed }) {
  const read = (name) =>
    readFileSync(join(manifests, `${name}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const placeOf = ({ dialogue, index }) => `${dialogue}-${index}`;
  const spoken = new Map(read('spoken').map((clip) => [placeOf(clip), clip]));
  const clips = times === 0 ? [] : read('ravdess').filter(({ split }) => split === 'train');
  const dialogues = [...new Set(clips.map(({ dialogue }) => dialogue))];
  const varied = [];
  for (const [n, clip] of clips.entries()) {
    const parts = [];
    for await (const part of decodeSound(join(manifests, clip.media), {})) parts.push(...part);
    for (let time = 0; time < times; time++) {
      const step = times * dialogues.indexOf(clip.dialogue) + time;
      const way = drawWay(randomStream(seed, step, RANDOM_SITES.sample));
      const { start = 0, end } = (time % 2 === 1 && spoken.get(placeOf(clip))) || {};
      const sound = Float32Array.from(parts.slice(Math.round(start * RATE), end && Math.round(end * RATE)));
      const out = join(manifests, 'varied', `${placeOf(clip)}-${time}.wav`);
      mkdirSync(dirname(out), { recursive: true });
      const noise = randomStream(seed, times * n + time, RANDOM_SITES.sample + 1);
      writeFileSync(out, wav(varySound(sound, way, noise), Math.round(RATE * way.speed)));
      varied.push({
        ...clip,
        dialogue: `${clip.dialogue}-${time}`,
        speaker: `${clip.speaker}, varied ${time}`,
        media: relative(manifests, out),
      });
    }
  }
  // Dialogues keep together, in the order in which they first come.
  const order = new Map(varied.map(({ dialogue }, i) => [dialogue, i]).reverse());
  varied.sort((a, b) => order.get(a.dialogue) - order.get(b.dialogue));
  writeFileSync(join(manifests, 'varied.jsonl'), varied.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

/** How a recording is to sound: speed and gain as factors, `drive` before clipping, `lowPass` in Hz, `noise` in dB under the voice. */
export function drawWay({ uniform }) {
  const between = (a, b) => a + (b - a) * uniform();
  const evenly = (a, b) => Math.exp(between(Math.log(a), Math.log(b)));
  return {
    speed: evenly(0.85, 1 / 0.85),
    gain: 10 ** (between(-20, 6) / 20),
    ...(uniform() < 0.2 && { drive: evenly(3, 30) }),
    ...(uniform() < 0.3 && { lowPass: evenly(700, 4000) }),
    ...(uniform() < 0.3 && { noise: between(15, 40) }),
  };
}

/** @param samples -1 … 1 at RATE; @returns as many, -1 … 1: the speed is left to who plays them. */
export function varySound(samples, { gain, drive, lowPass, noise }, { normal }) {
  const clip = (x) => Math.min(1, Math.max(-1, x));
  let sound = samples;
  if (drive) sound = sound.map((x) => clip(drive * x));
  if (lowPass) {
    const share = 1 - Math.exp((-2 * Math.PI * lowPass) / RATE);
    let held = 0;
    sound = sound.map((x) => (held += share * (x - held)));
  }
  if (noise !== undefined) {
    const power = sound.reduce((sum, x) => sum + x * x, 0) / sound.length;
    const level = Math.sqrt(power) * 10 ** (-noise / 20);
    sound = sound.map((x) => x + level * normal());
  }
  return sound.map((x) => clip(gain * x));
}

/** 16-bit PCM, one channel. */
function wav(sound, rate) {
  const bytes = Buffer.alloc(44 + 2 * sound.length);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + 2 * sound.length, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(2 * rate, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(2 * sound.length, 40);
  sound.forEach((x, i) => {
    bytes.writeInt16LE(Math.round(32_767 * x), 44 + 2 * i);
  });
  return bytes;
}
