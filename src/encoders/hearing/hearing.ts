import { openVoiceActivity, STEP } from './activity.js';
import { createSoundBuffer } from './buffer.js';
import { findPieces, type Piece, STEPS_PER_SECOND } from './pieces.js';
import { isWhole, sentencesIn } from './sentences.js';
import { followSpeakers, type SpeakerOptions, type VoiceSample } from './speakers.js';
import { gatherUtterances, longestPause } from './utterances.js';
import { atLevel, likeness, openVoiceReader } from './voices.js';
import { openRecogniser, type Words } from './words.js';

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

export interface HearingOptions {
  /** Ends the listening; what is thrown is its reason. */
  signal?: AbortSignal;
}

/** Hears who says what. */
export interface Hearing {
  /**
   * @param sound 16 kHz, one channel, -1 to 1, in pieces of any length as they come.
   * @returns utterances as soon as they have ended, in order. What is kept of the sound does not grow with it.
   */
  listen(sound: AsyncIterable<Float32Array>, speakers?: SpeakerOptions): AsyncGenerator<HeardUtterance>;
  dispose(): Promise<void>;
}

/**
 * How an utterance is heard, one way after the other until its words are sure: steps of sound around it, since the first
 * word is often too soft to count as speech, and the level that it is brought to. The network's errors differ from one
 * to the other, and it is less sure of them: on RAVDESS's validation actors the surest of three has half the errors.
 */
const HEARINGS: { around: number; level?: number }[] = [{ around: 16 }, { around: 8 }, { around: 12, level: 0.1 }];
const SURE = 0.82;
/** Sound that is kept before an utterance, in steps: more than is heard around it. */
const KEPT = 32;
/** Speech of at least so many steps has a voice that can be compared. */
const COMPARABLE = 22;
/** Voices on both sides of a pause that are less alike are two people's. See LEAST_LIKENESS of speakers.ts. */
const SAME_VOICE = 0.6;
/** Less speech in which no word is understood was none, in steps. */
const SHORTEST_WORDLESS = 13;

/**
 * Opens what hears: voice activity (Silero), English words (Moonshine tiny) and voices (Resemblyzer), all from
 * installed files.
 * @throws InputError with what to install, where it is missing.
 *
 * @example
 * const hearing = await createHearing();
 * for await (const { start, end, speaker, text } of hearing.listen(microphone)) console.log(start, end, speaker, text);
 * // 0.96 2.34 0 'Kids are talking by the door.'
 */
export async function createHearing({ signal }: HearingOptions = {}): Promise<Hearing> {
  const activity = await openVoiceActivity();
  const recogniser = await openRecogniser();
  const voices = await openVoiceReader();

  async function* listen(sound: AsyncIterable<Float32Array>, speakers?: SpeakerOptions) {
    const follow = followSpeakers(speakers);
    const buffer = createSoundBuffer();
    const speech = (pieces: readonly Piece[]) =>
      joined(pieces.map(({ first, past }) => buffer.slice(first * STEP, past * STEP)));
    const gather = gatherUtterances(async (before, piece) => {
      if (stepsOf(before) < COMPARABLE || stepsOf([piece]) < COMPARABLE) return true;
      return likeness(await voices.read(speech(before)), await voices.read(speech([piece]))) >= SAME_VOICE;
    });
    /** The words of some pieces, with a little of the pauses around them; the surest of several where one is not sure. */
    const wordsOf = async (pieces: readonly Piece[], from: number, to: number) => {
      const [{ first }, { past }] = [pieces[0], pieces[pieces.length - 1]];
      let surest: Words = { text: '', confidence: -1 };
      for (const { around, level } of HEARINGS) {
        const sound = buffer.slice(Math.max(from, first - around) * STEP, Math.min(to, past + around) * STEP);
        const words = await recogniser.recognise(level === undefined ? sound : atLevel(sound, level));
        if (words.confidence > surest.confidence) surest = words;
        if (surest.confidence >= SURE) break;
      }
      return surest;
    };
    /** Sentences of one person that stand in one utterance, each for itself. */
    const sentencesOf = async (stretch: Stretch): Promise<Stretch[]> => {
      const at = sentencesIn(stretch.words.text) > 1 ? longestPause(stretch.pieces) : undefined;
      if (at === undefined) return [stretch];
      const [before, after] = [stretch.pieces.slice(0, at), stretch.pieces.slice(at)];
      const [past, next] = [before[at - 1].past, after[0].first];
      const left = { pieces: before, from: stretch.from, words: await wordsOf(before, stretch.from, next) };
      const right = { pieces: after, from: past, words: await wordsOf(after, past, stretch.to) };
      if (!isWhole(left.words.text, right.words.text, stretch.words.text)) return [stretch];
      return [...(await sentencesOf({ ...left, to: next })), ...(await sentencesOf({ ...right, to: stretch.to }))];
    };
    const hear = async ({ pieces, words }: Stretch): Promise<HeardUtterance | undefined> => {
      if (words.text === '' && stepsOf(pieces) < SHORTEST_WORDLESS) return undefined;
      const sample = { voice: await voices.read(speech(pieces)), spoken: stepsOf(pieces) / STEPS_PER_SECOND };
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
        for (const sentence of await sentencesOf({ pieces, from, to, words: await wordsOf(pieces, from, to) })) {
          const utterance = await hear(sentence);
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

  return {
    listen,
    async dispose() {
      for (const part of [activity, recogniser, voices]) await part.dispose();
    },
  };
}

/** Pieces of speech that may be one utterance, the steps within which nothing else is said, and the words. */
interface Stretch {
  pieces: readonly Piece[];
  from: number;
  to: number;
  words: Words;
}

function stepsOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { first, past }) => sum + past - first, 0);
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
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
