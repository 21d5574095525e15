import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkThreads, MOST_THREADS } from '../../src/base/threads.js';
import { trainAndEvaluate } from '../../src/evaluation/index.js';
import { open } from '../../src/index.js';
import { tinyRuns } from '../prediction/trained.js';

const runs = tinyRuns();
afterAll(() => runs.remove());

describe('threads', () => {
  const sentence = 'more threads would only wait for each other';

  it.each([0, -1, 1.5, Number.NaN, MOST_THREADS + 1, 1e9])('%d are refused', (threads) => {
    expect(() => checkThreads(threads)).toThrow(sentence);
  });

  it('are bounded by whoever opens a model or trains one, not by the command line alone', async () => {
    expect(checkThreads(MOST_THREADS)).toBe(MOST_THREADS);
    await expect(open('nowhere', { threads: 100_000 })).rejects.toThrow(sentence);
    const out = join(runs.root, 'many');
    const options = { corpus: join(runs.root, 'corpus'), anchors: null, out, preset: 'small', threads: 100_000 };
    await expect(trainAndEvaluate(options)).rejects.toThrow(sentence);
  });
});
