import { agnes } from 'ml-hclust';
import { likeness, unit, VOICE_DIM } from './voices.js';

/** A voice, and for how many seconds it was heard. */
export interface VoiceSample {
  /** [256], of unit length. */
  voice: Float32Array;
  spoken: number;
}

/**
 * People whose voices are less alike than this, on average over their utterances, are two. Fitted on conversations
 * assembled of RAVDESS's training actors: `node bench/hearing.mjs --fit`.
 */
const LEAST_LIKENESS = 0.6;
/** Less speech than this, in seconds, does not make a new speaker: it goes to the nearest. */
const ENOUGH = 0.8;
/** As many utterances are compared with one another, those that speak longest; the others go to the nearest speaker. */
const MOST_COMPARED = 600;

/** What is known of the speakers beforehand. */
export interface SpeakerOptions {
  /** How many there are. */
  count?: number;
  /** See LEAST_LIKENESS; for fitting. */
  leastLikeness?: number;
}

/**
 * Tells who speaks which of all utterances of a recording: agglomerative clustering of their voices with average
 * linkage.
 * @returns a speaker's number an utterance: 0 speaks first, 1 is the next one to speak for the first time, …
 */
export function tellSpeakers(samples: readonly VoiceSample[], options: SpeakerOptions = {}): number[] {
  const byLength = samples.map((_, i) => i).sort((a, b) => samples[b].spoken - samples[a].spoken || a - b);
  const long = byLength.filter((i) => samples[i].spoken >= ENOUGH);
  const compared = (long.length === 0 ? byLength : long).slice(0, MOST_COMPARED).sort((a, b) => a - b);
  const groups = clusters(
    compared.map((i) => samples[i].voice),
    options,
  ).map((members) => members.map((m) => compared[m]));
  const speakers = new Array<number>(samples.length).fill(-1);
  groups.forEach((members, speaker) => {
    for (const i of members) speakers[i] = speaker;
  });
  const centres = groups.map((members) => centreOf(members.map((i) => samples[i])));
  return inOrder(speakers.map((speaker, i) => (speaker >= 0 ? speaker : nearest(samples[i].voice, centres).speaker)));
}

/**
 * Tells who speaks an utterance from those before it alone, for a conversation that is still going on: the nearest of
 * the speakers so far, or a new one.
 */
export function followSpeakers(options: SpeakerOptions = {}): (sample: VoiceSample) => number {
  const { count = Number.POSITIVE_INFINITY, leastLikeness = LEAST_LIKENESS } = options;
  const sums: Float32Array[] = [];
  return ({ voice, spoken }) => {
    const best = nearest(voice, sums.map(unit));
    const known = best.likeness >= leastLikeness || spoken < ENOUGH || sums.length >= count;
    const speaker = known && sums.length > 0 ? best.speaker : sums.length;
    sums[speaker] ??= new Float32Array(VOICE_DIM);
    voice.forEach((x, d) => {
      sums[speaker][d] += x * spoken;
    });
    return speaker;
  };
}

function clusters(
  voices: readonly Float32Array[],
  { count, leastLikeness = LEAST_LIKENESS }: SpeakerOptions,
): number[][] {
  if (voices.length < 2) return voices.map((_, i) => [i]);
  const distances = voices.map((a) => voices.map((b) => Math.max(0, 1 - likeness(a, b))));
  const tree = agnes(distances, { method: 'average', isDistanceMatrix: true });
  const groups =
    count === undefined ? tree.cut(1 - leastLikeness) : tree.group(Math.min(count, voices.length)).children;
  const found = groups.length === 0 ? [tree] : groups;
  return found.map((group) => group.indices());
}

/** Speakers by the order in which they first speak. */
function inOrder(speakers: readonly number[]): number[] {
  const order = [...new Set(speakers)];
  return speakers.map((speaker) => order.indexOf(speaker));
}

function centreOf(samples: readonly VoiceSample[]): Float32Array {
  const sum = new Float32Array(VOICE_DIM);
  for (const { voice, spoken } of samples) {
    voice.forEach((x, d) => {
      sum[d] += x * spoken;
    });
  }
  return unit(sum);
}

function nearest(voice: Float32Array, centres: readonly Float32Array[]): { speaker: number; likeness: number } {
  let best = { speaker: 0, likeness: Number.NEGATIVE_INFINITY };
  centres.forEach((centre, speaker) => {
    const alike = likeness(voice, centre);
    if (alike > best.likeness) best = { speaker, likeness: alike };
  });
  return best;
}
