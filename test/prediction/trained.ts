import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { type Corpus, sampleCorpus } from '../../src/corpus/index.js';
import { train } from '../../src/training/index.js';

/** The synthetic sample, and runs on it. */
export interface Trained {
  root: string;
  corpus: Corpus;
  /** Trains a tiny model for an epoch. @returns its run directory. */
  train(name: string, ...set: string[]): Promise<string>;
  remove(): void;
}

export function tinyRuns(corpus: Corpus = sampleCorpus(1)): Trained {
  const root = mkdtempSync(join(tmpdir(), 'vega-predict-'));
  writeCorpus(join(root, 'corpus'), corpus);
  writeAnchors(join(root, 'a.anchors.safetensors'), syntheticAnchors(corpus.classes, 16, 1));
  return {
    root,
    corpus,
    async train(name, ...set) {
      const out = join(root, name);
      const { vega } = await train({
        corpus: join(root, 'corpus'),
        anchors: join(root, 'a.anchors.safetensors'),
        out,
        preset: 'small',
        set: ['hidden=16', 'epochs=1', 'batchSize=20', ...set],
        threads: 1,
      });
      await vega.dispose();
      return out;
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}
