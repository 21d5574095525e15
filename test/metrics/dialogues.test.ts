import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { dialogueConfusions, dialogueSums, joinRuns } from '../../src/metrics/index.js';

describe('sums a dialogue', () => {
  it('are one confusion matrix each, without dialogues that nobody labelled', () => {
    const sums = dialogueConfusions([0, 1, -1, 1, -1], [0, 0, 1, 1, 0], ['b', 'a', 'c', 'b', 'a'], 2);
    expect(sums).toEqual({ dialogues: ['b', 'a'], width: 4, rows: Float64Array.of(1, 0, 0, 1, 0, 0, 1, 0) });
  });

  it('are of anything counted by utterance', () => {
    const sums = dialogueSums([1, 10, 2, 20, 3, 30], 2, [7, 8, 7]);
    expect(sums).toEqual({ dialogues: [7, 8], width: 2, rows: Float64Array.of(4, 40, 2, 20) });
  });

  it('of several runs stand side by side', () => {
    const run = (rows: number[]) => ({ dialogues: ['a', 'b'], width: 2, rows: Float64Array.from(rows) });
    expect(joinRuns([run([1, 2, 3, 4]), run([5, 6, 7, 8])])).toEqual({
      dialogues: ['a', 'b'],
      width: 4,
      rows: Float64Array.of(1, 2, 5, 6, 3, 4, 7, 8),
    });
  });
});

describe('wrong input is refused with a sentence', () => {
  const base = dialogueConfusions([0, 1], [0, 0], ['a', 'b'], 2);
  const joined = (other: typeof base) => () => joinRuns([base, other]);
  it.each([
    ['ids', () => dialogueConfusions([0, 1], [0, 0], ['a'], 2), 'There are 1 dialogue ids where 2 belong'],
    ['predictions', () => dialogueConfusions([0, 1], [0], ['a', 'b'], 2), 'There are 1 predictions where 2 belong'],
    ['class', () => dialogueConfusions([0, 1], [0, 2], ['a', 'b'], 2), 'prediction at position 1 is 2'],
    ['values', () => dialogueSums([1, 2, 3], 2, ['a', 'b']), 'There are 3 values where 4 belong'],
    ['no run', () => joinRuns([]), 'There is no run to score'],
    ['classes', joined(dialogueConfusions([0], [0], ['a'], 3)), 'Run 2 of 2 counts 9 numbers a dialogue, run 1 4'],
    ['count', joined(dialogueConfusions([0], [0], ['a'], 2)), 'Run 2 of 2 has 1 dialogues, run 1 2'],
    ['order', joined(dialogueConfusions([0, 1], [0, 0], ['a', 'c'], 2)), 'has dialogue "c" where run 1 has "b"'],
  ])('%s', (_, act, sentence) => {
    expect(act).toThrow(InputError);
    expect(act).toThrow(sentence);
  });
});
