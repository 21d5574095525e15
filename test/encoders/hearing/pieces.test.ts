import { describe, expect, it } from 'vitest';
import { findPieces, type Piece, steps } from '../../../src/encoders/hearing/pieces.js';

/** Pieces in stretches of [steps, probability]. */
function piecesIn(stretches: [number, number][], longest = steps(10)): Piece[] {
  const finder = findPieces(longest);
  const pieces: Piece[] = [];
  for (const [count, probability] of stretches) {
    for (let i = 0; i < count; i++) pieces.push(...[finder.push(probability)].filter((piece) => piece !== undefined));
  }
  return [...pieces, ...[finder.finish()].filter((piece) => piece !== undefined)];
}

describe('pieces of speech', () => {
  it('begin and end where speech does, and bridge breaks within words', () => {
    const stretches: [number, number][] = [
      [20, 0.05],
      [10, 0.9],
      [7, 0.1],
      [10, 0.8],
      [8, 0.1],
      [5, 0.9],
      [20, 0],
    ];
    expect(piecesIn(stretches)).toEqual([
      { first: 20, past: 47 },
      { first: 55, past: 60 },
    ]);
  });

  it('do not begin with doubtful speech, and go on through it', () => {
    const stretches: [number, number][] = [
      [30, 0.27],
      [5, 0.6],
      [30, 0.27],
      [20, 0.1],
    ];
    expect(piecesIn(stretches)).toEqual([{ first: 30, past: 65 }]);
  });

  it('are no clicks', () => {
    const stretches: [number, number][] = [
      [10, 0],
      [2, 0.99],
      [30, 0],
    ];
    expect(piecesIn(stretches)).toEqual([]);
  });

  it('are cut where speech is least likely, if they never end', () => {
    const stretches: [number, number][] = [
      [70, 0.9],
      [3, 0.4],
      [57, 0.9],
    ];
    expect(piecesIn(stretches, 100)).toEqual([
      { first: 0, past: 71 },
      { first: 71, past: 130 },
    ]);
  });

  it('end with the sound', () => {
    expect(piecesIn([[5, 0.9]])).toEqual([{ first: 0, past: 5 }]);
  });
});
