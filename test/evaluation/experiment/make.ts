import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAnchors } from '../../../src/anchors/files.js';
import { syntheticAnchors } from '../../../src/anchors/index.js';
import { writeCorpus } from '../../../src/corpus/files.js';
import { sampleCorpus } from '../../../src/corpus/index.js';
import { checkExperiment, type ExperimentInput, type ExperimentSpec } from '../../../src/evaluation/experiment/spec.js';

/** A folder with a synthetic corpus and anchors for it. */
export function makeFolder(name: string): { root: string; corpus: string; anchors: string } {
  const root = mkdtempSync(join(tmpdir(), `vega-${name}-`));
  const corpus = join(root, 'corpus');
  const anchors = join(root, 'a.anchors.safetensors');
  const sample = sampleCorpus(1);
  writeCorpus(corpus, sample);
  writeAnchors(anchors, syntheticAnchors(sample.classes, 16, 1));
  return { root, corpus, anchors };
}

/** A small experiment on it: models of width 8 that see two epochs. */
export function makeSpec(corpus: string, changes: Partial<ExperimentInput> = {}): ExperimentSpec {
  return checkExperiment(
    {
      name: 'toy',
      seeds: [1, 2],
      corpora: { toy: corpus },
      defaults: { preset: 'small', set: { hidden: 8, epochs: 2, batchSize: 40 } },
      reference: 'none',
      resamples: 200,
      configurations: { none: { anchors: 'none' } },
      ...changes,
    },
    'the test',
  );
}
