import { DESCRIPTORS, type Descriptors, FRAME_RATE } from './descriptors.js';
import { DISTRIBUTION, distribution, mean, percentile, stretches } from './statistics.js';

/** Goes up whenever the same sound would give other numbers: cached rows are then made anew. */
export const FUNCTIONALS_VERSION = '1';

/** Quieter frames are silence: this much under the sound's loud frames, or under full scale. */
const BELOW_LOUD_DB = 35;
const BELOW_FULL_SCALE_DB = -65;

const WITH_DISTRIBUTION = DESCRIPTORS.filter((name) => !/^(mel|pitch|harmonicity|peak)/.test(name));
const WITH_CHANGE = DESCRIPTORS.filter((name) => /^(level|mfcc)/.test(name));
const BANDS = DESCRIPTORS.filter((name) => name.startsWith('mel'));
const PITCH_EXTRA = ['range', 'change', 'risingShare', 'jitter', 'shimmer'];
const RHYTHM = [
  'soundSeconds',
  'soundShare',
  'voicedShare',
  'voicedStretchesPerSecond',
  'voicedStretchMean',
  'voicedStretchDeviation',
  'pausesPerSecond',
  'pauseMean',
  'levelPeaksPerSecond',
];

/** What each number of `functionals` is, in its order: descriptor and statistic. */
export const FUNCTIONALS: readonly string[] = [
  ...WITH_DISTRIBUTION.flatMap((name) => DISTRIBUTION.map((statistic) => `${name}.${statistic}`)),
  ...WITH_CHANGE.flatMap((name) => [`${name}.change.mean`, `${name}.change.deviation`]),
  ...BANDS.flatMap((name) => [`${name}.mean`, `${name}.deviation`]),
  ...['pitch', 'harmonicity'].flatMap((name) => DISTRIBUTION.map((statistic) => `${name}.${statistic}`)),
  ...PITCH_EXTRA.map((name) => `pitch.${name}`),
  ...RHYTHM.map((name) => `rhythm.${name}`),
];

/**
 * Describes an utterance's voice by statistics of its frames: those that are not silence for loudness, spectrum, MFCC
 * and their changes; voiced ones for pitch, harmonicity, jitter and shimmer; all of them for rhythm. In a sound without
 * any voiced frame pitch and harmonicity are 0 (150 Hz, 0 dB), and `rhythm.voicedShare` tells.
 * @returns [FUNCTIONALS.length], or undefined where there is nothing but silence.
 */
export function functionals(sound: Descriptors): Float32Array | undefined {
  const level = sound.column('level');
  const loud = percentile(level.slice().sort(), 0.95);
  const limit = Math.max(loud - BELOW_LOUD_DB, BELOW_FULL_SCALE_DB);
  const active: number[] = [];
  for (let i = 0; i < level.length; i++) if (level[i] > limit) active.push(i);
  if (active.length === 0) return undefined;
  const times = active.map((i) => i / FRAME_RATE);
  const pick = (column: Float32Array) => Float32Array.from(active, (i) => column[i]);

  const out: number[] = [];
  for (const name of WITH_DISTRIBUTION) out.push(...distribution(pick(sound.column(name)), times));
  for (const name of WITH_CHANGE) out.push(...changes(sound.column(name), active));
  for (const name of BANDS) out.push(...distribution(pick(sound.column(name)), times).slice(0, 2));
  out.push(...voice(sound));
  out.push(...rhythm(sound, level, limit));
  return Float32Array.from(out);
}

/** Mean size and deviation of the change a frame, over five frames (the delta of speech recognisers). */
function changes(column: Float32Array, active: readonly number[]): number[] {
  const last = column.length - 1;
  const at = (i: number) => column[Math.min(last, Math.max(0, i))];
  const deltas = active.map((i) => (2 * (at(i + 2) - at(i - 2)) + at(i + 1) - at(i - 1)) / 10);
  const average = mean(deltas);
  return [mean(deltas.map(Math.abs)), Math.sqrt(mean(deltas.map((delta) => (delta - average) ** 2)))];
}

/** Pitch, harmonicity and PITCH_EXTRA. */
function voice(sound: Descriptors): number[] {
  const [pitch, harmonicity, peak] = ['pitch', 'harmonicity', 'peak'].map((name) => sound.column(name));
  const voiced: number[] = [];
  pitch.forEach((value, i) => {
    if (!Number.isNaN(value)) voiced.push(i);
  });
  const times = voiced.map((i) => i / FRAME_RATE);
  const ofPitch = distribution(
    voiced.map((i) => pitch[i]),
    times,
  );
  const ofHarmonicity = distribution(
    voiced.map((i) => harmonicity[i]),
    times,
  );
  // Frame to frame within a voiced stretch; more than half an octave in 10 ms is an error of the octave.
  const steps = voiced.filter(
    (i) => !Number.isNaN(pitch[i - 1] ?? Number.NaN) && Math.abs(pitch[i] - pitch[i - 1]) < 6,
  );
  const moves = steps.map((i) => pitch[i] - pitch[i - 1]);
  const periods = (i: number) => 2 ** (-pitch[i] / 12);
  const range = voiced.length === 0 ? 0 : ofPitch[6] - ofPitch[2];
  return [
    ...ofPitch,
    ...ofHarmonicity,
    range,
    mean(moves.map(Math.abs)),
    mean(moves.map((move) => (move > 0 ? 1 : 0))),
    mean(steps.map((i) => Math.abs(periods(i) - periods(i - 1)) / periods(i))),
    mean(steps.map((i) => Math.abs(peak[i] - peak[i - 1]) / Math.max(1e-6, peak[i]))),
  ];
}

/** RHYTHM: how much of the time is sound and voice, how it is cut by pauses, and how often the level peaks. */
function rhythm({ frames, column }: Descriptors, level: Float32Array, limit: number): number[] {
  const pitch = column('pitch');
  const sounding = stretches(frames, (i) => level[i] > limit);
  const [begin, end] = [sounding[0][0], sounding[sounding.length - 1][1]];
  const seconds = (end - begin) / FRAME_RATE;
  const sound = sounding.reduce((sum, [from, to]) => sum + to - from, 0);
  // Shorter breaks belong to stops within words.
  const pauses = stretches(end, (i) => i >= begin && level[i] <= limit).filter(([from, to]) => to - from >= 15);
  const voiced = stretches(frames, (i) => !Number.isNaN(pitch[i]));
  const lengths = voiced.map(([from, to]) => (to - from) / FRAME_RATE);
  const average = mean(lengths);
  return [
    sound / FRAME_RATE,
    sound / (end - begin),
    voiced.reduce((sum, [from, to]) => sum + to - from, 0) / (end - begin),
    voiced.length / seconds,
    average,
    Math.sqrt(mean(lengths.map((length) => (length - average) ** 2))),
    pauses.length / seconds,
    mean(pauses.map(([from, to]) => (to - from) / FRAME_RATE)),
    levelPeaks(level, limit) / seconds,
  ];
}

/** Peaks of the level over 70 ms that stand 2 dB above the dips before and after them: about one a syllable. */
function levelPeaks(level: Float32Array, limit: number): number {
  const smooth = level.map((_, i) => mean(level.subarray(Math.max(0, i - 3), i + 4)));
  let count = 0;
  let rising = false;
  let turn = smooth[0];
  for (const value of smooth) {
    turn = rising ? Math.max(turn, value) : Math.min(turn, value);
    if (Math.abs(value - turn) < 2) continue;
    if (rising && turn > limit) count++;
    rising = !rising;
    turn = value;
  }
  return count;
}
