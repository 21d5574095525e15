// Conversations assembled of RAVDESS's clips, whose words, speakers and times are known.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../../dist/base/random.js';
import { decodeAll } from './sound.mjs';

export const RATE = 16_000;
const SENTENCES = { '01': 'Kids are talking by the door', '02': 'Dogs are sitting by the door' };
const EMOTIONS = ['neutral', 'calm', 'happy', 'sad', 'angry', 'fearful', 'disgust', 'surprised'];
/** A clip's speech is what is louder than so many dB below its loudest 20 ms, and than the noise under it all … */
const BELOW_LOUDEST = 30;
/** … by so many dB, for so many frames of 20 ms in a row at least: less is a click, or the microphone's own noise. */
const ABOVE_NOISE = 3;
const SHORTEST_SOUND = 3;
/** Steady noise under it all, so that pauses are not digital silence: dB of full scale. */
const NOISE = -65;
/** Seconds of a clip's own silence that stay around its speech: words have soft beginnings and ends. */
const AROUND = 0.2;

/** Clips of some actors: { file, words, emotion, strong, actor }. */
export function clipsOf(folder, actors) {
  if (!existsSync(folder)) throw new Error(`There is no ${folder}; name the folder of RAVDESS's sound.`);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.opus'))
    .sort()
    .map((name) => {
      const [, , emotion, intensity, statement, , actor] = name.replace('.opus', '').split('-');
      const strong = intensity === '02';
      return { file: join(folder, name), words: SENTENCES[statement], emotion: EMOTIONS[emotion - 1], strong, actor };
    })
    .filter(({ actor }) => actors.includes(Number(actor)));
}

/** Actors by the split of splits.json. */
export function actorsOf(folder, split) {
  const splits = JSON.parse(readFileSync(join(folder, 'splits.json'), 'utf8'));
  return [...new Set(splits[split].map((dialogue) => Number(/^actor(\d+)_/.exec(dialogue)[1])))];
}

/** The sample's dialogues of one split: its clips that have sound, in order. It is spoken by a synthesiser. */
export function sampleDialogues(split) {
  const dialogues = new Map();
  for (const line of readFileSync('samples/manifest.jsonl', 'utf8').trim().split('\n')) {
    const { dialogue, speaker, text, label, media, split: own } = JSON.parse(line);
    if (own !== split || media === undefined) continue;
    const turn = { file: join('samples', media), words: text, emotion: label, strong: false, actor: speaker };
    dialogues.set(dialogue, [...(dialogues.get(dialogue) ?? []), turn]);
  }
  return [...dialogues.values()];
}

/** Turns of two to four actors in random order, a clip each. */
export function randomTurns(clips, seed, turns) {
  const random = randomStream(seed, 0, 0);
  const pick = (list) => list[random.integer(list.length)];
  const people = random.shuffle([...new Set(clips.map(({ actor }) => actor))]).slice(0, 2 + random.integer(3));
  return Array.from({ length: turns }, () => {
    const actor = pick(people);
    return pick(clips.filter((each) => each.actor === actor));
  });
}

/**
 * One conversation: the clips one after the other, most of the silence around their speech cut off.
 * @param turns clips; those without sound are left out. @param pauses seconds between two turns: least and most.
 * @returns sound, and a truth a turn: the clip with start and end of its speech in seconds.
 */
export async function assemble(turns, seed, [least, most]) {
  const random = randomStream(seed, 1, 0);
  const parts = [];
  const truth = [];
  let at = RATE;
  for (const clip of turns) {
    const own = await decodeAll(clip.file).catch(() => undefined);
    if (own === undefined) continue;
    const [first, past] = speechIn(own);
    const before = Math.min(first, Math.round(AROUND * RATE));
    parts.push([own.subarray(first - before, past + Math.round(AROUND * RATE)), at - before]);
    truth.push({ ...clip, start: at / RATE, end: (at + past - first) / RATE });
    at += past - first + Math.round((least + random.uniform() * (most - least)) * RATE);
  }
  const sound = new Float32Array(at + RATE);
  for (const [part, begin] of parts) {
    for (let i = 0; i < part.length; i++) sound[begin + i] += part[i];
  }
  const level = 10 ** (NOISE / 20) * Math.sqrt(12);
  for (let i = 0; i < sound.length; i++) sound[i] += level * (random.uniform() - 0.5);
  return { sound, truth };
}

/** First sample of a clip's speech, and the one after its last. */
function speechIn(sound) {
  const size = RATE / 50;
  const levels = Array.from({ length: Math.floor(sound.length / size) }, (_, i) =>
    sound.subarray(i * size, (i + 1) * size).reduce((sum, x) => sum + x * x, 0),
  );
  const noise = size * 10 ** ((NOISE + ABOVE_NOISE) / 10);
  const threshold = Math.max(Math.max(...levels) * 10 ** (-BELOW_LOUDEST / 10), noise);
  const loud = levels.map((level) => level >= threshold);
  const lasts = loud.map(
    (_, i) => loud.slice(i, i + SHORTEST_SOUND).every(Boolean) && i + SHORTEST_SOUND <= loud.length,
  );
  return [lasts.indexOf(true) * size, (lasts.lastIndexOf(true) + SHORTEST_SOUND) * size];
}
