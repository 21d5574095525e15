import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Corpus, createCorpus, splitDialogues } from '../../src/corpus/index.js';
import {
  conversationOf,
  dialoguesOf,
  type Prediction,
  type PredictionLine,
  type Utterance,
} from '../../src/prediction/index.js';
import { open, openModel, openWith, predictInput } from '../../src/prediction/node/index.js';
import { filesIn, filesOf, RUN_FILES } from '../../src/run/index.js';
import { type Trained, tinyRuns } from './trained.js';

let runs: Trained;
let corpus: Corpus;
let run: string;
let test: number[];

beforeAll(async () => {
  runs = tinyRuns();
  corpus = runs.corpus;
  test = splitDialogues(corpus, 'test');
  run = await runs.train('run', 'select=test', 'speakers=known');
}, 120_000);
afterAll(() => runs.remove());

async function predictions(data: Corpus, indices = test): Promise<Prediction[][]> {
  const { predictor } = await openWith(run, data);
  const answers: Prediction[][] = [];
  for await (const dialogue of predictor.predictAll(indices.map((i) => conversationOf(data, i))))
    answers.push(dialogue);
  await predictor.dispose();
  return answers;
}
const sum = (distribution: Record<string, number> = {}) => Object.values(distribution).reduce((a, b) => a + b, 0);
const remade = (change: Partial<Corpus>) => createCorpus({ ...corpus, ...change }, 'the test');

