import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCorpus } from '../../src/corpus/files.js';
import { type Corpus, createCorpus, sampleCorpus, splitDialogues } from '../../src/corpus/index.js';
import { dropPresence, evaluateDrops, readOutputs, trainAndEvaluate } from '../../src/evaluation/index.js';
import { train } from '../../src/training/index.js';

const corpus = sampleCorpus(1);
const test = splitDialogues(corpus, 'test');
/** Presence of a modality over the utterances of some dialogues. */
function present({ features, dialogues }: Corpus, modality: 'text' | 'audio', indices: readonly number[]): number[] {
  const { presence } = features[modality] ?? {};
  return indices.flatMap((i) => dialogues[i].utterances.map((_, u) => presence?.[dialogues[i].offset + u] ?? 1));
}
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

describe('dropPresence', () => {
  const shares = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

  it.each(['text', 'audio'] as const)('takes %s from the share asked for in every split, nested', (modality) => {
    for (const split of ['train', 'valid', 'test'] as const) {
      const indices = splitDialogues(corpus, split);
      const had = present(corpus, modality, indices);
      let before = had;
      for (const share of shares) {
        const now = present(dropPresence(corpus, modality, share, 1), modality, indices);
        expect(sum(now)).toBe(sum(had) - Math.round(share * sum(had)));
        now.forEach((there, i) => {
          expect(there).toBeLessThanOrEqual(before[i]);
        });
        before = now;
      }
      expect(sum(before)).toBe(0);
    }
  });

  it('leaves all else and the given corpus as they are, but has a hash of its own', () => {
    const dropped = dropPresence(corpus, 'text', 0.5, 1);
    expect(corpus.features.text?.presence).toBeUndefined();
    expect(dropped.features.audio).toEqual(corpus.features.audio);
    expect(dropped.features.text?.rows).toBe(corpus.features.text?.rows);
    expect(dropped.dialogues).toEqual(corpus.dialogues);
    expect(dropped.hash).not.toBe(corpus.hash);
  });

  it('meets others with another seed, and others in another modality', () => {
    const [text] = [present(dropPresence(corpus, 'text', 0.5, 1), 'text', test)];
    expect(present(dropPresence(corpus, 'text', 0.5, 1), 'text', test)).toEqual(text);
    expect(present(dropPresence(corpus, 'text', 0.5, 2), 'text', test)).not.toEqual(text);
    const all = createCorpus({ ...corpus, features: { ...corpus.features, audio: corpus.features.text } }, 'the test');
    expect(present(dropPresence(all, 'audio', 0.5, 1), 'audio', test)).not.toEqual(text);
  });

  it('refuses what is not there and shares that are none', () => {
    const { text } = corpus.features;
    const silent = createCorpus({ ...corpus, features: { text } }, 'the test');
    expect(() => dropPresence(silent, 'audio', 0.5, 1)).toThrow('has no audio that could be taken away; it has text.');
    expect(() => dropPresence(corpus, 'text', 1.5, 1)).toThrow('it must be 0 to 1');
    expect(() => dropPresence(corpus, 'text', Number.NaN, 1)).toThrow('it must be 0 to 1');
  });
});

describe('evaluateDrops', () => {
  let root: string;
  let run: string;
  const set = ['hidden=16', 'epochs=2', 'batchSize=20', 'lr=0.01'];
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'vega-drop-'));
    run = join(root, 'run');
    writeCorpus(join(root, 'corpus'), corpus);
    await trainAndEvaluate({ corpus: join(root, 'corpus'), anchors: 'random', out: run, preset: 'small', set });
  }, 120_000);
  afterAll(() => rmSync(root, { recursive: true }));

  it('gives the outputs of the evaluation at share 0, those of a corpus without the modality at 1', async () => {
    const looks: string[] = [];
    const pairs = [0, 0.5, 1].map((share) => ({ modality: 'text' as const, share, seed: 1 }));
    const drops = await evaluateDrops(run, corpus, pairs, ({ modality, share }) => looks.push(`${modality} ${share}`));
    expect(looks).toEqual(['text 0', 'text 0.5', 'text 1']);
    expect(drops.map(({ modality, share, seed }) => ({ modality, share, seed }))).toEqual(pairs);
    const recorded = readOutputs(run, 'test');
    const [none, half, all] = drops.map(({ outputs }) => outputs);
    expect(none.labels).toEqual(recorded?.labels);
    expect(none.dialogues).toEqual(recorded?.dialogues);
    none.logits.fused?.forEach((logit, i) => {
      expect(logit).toBeCloseTo(recorded?.logits.fused?.[i] as number, 4);
    });
    expect(sum([...(half.present.text as Uint8Array)])).toBe(half.labels.length - Math.round(half.labels.length / 2));
    expect(sum([...(all.present.text as Uint8Array)])).toBe(0);
    expect(half.logits.fused).not.toEqual(none.logits.fused);

    const { audio, visual } = corpus.features;
    const silent = createCorpus({ ...corpus, features: { audio, visual } }, 'the test');
    const [without] = await evaluateDrops(run, silent, [{ modality: 'audio', share: 0, seed: 1 }]);
    without.outputs.logits.fused?.forEach((logit, i) => {
      expect(logit).toBeCloseTo(all.logits.fused?.[i] as number, 4);
    });
  });

  it('drops nothing that the model does not use', async () => {
    const out = join(root, 'text');
    const options = { corpus: join(root, 'corpus'), anchors: null, out, preset: 'small' };
    await (await train({ ...options, set: [...set, 'epochs=1', 'modalities=text'] })).vega.dispose();
    const look = evaluateDrops(out, corpus, [{ modality: 'audio', share: 0.1, seed: 1 }]);
    await expect(look).rejects.toThrow('does not use audio, so it cannot lose it; it uses text.');
    const [gone] = await evaluateDrops(out, corpus, [{ modality: 'text', share: 1, seed: 1 }]);
    expect(gone.outputs.logits.fused?.every(Number.isFinite)).toBe(true);
  });
});
