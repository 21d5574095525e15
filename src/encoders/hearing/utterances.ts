import { type Piece, steps } from './pieces.js';

/** A longer pause ends an utterance. */
const PAUSE = steps(0.6);
/** Less speech than the first is too little to stand alone: it waits this long for more. */
const LITTLE = steps(0.5);
const LONG_PAUSE = steps(1);
/** A longer utterance is split at its longest pause. */
const LONGEST = steps(10);

/** Joins pieces of speech to utterances, as they come. */
export interface UtteranceGatherer {
  /** @returns the utterances that end before this piece, or by it. */
  add(piece: Piece): Promise<Piece[][]>;
  /** @param until nothing was said since the last piece up to this step. @returns the utterance that has ended so. */
  wait(until: number): Piece[][];
  finish(): Piece[][];
  /** First step of the utterance that goes on; undefined where there is none. */
  readonly open: number | undefined;
  /** The longest utterance, in steps. */
  readonly longest: number;
}

/**
 * The rules: pieces with pauses of up to 0.6 s between them are one utterance, unless `goesOn` hears another voice; less
 * than half a second of speech waits up to a second for more; what grows longer than 10 s is split at its longest pause.
 * @param goesOn whether a piece may be of the person whose pieces these are.
 */
export function gatherUtterances(
  goesOn: (pieces: readonly Piece[], next: Piece) => Promise<boolean>,
): UtteranceGatherer {
  let pieces: Piece[] = [];
  const finish = () => {
    const ended = pieces.length === 0 ? [] : [pieces];
    pieces = [];
    return ended;
  };
  const wait = (until: number) => {
    const last = pieces.at(-1);
    if (last === undefined) return [];
    const spoken = pieces.reduce((sum, { first, past }) => sum + past - first, 0);
    return until - last.past > (spoken < LITTLE ? LONG_PAUSE : PAUSE) ? finish() : [];
  };
  return {
    async add(piece) {
      const ended = wait(piece.first);
      if (pieces.length > 0 && !(await goesOn(pieces, piece))) ended.push(...finish());
      pieces.push(piece);
      while (piece.past - pieces[0].first > LONGEST) {
        const at = longestPause(pieces);
        if (at === undefined) break;
        ended.push(pieces.slice(0, at));
        pieces = pieces.slice(at);
      }
      return ended;
    },
    wait,
    finish,
    get open() {
      return pieces[0]?.first;
    },
    longest: LONGEST,
  };
}

/** Index of the piece after the longest pause; undefined where there is none. */
export function longestPause(pieces: readonly Piece[]): number | undefined {
  if (pieces.length < 2) return undefined;
  const pauses = pieces.slice(1).map(({ first }, i) => first - pieces[i].past);
  return pauses.indexOf(Math.max(...pauses)) + 1;
}