describe('predict', () => {
  it('gives distributions of heads and mixtures, opinions, confidence and evidence', async () => {
    const answers = await predictions(corpus);
    expect(answers.map(({ length }) => length)).toEqual(test.map((i) => corpus.dialogues[i].utterances.length));
    for (const [d, dialogue] of answers.entries()) {
      for (const [i, answer] of dialogue.entries()) {
        const { probabilities, heads, mixtures, evidence, modalities } = answer;
        for (const head of [probabilities, heads.classHead, heads.anchorHead, mixtures?.average, mixtures?.maximum]) {
          expect(Object.keys(head ?? {})).toEqual(corpus.classes);
          expect(sum(head)).toBeCloseTo(1, 5);
        }
        expect(heads.classHead).toEqual(probabilities);
        const top = Math.max(...Object.values(probabilities));
        expect(probabilities[answer.emotion]).toBe(top);
        const surest = Math.max(top, ...Object.values(heads.anchorHead ?? {}));
        expect(Math.max(...Object.values(mixtures?.maximum ?? {}))).toBe(surest);
        expect(answer.confidence).toBeGreaterThanOrEqual(1 / corpus.classes.length - 1e-6);
        expect(answer.confidence).toBeLessThanOrEqual(1);
        for (const cosine of Object.values(evidence.similarity ?? {})) expect(Math.abs(cosine)).toBeLessThan(1.00001);
        expect(modalities.text !== undefined).toBe(answer.missing?.text === undefined);
        for (const { emotion, anchorHead = {} } of Object.values(modalities)) {
          expect(corpus.classes).toContain(emotion);
          expect(Object.keys(anchorHead)).toEqual(corpus.classes);
        }
        // Shares of what is there, and of the conversation's utterances: each a whole.
        expect(Object.keys(evidence.shares)).toEqual(Object.keys(modalities));
        expect(sum(evidence.shares as Record<string, number>)).toBeCloseTo(1, 5);
        expect(evidence.attended.length).toBeGreaterThan(0);
        expect(evidence.attended.length).toBeLessThanOrEqual(3);
        for (const { index, weight } of evidence.attended) {
          expect(index).toBeLessThan(dialogue.length);
          expect(weight).toBeLessThanOrEqual(1.00001);
        }
        expect(evidence.exemplars).toHaveLength(3);
        const cosines = evidence.exemplars?.map(({ cosine }) => cosine) ?? [];
        expect(cosines).toEqual([...cosines].sort((a, b) => b - a));
        expect(evidence.distance.text).toBeGreaterThan(0.3);
        expect(evidence.distance.text).toBeLessThan(3);
        const row = corpus.dialogues[test[d]].offset + i;
        const heard = corpus.features.audio?.presence?.[row] === 1 && answer.missing?.audio === undefined;
        expect(modalities.audio !== undefined).toBe(heard);
      }
    }
  });

  it('does not depend on which other conversations are predicted', async () => {
    const [all, [one]] = [await predictions(corpus), await predictions(corpus, test.slice(3, 4))];
    one.forEach(({ probabilities }, i) => {
      for (const name of corpus.classes) expect(probabilities[name]).toBeCloseTo(all[3][i].probabilities[name], 5);
    });
  });

  it('takes plain objects, with any modality missing anywhere', async () => {
    await using model = await open(run);
    expect(model.classes).toEqual(corpus.classes);
    const encoder = 'synthetic';
    expect(model.inputs).toEqual({
      text: { dim: 32, encoder },
      audio: { dim: 24, encoder },
      visual: { dim: 20, encoder },
    });
    const answers = await model.predict([
      { speaker: 'Ann', features: { text: Array.from({ length: 32 }, (_, i) => i / 32) } },
      { features: { audio: new Float32Array(24), text: undefined } },
      { speaker: 'Bo' },
    ]);
    expect(answers.map(({ modalities }) => Object.keys(modalities))).toEqual([['text'], ['audio'], []]);
    for (const { probabilities } of answers) expect(sum(probabilities)).toBeCloseTo(1, 5);
    expect(answers[2].evidence.shares).toEqual({});
  });

  it('reads a corpus without a modality, and says so', async () => {
    const { text, visual } = corpus.features;
    const { predictor, fit } = await openWith(run, remade({ features: { text, visual } }));
    expect(fit.notes).toEqual([
      'Corpus "synthetic sample" has no audio, which the model was trained with; it counts as missing everywhere.',
    ]);
    await predictor.dispose();
  });

  it('refuses a corpus of other dimensions', async () => {
    const { audio, visual } = corpus.features;
    const wide = { dim: 33, rows: new Float32Array(corpus.utterances * 33) };
    await expect(predictions(remade({ features: { text: wide, audio, visual } }))).rejects.toThrow(
      'Corpus "synthetic sample" has text features of dimension 33, but the model was trained with 32 (synthetic). ',
    );
  });

  it('meets classes of other names and order by their meaning', async () => {
    const order = [6, 5, 4, 3, 2, 1, 0];
    const names = ['Neutral', 'happy', 'sad', 'angry', 'surprised', 'fearful', 'disgusted'];
    const dialogues = corpus.dialogues.map((dialogue) => ({
      ...dialogue,
      utterances: dialogue.utterances.map((utterance) => ({ ...utterance, label: order.indexOf(utterance.label) })),
    }));
    const renamed = remade({ classes: order.map((c) => names[c]), dialogues });
    const { predictor, fit } = await openWith(run, renamed);
    expect(fit.labels.map((c) => corpus.classes[c])).toEqual([...corpus.classes].reverse());
    expect(fit.unknownClasses).toEqual([]);
    await predictor.dispose();
    expect(await predictions(renamed)).toEqual(await predictions(corpus));
  });
});

