import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { checkDevice, nodeEngine } from '../../src/graph/node.js';
import { train } from '../../src/training/index.js';
import { vegaMerc } from '../cli/vega-merc.js';

const root = mkdtempSync(join(tmpdir(), 'vega-provider-'));
afterAll(() => rmSync(root, { recursive: true }));

it('a device that is not there is refused before anything is written', async () => {
  // Where this machine has the device after all, there is nothing to say.
  const refusal = await checkDevice(nodeEngine({ provider: 'cuda' })).catch((error) => error);
  if (refusal === undefined) return;
  const corpus = sampleCorpus(1);
  writeCorpus(join(root, 'corpus'), corpus);
  writeAnchors(join(root, 'faces'), syntheticAnchors(corpus.classes, 16, 1));
  const out = join(root, 'run');
  const options = { corpus: join(root, 'corpus'), anchors: null, out, provider: 'cuda' as const };
  await expect(train(options)).rejects.toThrow(/^This machine cannot compute on "cuda": .*\. Leave the provider out/);
  expect(existsSync(out)).toBe(false);
  for (const command of ['ablate', 'zero-shot']) {
    const args = [command, options.corpus, '--anchors', join(root, 'faces'), '--out', out, '--provider', 'cuda'];
    const { status, stderr } = vegaMerc(args);
    expect([status, stderr.includes('This machine cannot compute on "cuda": ')], stderr).toEqual([1, true]);
    expect(stderr).not.toContain('defect');
    expect(existsSync(out)).toBe(false);
  }
});
