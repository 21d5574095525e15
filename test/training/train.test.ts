import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';
import { syntheticAnchors, writeAnchors } from '../../src/anchors/index.js';
import { sampleCorpus, writeCorpus } from '../../src/corpus/index.js';
import { train } from '../../src/training/index.js';

it('trains', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'vega-'));
  const corpus = sampleCorpus(1);
  writeCorpus(join(dir, 'corpus'), corpus);
  writeAnchors(join(dir, 'a.anchors.safetensors'), syntheticAnchors(corpus.classes, 16, 1));
  const t0 = performance.now();
  let first = 0;
  const run = await train({
    corpus: join(dir, 'corpus'),
    anchors: join(dir, 'a.anchors.safetensors'),
    out: join(dir, 'run'),
    preset: 'small',
    set: ['hidden=32', 'epochs=8'],
    listener: {
      onStep: () => {
        first ||= performance.now() - t0;
      },
      onEpoch: (r) => console.log(JSON.stringify(r)),
    },
  });
  console.log(first, run.progress, run.gate, run.reason);
  await run.vega.dispose();
  rmSync(dir, { recursive: true });
}, 60000);
