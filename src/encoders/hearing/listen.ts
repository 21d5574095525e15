import { joinFloats } from '../../base/floats.js';
import { STEP, type VoiceActivity } from './activity.js';
import { createSoundBuffer } from './buffer.js';
import { divide, type HearWords, type Stretch, spokenIn } from './divide.js';
import { atLevel, evened, hurried } from './loudness.js';
import { findPieces, type Piece, STEPS_PER_SECOND } from './pieces.js';
import { followSpeakers, type SpeakerOptions, type VoiceSample } from './speakers.js';
import { gatherUtterances } from './utterances.js';
import { likeness, type VoiceReader } from './voices.js';
import type { Recogniser, Words } from './words.js';

/** An utterance that was heard in a sound. */
export interface HeardUtterance extends VoiceSample {
  /** Seconds from the sound's beginning. */
  start: number;
  end: number;
  /** English; empty where nothing was understood. */
  text: string;
  /** How sure the words are, 0 to 1. */
  confidence: number;
  /** Who speaks, judged by what came before: 0, 1, … See `tellSpeakers` for the judgement in the end. */
  speaker: number;
}

/** The networks that hear. */
export interface Ears {
  activity: VoiceActivity;
  recogniser: Recogniser;
  voices: VoiceReader;
}

/**
 * How an utterance is heard, one way after the other until its words are sure: steps of sound around it (much silence
 * confuses the network), whether its quiet parts are made louder (the first word is often far softer than the rest), the
 * level that it is brought to, and in how much of its time it is said (acted speech is slower than what the network was
 * trained on). Its errors differ from one to the other, and it is less sure of them: the surest is taken.
 */
const HEARINGS: { around: number; even?: boolean; level: number; share?: number }[] = [
  { around: 4, level: 0.03 },
  { around: 6, even: true, level: 0.06, share: 0.9 },
  { around: 8, level: 0.1, share: 0.9 },
  { around: 4, even: true, level: 0.06 },
];
const SURE = 0.88;
/** Sound that is kept before an utterance, in steps: more than is heard around it. */
const KEPT = 32;
/** Speech of at least so many steps has a voice that can be compared. */
const COMPARABLE = 22;
/** Voices on both sides of a pause that are less alike are two people's. See LEAST_LIKENESS of speakers.ts. */
const SAME_VOICE = 0.6;
/** Less speech in which no word is understood was none, in steps. */
const SHORTEST_WORDLESS = 13;

/**
 * Hears a sound as it comes.
 * @param sound 16 kHz, one channel, -1 to 1, in pieces of any length. What is kept of it does not grow with it.
 * @returns utterances as soon as they have ended, in order.
 */
export async function* listenWith(
  { activity, recogniser, voices }: Ears,
  sound: AsyncIterable<Float32Array>,
  { speakers, signal }: { speakers?: SpeakerOptions; signal?: AbortSignal } = {},
): AsyncGenerator<HeardUtterance> {
  const follow = followSpeakers(speakers);
  const buffer = createSoundBuffer();
  const speech = (pieces: readonly Piece[]) =>
    joinFloats(pieces.map(({ first, past }) => buffer.slice(first * STEP, past * STEP)));
  const gather = gatherUtterances(async (before, piece) => {
    if (spokenIn(before) < COMPARABLE || spokenIn([piece]) < COMPARABLE) return true;
    return likeness(await voices.read(speech(before)), await voices.read(speech([piece]))) >= SAME_VOICE;
  });
  /** The words of some pieces, with a little of the pauses around them; the surest of several where one is not sure. */
  const hearWords: HearWords = async (pieces, from, to) => {
    const [{ first }, { past }] = [pieces[0], pieces[pieces.length - 1]];
    let surest: Words = { text: '', confidence: 0 };
    for (const { around, even, level, share } of HEARINGS) {
      const own = buffer.slice(Math.max(from, first - around) * STEP, Math.min(to, past + around) * STEP);
      const sound = atLevel(even ? evened(own) : own, level);
      const words = await recogniser.recognise(share === undefined ? sound : hurried(sound, share));
      // However sure it is that nothing was said: where something is understood, something was.
      if (words.text !== '' && words.confidence > surest.confidence) surest = words;
      if (surest.confidence >= SURE) break;
    }
    return surest;
  };
  const utteranceOf = async ({ pieces, words }: Stretch): Promise<HeardUtterance | undefined> => {
    if (words.text === '' && spokenIn(pieces) < SHORTEST_WORDLESS) return undefined;
    const sample = { voice: await voices.read(speech(pieces)), spoken: spokenIn(pieces) / STEPS_PER_SECOND };
    const start = pieces[0].first / STEPS_PER_SECOND;
    const end = pieces[pieces.length - 1].past / STEPS_PER_SECOND;
    return { start, end, ...words, ...sample, speaker: follow(sample) };
  };

  const probability = activity.begin();
  const finder = findPieces(gather.longest);
  let [step, heardUntil] = [0, 0];
  const utterancesOf = async function* (ended: readonly (readonly Piece[])[], next: number) {
    for (const [i, pieces] of ended.entries()) {
      const [from, to] = [heardUntil, ended[i + 1]?.[0].first ?? next];
      heardUntil = pieces[pieces.length - 1].past;
      for (const stretch of await divide(pieces, from, to, hearWords)) {
        const utterance = await utteranceOf(stretch);
        if (utterance !== undefined) yield utterance;
      }
    }
  };
  for await (const samples of inSteps(sound)) {
    signal?.throwIfAborted();
    buffer.append(samples);
    const piece = finder.push(await probability(samples));
    step++;
    if (piece !== undefined) yield* utterancesOf(await gather.add(piece), gather.open ?? step);
    yield* utterancesOf(gather.wait(finder.open ?? step), finder.open ?? step);
    buffer.forget(((gather.open ?? finder.open ?? step) - KEPT) * STEP);
  }
  const last = finder.finish();
  if (last !== undefined) yield* utterancesOf(await gather.add(last), gather.open ?? step);
  yield* utterancesOf(gather.finish(), step);
}

/** The sound in steps of the same length; the last one is filled up with silence. */
async function* inSteps(sound: AsyncIterable<Float32Array>): AsyncGenerator<Float32Array> {
  const step = new Float32Array(STEP);
  let held = 0;
  for await (const samples of sound) {
    for (let at = 0; at < samples.length; ) {
      const part = samples.subarray(at, at + STEP - held);
      step.set(part, held);
      held += part.length;
      at += part.length;
      if (held < STEP) continue;
      held = 0;
      yield step;
    }
  }
  if (held > 0) yield step.fill(0, held);
}
