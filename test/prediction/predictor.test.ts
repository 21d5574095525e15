import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { type Corpus, createCorpus, sampleCorpus, splitDialogues } from '../../src/corpus/index.js';
import { dialoguesOf, openPredictor, predictCorpus, type UtterancePrediction } from '../../src/prediction/index.js';
import { train } from '../../src/training/index.js';

let root: string;
let run: string;
const corpus = sampleCorpus(1);
const test = splitDialogues(corpus, 'test');

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'vega-predict-'));
  run = join(root, 'run');
  writeCorpus(join(root, 'corpus'), corpus);
  writeAnchors(join(root, 'a.anchors.safetensors'), syntheticAnchors(corpus.classes, 16, 1));
  const { vega } = await train({
    corpus: join(root, 'corpus'),
    anchors: join(root, 'a.anchors.safetensors'),
    out: run,
    preset: 'small',
    set: ['hidden=16', 'epochs=1', 'batchSize=20', 'select=test'],
  });
  await vega.dispose();
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

async function predictions(data: Corpus, indices = test): Promise<UtterancePrediction[]> {
  const opened = await openPredictor(run, { corpus: data });
  const lines: UtterancePrediction[] = [];
  for await (const dialogue of opened.predictor.predict(opened.corpus as Corpus, indices)) lines.push(...dialogue);
  await opened.predictor.dispose();
  return lines;
}
const sum = (distribution: Record<string, number> = {}) => Object.values(distribution).reduce((a, b) => a + b, 0);
const remade = (change: Partial<Corpus>) => createCorpus({ ...corpus, ...change }, 'the test');

describe('Predictor', () => {
  it('gives distributions of both heads and mixtures, similarities, and the choice of each modality', async () => {
    const lines = await predictions(corpus);
    const utterances = test.flatMap((index) => corpus.dialogues[index].utterances);
    expect(lines).toHaveLength(utterances.length);
    expect(lines[0]).toMatchObject({ dialogue: 'test-01', index: 0, label: corpus.classes[utterances[0].label] });
    for (const line of lines) {
      for (const head of [line.classHead, line.anchorHead, line.average, line.maximum]) {
        expect(Object.keys(head ?? {})).toEqual(corpus.classes);
        expect(sum(head)).toBeCloseTo(1, 5);
      }
      const top = Math.max(...Object.values(line.classHead));
      expect(line.classHead[line.prediction]).toBe(top);
      const surest = Math.max(top, ...Object.values(line.anchorHead ?? {}));
      expect(Math.max(...Object.values(line.maximum ?? {}))).toBe(surest);
      for (const cosine of Object.values(line.similarity ?? {})) expect(Math.abs(cosine)).toBeLessThanOrEqual(1.000001);
      expect(corpus.classes).toContain(line.modalities.text?.anchorHead);
    }
  });

  it('says nothing of a modality that an utterance lacks', async () => {
    const lines = await predictions(corpus);
    const rows = test.flatMap((i) => corpus.dialogues[i].utterances.map((_, j) => corpus.dialogues[i].offset + j));
    const present = rows.map((row) => corpus.features.audio?.presence?.[row] === 1);
    expect(present).toContain(false);
    expect(lines.map((line) => line.modalities.audio !== undefined)).toEqual(present);
  });

  it('does not depend on which other dialogues are predicted', async () => {
    const [all, one] = [await predictions(corpus), await predictions(corpus, test.slice(3, 4))];
    const same = all.filter(({ dialogue }) => dialogue === one[0].dialogue);
    one.forEach((line, i) => {
      for (const name of corpus.classes) expect(line.classHead[name]).toBeCloseTo(same[i].classHead[name], 5);
    });
  });

  it('reads a corpus without labels, without a modality, and with one more', async () => {
    const { text, audio, visual } = corpus.features;
    const unlabelled = corpus.dialogues.map((dialogue) => ({
      ...dialogue,
      utterances: dialogue.utterances.map((utterance) => ({ ...utterance, label: -1 })),
    }));
    const lines = await predictions(remade({ dialogues: unlabelled, features: { text, visual } }));
    expect(lines[0].label).toBeUndefined();
    expect(lines.every((line) => line.modalities.audio === undefined && sum(line.classHead) > 0.999)).toBe(true);
    const opened = await openPredictor(run, { corpus: remade({ features: { text, visual } }) });
    expect(opened.notes).toEqual([
      'Corpus "synthetic sample" has no audio, which the model was trained with; it counts as missing everywhere.',
    ]);
    await opened.predictor.dispose();
    expect(audio).toBeDefined();
  });

  it('refuses other dimensions and speakers it does not know, with a sentence', async () => {
    const { text, audio, visual } = corpus.features;
    const wide = { dim: 33, rows: new Float32Array(corpus.utterances * 33) };
    await expect(predictions(remade({ features: { text: wide, audio, visual } }))).rejects.toThrow(
      'Corpus "synthetic sample" has text features of dimension 33, but the model was trained with 32.',
    );
    const dialogues = corpus.dialogues.map((dialogue) => ({
      ...dialogue,
      utterances: dialogue.utterances.map((utterance) => ({ ...utterance, speaker: 4 })),
    }));
    await expect(
      predictions(remade({ dialogues, speakers: [...corpus.speakers, 'Eve'], features: { text, audio, visual } })),
    ).rejects.toThrow(/is spoken by speaker 4 \("Eve"\), but the model knows 4 speakers/);
  });

  it('meets classes of other names and order by their meaning', async () => {
    const order = [6, 5, 4, 3, 2, 1, 0];
    const names = ['Neutral', 'happy', 'sad', 'angry', 'surprised', 'fearful', 'disgusted'];
    const dialogues = corpus.dialogues.map((dialogue) => ({
      ...dialogue,
      utterances: dialogue.utterances.map((utterance) => ({ ...utterance, label: order.indexOf(utterance.label) })),
    }));
    const [renamed, plain] = [
      await predictions(remade({ classes: order.map((c) => names[c]), dialogues })),
      await predictions(corpus),
    ];
    expect(renamed).toEqual(plain);
  });

  it('refuses what is no run, and anchors or settings for a run', async () => {
    await expect(openPredictor(join(root, 'nothing'))).rejects.toThrow('there is no such run directory or checkpoint');
    await expect(openPredictor(root)).rejects.toThrow('is no run directory: it has no config.json');
    await expect(openPredictor(run, { set: ['heads=2'] })).rejects.toThrow('which has its own anchors and settings');
  });
});

describe('predictCorpus', () => {
  it('finds the corpus of a run, and says test-selected in every line where that is so', async () => {
    const lines: string[] = [];
    const told = await predictCorpus({ model: run, split: 'test' }, (predictions) => {
      lines.push(...predictions.map((line) => JSON.stringify(line)));
    });
    expect(told).toMatchObject({ selection: 'test-selected' });
    expect(told.notes[0]).toMatch(/^Synthetic/);
    expect(lines).toHaveLength(test.flatMap((i) => corpus.dialogues[i].utterances).length);
    for (const line of lines) expect(line).toMatch(/^\{"selection":"test-selected","dialogue":/);
    expect(readFileSync(join(run, 'config.json'), 'utf8')).toContain('test-selected');
  });

  it('names the splits there are', () => {
    expect(() => dialoguesOf({ ...corpus, splits: { train: corpus.splits.train } }, 'test')).toThrow(
      'Corpus "synthetic sample" has no test split; it has train.',
    );
  });
});
