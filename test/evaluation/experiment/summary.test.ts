import { linkSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeDirectory } from '../../../src/base/files.js';
import { writeCorpus } from '../../../src/corpus/files.js';
import { sampleCorpus } from '../../../src/corpus/index.js';
import { planCorpora, planRuns } from '../../../src/evaluation/experiment/plan.js';
import { checkExperiment } from '../../../src/evaluation/experiment/spec.js';
import { summarise } from '../../../src/evaluation/experiment/summary.js';
import { trainAndEvaluate } from '../../../src/evaluation/index.js';
import * as outputs from '../../../src/evaluation/outputs.js';

vi.mock('../../../src/evaluation/outputs.js', { spy: true });

let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'vega-summary-'));
  writeCorpus(join(home, 'corpus'), sampleCorpus(1));
  const set = ['hidden=8', 'epochs=1', 'batchSize=40'];
  await trainAndEvaluate({
    corpus: join(home, 'corpus'),
    anchors: null,
    out: join(home, 'run'),
    preset: 'small',
    set,
    threads: 1,
  });
});
afterAll(() => rmSync(home, { recursive: true }));

/** An experiment whose runs all hold what one run does. */
function manyRuns(configurations: number) {
  const names = Array.from({ length: configurations }, (_, i) => `c${i}`);
  const spec = checkExperiment(
    {
      name: 'many',
      seeds: [1, 2],
      resamples: 100,
      corpora: { toy: join(home, 'corpus') },
      reference: 'c0',
      configurations: Object.fromEntries(
        names.map((name, i) => [name, { anchors: 'none', set: { lr: 1e-4 + i * 1e-6 } }]),
      ),
    },
    'many.yaml',
  );
  const directory = join(home, `many-${configurations}`);
  const corpora = planCorpora(spec, directory);
  const runs = planRuns(spec, corpora);
  for (const run of runs) {
    const path = join(directory, run.directory);
    makeDirectory(path);
    for (const file of readdirSync(join(home, 'run'))) linkSync(join(home, 'run', file), join(path, file));
  }
  const about = [...corpora.values()].map((corpus) => corpus.about);
  return { spec, directory, corpora: about, runs, failures: new Map<string, string>(), notes: [] };
}

describe('summarise', () => {
  it('reads each run once, and works out what its heads say once', () => {
    const what = manyRuns(12);
    vi.mocked(outputs.readOutputs).mockClear();
    vi.mocked(outputs.headProbabilities).mockClear();
    const { rows } = summarise(what);
    expect(rows.map(({ configuration }) => configuration)).toEqual(
      what.runs.filter((_, i) => i % 2 === 0).map(({ configuration }) => configuration),
    );
    expect(vi.mocked(outputs.readOutputs)).toHaveBeenCalledTimes(24);
    expect(vi.mocked(outputs.headProbabilities)).toHaveBeenCalledTimes(24);
  });

  it('compares every row with the reference, whichever comes first', () => {
    const { rows } = summarise(manyRuns(3));
    expect(rows.map(({ comparison }) => comparison?.reference)).toEqual([undefined, 'c0', 'c0']);
    // Equal runs do not differ, and Holm's correction has two tests.
    expect(rows[2].comparison).toMatchObject({ difference: 0, pValue: 1, pHolm: 1 });
    expect(dirname(rows[0].runs[0].directory)).toBe('runs/toy/c0');
  });
});
