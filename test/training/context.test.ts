import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { modalitiesIn } from '../../src/base/modalities.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { type Corpus, createCorpus, sampleCorpus, splitDialogues } from '../../src/corpus/index.js';
import { conversationOf } from '../../src/prediction/index.js';
import { open } from '../../src/prediction/node/index.js';
import { train } from '../../src/training/index.js';

let root: string;
const corpus = sampleCorpus(1);
const test = splitDialogues(corpus, 'test');
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vega-context-'));
  writeCorpus(join(root, 'corpus'), corpus);
});
afterAll(() => rmSync(root, { recursive: true }));

/** The test dialogues, of each its first utterances, of which the first two have neither audio nor visual features. */
function beginnings(length: number): Corpus {
  const rows: number[] = [];
  const places: number[] = [];
  const dialogues = test.map((index) => {
    const { id, offset, utterances } = corpus.dialogues[index];
    const kept = utterances.slice(0, length);
    kept.forEach((_, i) => {
      rows.push(offset + i);
      places.push(i);
    });
    return { id, utterances: kept };
  });
  const features: Corpus['features'] = {};
  for (const modality of modalitiesIn(corpus.features)) {
    const { dim, rows: all, presence } = corpus.features[modality] as NonNullable<Corpus['features']['text']>;
    features[modality] = {
      dim,
      rows: Float32Array.from(rows.flatMap((row) => [...all.subarray(row * dim, (row + 1) * dim)])),
      ...(presence && { presence: Uint8Array.from(rows, (row, i) => (places[i] < 2 ? 0 : presence[row])) }),
    };
  }
  return createCorpus({ ...corpus, dialogues, features, splits: {} }, 'the test');
}

it('a run trained with causal context predicts an utterance alike whatever follows it, missing modalities included', async () => {
  const out = join(root, 'causal');
  const set = ['hidden=16', 'epochs=2', 'batchSize=10', 'lr=0.01', 'context=causal'];
  const options = { corpus: join(root, 'corpus'), anchors: 'random', out, preset: 'small', set };
  await (await train(options)).vega.dispose();
  const model = await open(out);
  expect(model.about.context).toBe('causal');
  const fused = async (length: number) => {
    const cut = beginnings(length);
    const { logits, anchorLogits = {} } = await model.outputs(cut.dialogues.map((_, i) => conversationOf(cut, i)));
    const utterances = cut.dialogues.flatMap(({ id, utterances }) => utterances.map((_, i) => `${id} ${i}`));
    const classes = corpus.classes.length;
    const row = (n: number) => [
      ...(logits.fused as Float32Array).subarray(n * classes, (n + 1) * classes),
      ...(anchorLogits.fused as Float32Array).subarray(n * classes, (n + 1) * classes).map((v) => v / 100),
    ];
    return new Map(utterances.map((name, n) => [name, row(n)]));
  };
  const all = await fused(Number.POSITIVE_INFINITY);
  for (const length of [1, 2, 3, 5]) {
    const part = await fused(length);
    expect(part.size).toBe(test.length * length);
    for (const [name, row] of part) {
      row.forEach((value, i) => {
        expect(Math.abs(value - (all.get(name)?.[i] as number)), name).toBeLessThan(1e-5);
      });
    }
  }
  await model.dispose();
}, 120_000);