describe('open', () => {
  it('opens the same run from a directory, named bytes and a URL', async () => {
    const conversation = conversationOf(corpus, test[0]);
    const answersOf = async (model: Parameters<typeof open>[0]) => {
      await using opened = await open(model);
      return await opened.predict(conversation);
    };
    const wanted = await answersOf(run);
    const names = [RUN_FILES.config, RUN_FILES.model, RUN_FILES.anchors, RUN_FILES.standardise];
    const files = Object.fromEntries(names.map((name) => [name, new Uint8Array(readFileSync(join(run, name)))]));
    expect(await answersOf(filesOf(files))).toEqual(wanted);
    expect(await answersOf(filesIn(run))).toEqual(wanted);
    const { [RUN_FILES.anchors]: _, ...less } = files;
    await expect(open(filesOf(less))).rejects.toThrow('The run has no file anchors.safetensors; it has config.json,');
    const { createServer } = await import('node:http');
    const server = createServer((request, response) => {
      const content = files[(request.url ?? '').replace('/models/a/', '')];
      response.writeHead(content ? 200 : 404).end(content);
    });
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as { port: number };
    try {
      expect(await answersOf(`http://127.0.0.1:${port}/models/a`)).toEqual(wanted);
      await expect(open(`http://127.0.0.1:${port}/models/b/`)).rejects.toThrow(
        `http://127.0.0.1:${port}/models/b/config.json cannot be fetched: the server answers 404.`,
      );
    } finally {
      server.close();
    }
  });

  it('says what a reader must know, and refuses what is no run, and anchors or settings for a run', async () => {
    await using model = await open(run);
    expect(model.about).toMatchObject({
      corpus: { name: 'synthetic sample', synthetic: true },
      selection: 'test-selected',
      finished: true,
      calibrated: true,
      context: 'full',
      speakers: 'known',
      notes: [],
    });
    await expect(open(join(runs.root, 'nothing'))).rejects.toThrow('there is no such run directory or checkpoint');
    await expect(open(runs.root)).rejects.toThrow('is no run directory: it has no config.json');
    await expect(open(run, { set: ['attentionHeads=2'] })).rejects.toThrow('which has its own anchors and settings');
  });

  it('reads a run of version 1, and says what that does not tell', async () => {
    const files = filesIn(run);
    const config = JSON.parse(new TextDecoder().decode(await files('config.json'))) as Record<string, unknown>;
    const { inputs: _, program: __, ...old }: Record<string, unknown> = { ...config, version: 1 };
    await using model = await open(async (name) =>
      name === 'config.json' ? new TextEncoder().encode(JSON.stringify(old)) : files(name),
    );
    expect(model.about.notes).toEqual([expect.stringContaining('did not say what made the features')]);
    expect((await model.predict(conversationOf(corpus, test[0])))[0].emotion).toBeDefined();
    const ahead = new TextEncoder().encode(JSON.stringify({ ...config, version: 3 }));
    await expect(open(async (name) => (name === 'config.json' ? ahead : files(name)))).rejects.toThrow(
      'config.json has version 3 of the format, but this program reads versions 1 and 2.',
    );
  });

  it('cannot be used once it has been disposed of, and may be disposed of twice', async () => {
    const model = await open(run);
    await model.dispose();
    await model.dispose();
    await expect(model.predict([{ speaker: 'Ann' }])).rejects.toThrow('The model has been disposed of; open it again.');
  });
});

describe('AbortSignal', () => {
  it('ends opening, predicting, a stream of conversations and live use, with its reason', async () => {
    const reason = new Error('enough');
    const signal = AbortSignal.abort(reason);
    await expect(open(run, { signal })).rejects.toBe(reason);
    await using model = await open(run);
    await expect(model.predict([{ speaker: 'Ann' }], { signal })).rejects.toBe(reason);
    const controller = new AbortController();
    let count = 0;
    const endless = (function* (): Generator<Utterance[]> {
      for (;;) {
        if (++count === 45) controller.abort(reason);
        yield [{ speaker: 'Ann' }];
      }
    })();
    const answers: Prediction[][] = [];
    const all = async () => {
      for await (const one of model.predictAll(endless, { signal: controller.signal })) answers.push(one);
    };
    await expect(all()).rejects.toBe(reason);
    expect(answers).toHaveLength(40);
  });
});

describe('predictInput', () => {
  it('says test-selected and synthetic in every line where that is so', async () => {
    const lines: PredictionLine[] = [];
    const opened = await openModel(run);
    const options = { split: 'test' as const, stdin: process.stdin };
    const notes = await predictInput(opened, join(runs.root, 'corpus'), options, (some) => lines.push(...some));
    await opened.predictor.dispose();
    expect(notes[0]).toMatch(/^Synthetic/);
    const utterances = test.flatMap((i) => corpus.dialogues[i].utterances);
    expect(lines).toHaveLength(utterances.length);
    for (const line of lines)
      expect(JSON.stringify(line)).toMatch(/^\{"selection":"test-selected","synthetic":true,"dialogue":/);
    expect(lines[0]).toMatchObject({
      dialogue: 'test-01',
      index: 0,
      speaker: corpus.speakers[utterances[0].speaker],
      label: corpus.classes[utterances[0].label],
    });
  });

  it('names the splits there are', () => {
    expect(() => dialoguesOf({ ...corpus, splits: { train: corpus.splits.train } }, 'test')).toThrow(
      'Corpus "synthetic sample" has no test split; it has train.',
    );
  });
});
