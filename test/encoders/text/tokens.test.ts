import { describe, expect, it } from 'vitest';
import { createTokenizer } from '../../../src/encoders/text/tokens.js';

const RESERVED: [string, number][] = ['�', '<s>', '</s>', 'a', 'b', 'c'].map((symbol) => [symbol, 0]);
const tokens = createTokenizer([
  ...RESERVED,
  ['▁', -3],
  ['▁he', -4],
  ['llo', -4],
  ['l', -5],
  ['o', -5],
  ['lo', -6],
  ['▁hello', -7],
  ['h', -6],
  ['e', -6],
  ['x', null],
]);

describe('createTokenizer', () => {
  it('chooses the most probable pieces', () => {
    expect(tokens('hello')).toEqual([12]);
    expect(tokens('hellolo')).toEqual([12, 11]);
  });

  it('makes one unknown piece of a run of unknown characters', () => {
    expect(tokens('he ??? o')).toEqual([7, 6, 0, 6, 10]);
  });

  it('normalises to NFKC', () => {
    expect(tokens('ｈｅ')).toEqual([7]);
  });

  it('takes a missing score for zero', () => {
    expect(tokens('x')).toEqual([6, 15]);
  });

  it('gives an empty text the space before its first word', () => {
    expect(tokens('')).toEqual([6]);
  });
});
