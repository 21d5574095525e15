import { STEP } from './activity.js';

/** Steps a second. */
export const STEPS_PER_SECOND = 16_000 / STEP;

/** Speech without a pause: steps `first` to `past`, the latter not of it. */
export interface Piece {
  first: number;
  past: number;
}

/** Speech begins where its probability reaches the first, and goes on until it falls below the second: whispered and
 * trembling beginnings are doubtful speech to the network. */
const BEGINS = 0.3;
const ENDS = 0.25;
/** A shorter break is none: it lies within a word. */
const SHORTEST_BREAK = steps(0.25);
/** Less speech is a click, a cough or a door. */
const SHORTEST_PIECE = steps(0.1);

/** Finds the pieces of speech in probabilities of speech, one a step, as they come. */
export interface PieceFinder {
  /** @returns a piece that has just ended, a break's length after its end. */
  push(probability: number): Piece | undefined;
  /** @returns the piece that the end of the sound has cut off. */
  finish(): Piece | undefined;
  /** First step of the piece that goes on, or of what may become one; undefined in silence. */
  readonly open: number | undefined;
}

/** @param longest steps after which a piece is cut where speech is least likely, in its second half. */
export function findPieces(longest: number): PieceFinder {
  let step = 0;
  let first: number | undefined;
  /** Past the last step that was speech. */
  let past = 0;
  let probabilities: number[] = [];
  const close = (end: number): Piece | undefined => {
    const piece = first === undefined || end - first < SHORTEST_PIECE ? undefined : { first, past: end };
    first = undefined;
    return piece;
  };
  const cut = (): Piece | undefined => {
    const half = probabilities.length >> 1;
    const least = half + indexOfLeast(smooth(probabilities.slice(half)));
    const end = (first as number) + least;
    const piece = close(end);
    first = end;
    probabilities = probabilities.slice(least);
    return piece;
  };
  return {
    push(probability) {
      const at = step++;
      if (first === undefined) {
        if (probability < BEGINS) return undefined;
        first = at;
        probabilities = [];
      }
      probabilities.push(probability);
      if (probability >= ENDS) past = at + 1;
      if (step - past >= SHORTEST_BREAK) return close(past);
      return step - first >= longest ? cut() : undefined;
    },
    finish: () => close(past),
    get open() {
      return first;
    },
  };
}

/** Means over three steps: one step alone is no good place to cut. */
function smooth(values: readonly number[]): number[] {
  return values.map((value, i) => (value + (values[i - 1] ?? value) + (values[i + 1] ?? value)) / 3);
}

function indexOfLeast(values: readonly number[]): number {
  return values.reduce((least, value, i) => (value < values[least] ? i : least), 0);
}

/** Whole steps of so many seconds. */
export function steps(seconds: number): number {
  return Math.round(seconds * STEPS_PER_SECOND);
}
