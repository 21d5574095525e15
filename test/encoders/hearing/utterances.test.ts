import { describe, expect, it } from 'vitest';
import { isWhole, sentencesIn } from '../../../src/encoders/hearing/sentences.js';
import { gatherUtterances } from '../../../src/encoders/hearing/utterances.js';
import { stutterIn } from '../../../src/encoders/hearing/words.js';

/** Utterances of pieces [first, past], in steps of 32 ms. */
async function gathered(pieces: [number, number][], goesOn = true): Promise<[number, number][][]> {
  const gather = gatherUtterances(async () => goesOn);
  const all: { first: number; past: number }[][] = [];
  for (const [first, past] of pieces) all.push(...(await gather.add({ first, past })));
  all.push(...gather.finish());
  return all.map((utterance) => utterance.map(({ first, past }) => [first, past]));
}

describe('utterances', () => {
  it('are pieces with short pauses between them', async () => {
    const pieces: [number, number][] = [
      [0, 40],
      [58, 100],
      [130, 170],
    ];
    expect(await gathered(pieces)).toEqual([pieces.slice(0, 2), pieces.slice(2)]);
  });

  it('end where another voice begins', async () => {
    const pieces: [number, number][] = [
      [0, 40],
      [50, 100],
    ];
    expect(await gathered(pieces, false)).toEqual([[pieces[0]], [pieces[1]]]);
  });

  it('wait longer for more where little was said', async () => {
    const pieces: [number, number][] = [
      [0, 10],
      [38, 80],
    ];
    expect(await gathered(pieces)).toEqual([pieces]);
  });

  it('are split at their longest pause where they grow too long', async () => {
    const pieces: [number, number][] = [
      [0, 100],
      [110, 200],
      [218, 290],
      [300, 400],
    ];
    expect(await gathered(pieces)).toEqual([pieces.slice(0, 2), pieces.slice(2)]);
  });

  it('have ended as soon as the pause is too long', async () => {
    const gather = gatherUtterances(async () => true);
    await gather.add({ first: 0, past: 40 });
    expect(gather.wait(59)).toEqual([]);
    expect(gather.wait(60)).toEqual([[{ first: 0, past: 40 }]]);
    expect(gather.open).toBeUndefined();
  });
});

describe('sentences', () => {
  it('are counted by their ends', () => {
    expect(['', 'Yes', 'Come here!', 'Oh… no. I got in!', '...'].map(sentencesIn)).toEqual([0, 1, 1, 3, 0]);
  });

  it('may be cut apart where both say the same as the whole', () => {
    const whole = "I'm so sorry. I know how much you loved that dog.";
    expect(isWhole("I'm so sorry.", 'I know how much you loved that dog.', whole)).toBe(true);
    expect(isWhole("I'm so sorry, I know.", 'How much you loved that dog.', whole)).toBe(false);
    expect(isWhole("I'm so", 'Sorry I know how much you loved that dog.', whole)).toBe(false);
    expect(isWhole('', whole, whole)).toBe(false);
    // Each part alone is heard a little better or worse than both together.
    expect(
      isWhole('Dogs are sitting here.', 'Kids are talking there.', 'To Oxford sitting here. Kids are talking there.'),
    ).toBe(true);
    expect(isWhole('Dogs are.', 'Talking there.', 'To Oxford sitting here. Kids are talking there.')).toBe(false);
  });
});

describe('the stutter of a recogniser', () => {
  it.each([
    { what: 'a word', ids: [7, 5, 5, 5, 5], kept: 2 },
    { what: 'a phrase', ids: [9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3], kept: 4 },
    { what: 'a word said three times', ids: [7, 5, 5, 5], kept: undefined },
    { what: 'plain speech', ids: [1, 2, 3, 4, 5, 6, 7, 8], kept: undefined },
  ])('is kept once: $what', ({ ids, kept }) => {
    expect(stutterIn(ids)).toBe(kept);
  });
});
