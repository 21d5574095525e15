// Speech by espeak-ng (GPL-3.0; it is run, no part of it is copied here): voice by speaker, prosody by emotion.
import { spawnSync } from 'node:child_process';

/** espeak-ng's formant voices speak at this rate. */
export const SAMPLE_RATE = 22_050;
const WAV_HEADER = 44;

/**
 * Against the speaker's neutral: rate and volume are factors, pitch is in espeak's steps (of 99), range in percent,
 * gap in espeak's steps of 10 ms between words. Directions as in Juslin and Laukka, "Communication of emotions in
 * vocal expression and music performance", Psychological Bulletin 129 (2003), table 11.
 */
const PROSODY = {
  neutral: { rate: 1, pitch: 0, range: 0, volume: 1, gap: 0 },
  joy: { rate: 1.08, pitch: 16, range: 60, volume: 1.15, gap: 0, emphasis: true },
  surprise: { rate: 1, pitch: 26, range: 110, volume: 1.2, gap: 0, emphasis: true },
  fear: { rate: 1.24, pitch: 24, range: -35, volume: 0.8, gap: 1 },
  sadness: { rate: 0.78, pitch: -14, range: -50, volume: 0.6, gap: 3 },
  anger: { rate: 1.12, pitch: -2, range: 45, volume: 1.6, gap: 0, emphasis: true },
  disgust: { rate: 0.82, pitch: -16, range: 10, volume: 1.05, gap: 1, emphasis: true },
};

/**
 * Speaks one utterance.
 * @param {{ voice: string, pitch: number, rate: number }} speaker an entry of samples/people.json: espeak's voice and
 *   variant, its pitch 0 … 99 and rate in words a minute when neutral
 * @param {string} text @param {string} emotion a class of PROSODY
 * @param {import('../../dist/base/random.js').RandomStream} random
 * @returns {Int16Array} mono samples at SAMPLE_RATE, with a breath of silence before and after
 */
export function speak(speaker, text, emotion, random) {
  const way = PROSODY[emotion];
  // Some people hide what they feel: about one in six lets little of it be heard.
  const strength = random.uniform() < 0.16 ? 0.3 + 0.2 * random.uniform() : 0.75 + 0.35 * random.uniform();
  const factor = (value, spread) => (1 + (value - 1) * strength) * (1 + spread * random.normal());
  const rate = Math.round(speaker.rate * factor(way.rate, 0.05));
  const pitch = Math.round(speaker.pitch + way.pitch * strength + 2.5 * random.normal());
  const range = Math.round(way.range * strength + 10 * random.normal());
  const volume = Math.round(90 * factor(way.volume, 0.08));
  const gap = Math.round(way.gap * strength);
  const sign = range < 0 ? '' : '+';
  const spoken = way.emphasis && strength > 0.6 ? emphasise(text) : escapeXml(text);
  const { stdout, stderr, status, error } = spawnSync(
    'espeak-ng',
    [
      ...['-v', speaker.voice, '-s', `${rate}`, '-p', `${within(pitch, 0, 99)}`, '-a', `${within(volume, 10, 200)}`],
      ...['-g', `${gap}`, '-z', '-b', '1', '-m', '--stdout'],
      `<speak><prosody range="${sign}${range}%">${spoken}</prosody></speak>`,
    ],
    { maxBuffer: 64 * 2 ** 20 },
  );
  if (error !== undefined || status !== 0) {
    throw new Error(`espeak-ng cannot speak "${text}": ${error?.message ?? stderr.toString().trim()}`);
  }
  const bytes = stdout.subarray(WAV_HEADER);
  const before = Math.round(SAMPLE_RATE * (0.1 + 0.2 * random.uniform()));
  const after = Math.round(SAMPLE_RATE * (0.15 + 0.2 * random.uniform()));
  const samples = new Int16Array(before + bytes.length / 2 + after);
  for (let i = 0; i < bytes.length / 2; i++) samples[before + i] = bytes.readInt16LE(2 * i);
  return samples;
}

/**
 * How loud a stretch of speech is.
 * @param {Int16Array} samples at SAMPLE_RATE @param {number} start @param {number} end seconds
 * @returns 0 silent … 1 as loud as the loudest voices here
 */
export function loudness(samples, start, end) {
  const part = samples.subarray(Math.floor(start * SAMPLE_RATE), Math.floor(end * SAMPLE_RATE));
  let energy = 0;
  for (const sample of part) energy += sample * sample;
  return Math.min(1, Math.sqrt(energy / Math.max(1, part.length)) / 5000);
}

/** Stresses the longest word. */
function emphasise(text) {
  const words = text.split(' ');
  const letters = words.map((word) => word.replace(/[^\p{L}]/gu, '').length);
  const longest = letters.indexOf(Math.max(...letters));
  return words
    .map((word, i) => (i === longest ? `<emphasis level="moderate">${escapeXml(word)}</emphasis>` : escapeXml(word)))
    .join(' ');
}

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function within(value, low, high) {
  return Math.max(low, Math.min(high, value));
}
