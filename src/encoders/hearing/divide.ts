import { type Piece, steps } from './pieces.js';
import { isWhole, sentencesIn } from './sentences.js';
import { longestPause } from './utterances.js';
import type { Words } from './words.js';

/** Pieces of speech that may be one utterance, the steps within which nothing else is said, and the words. */
export interface Stretch {
  pieces: readonly Piece[];
  from: number;
  to: number;
  words: Words;
}

/** Hears the words of some pieces; the sound around them is theirs from step `from` to step `to`. */
export type HearWords = (pieces: readonly Piece[], from: number, to: number) => Promise<Words>;

/** People breathe between sentences at least so long; shorter pauses lie within one. */
const BREATH = steps(0.35);
/** Words that are so sure by themselves are no part of a sentence. */
const WHOLE = 0.82;

/**
 * Divides pieces of one person, with short pauses between, into utterances by what they say. On both sides of a pause of
 * 0.35 s something must be said that is sure by itself: half a sentence is heard badly alone. Where several sentences are
 * recognised without such a pause, they are parted at the longest one.
 */
export async function divide(pieces: readonly Piece[], from: number, to: number, hear: HearWords): Promise<Stretch[]> {
  const utterances: Stretch[] = [];
  const runs = runsOf(pieces);
  for (const [i, run] of runs.entries()) {
    const begin = i === 0 ? from : pastOf(runs[i - 1]);
    const end = i === runs.length - 1 ? to : runs[i + 1][0].first;
    const next = { pieces: run, from: begin, to: end, words: await hear(run, begin, end) };
    const before = utterances.at(-1);
    const whole = before && (await joined(before, next, hear));
    if (whole !== undefined) utterances.pop();
    utterances.push(whole ?? next);
  }
  const parted: Stretch[] = [];
  for (const utterance of utterances) parted.push(...(await sentencesOf(utterance, hear)));
  return parted;
}

/** Both as one, if that is what they are. */
async function joined(before: Stretch, next: Stretch, hear: HearWords): Promise<Stretch | undefined> {
  if (Math.min(before.words.confidence, next.words.confidence) >= WHOLE) return undefined;
  const pieces = [...before.pieces, ...next.pieces];
  const words = await hear(pieces, before.from, next.to);
  const [one, other] = [spokenIn(before.pieces), spokenIn(next.pieces)];
  const apart = (before.words.confidence * one + next.words.confidence * other) / (one + other);
  return words.confidence < apart ? undefined : { pieces, from: before.from, to: next.to, words };
}

/** Sentences of one person that stand in one utterance, each for itself. */
async function sentencesOf(stretch: Stretch, hear: HearWords): Promise<Stretch[]> {
  const at = sentencesIn(stretch.words.text) > 1 ? longestPause(stretch.pieces) : undefined;
  if (at === undefined) return [stretch];
  const [before, after] = [stretch.pieces.slice(0, at), stretch.pieces.slice(at)];
  const [past, next] = [pastOf(before), after[0].first];
  const left = { pieces: before, from: stretch.from, to: next, words: await hear(before, stretch.from, next) };
  const right = { pieces: after, from: past, to: stretch.to, words: await hear(after, past, stretch.to) };
  if (!isWhole(left.words.text, right.words.text, stretch.words.text)) return [stretch];
  return [...(await sentencesOf(left, hear)), ...(await sentencesOf(right, hear))];
}

/** Pieces between which nobody has time to breathe. */
function runsOf(pieces: readonly Piece[]): Piece[][] {
  const runs: Piece[][] = [];
  for (const piece of pieces) {
    const run = runs.at(-1);
    if (run !== undefined && piece.first - pastOf(run) <= BREATH) run.push(piece);
    else runs.push([piece]);
  }
  return runs;
}

const pastOf = (pieces: readonly Piece[]) => pieces[pieces.length - 1].past;

/** Steps of speech. */
export function spokenIn(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { first, past }) => sum + past - first, 0);
}
