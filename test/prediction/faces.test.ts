import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { type AnchorBank, alignAnchors, buildBank } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { type Corpus, relabel, splitDialogues } from '../../src/corpus/index.js';
import { areaUnderRoc } from '../../src/metrics/index.js';
import { conversationOf, type Prediction, type Predictor } from '../../src/prediction/index.js';
import { type OpenOptions, open } from '../../src/prediction/node/index.js';
import { train } from '../../src/training/index.js';
import { voicesLikeFaces } from './voices.js';

const root = mkdtempSync(join(tmpdir(), 'vega-faces-'));
const { corpus, bank } = voicesLikeFaces();
const UNSEEN = 'sadness';
let run: string;

async function trained(name: string, anchors: string | null, ...set: string[]): Promise<string> {
  const out = join(root, name);
  const settings = [
    'hidden=16',
    'epochs=12',
    'lr=0.01',
    'anchorScale=10',
    'featureMask=0',
    'batchSize=4',
    'dropout=0.1',
  ];
  const options = {
    corpus: join(root, 'corpus'),
    anchors,
    out,
    preset: 'small',
    set: [...settings, ...set],
    threads: 1,
  };
  const { vega } = await train(options);
  await vega.dispose();
  return out;
}

beforeAll(async () => {
  writeCorpus(join(root, 'corpus'), relabel(corpus, { drop: [UNSEEN] }));
  writeAnchors(join(root, 'faces.anchors.safetensors'), bank);
  run = await trained('run', join(root, 'faces.anchors.safetensors'), 'anchorSpace=centred', 'context=causal');
}, 240_000);
afterAll(() => rmSync(root, { recursive: true }));

/** What is said of every utterance of the test split, with its label among all classes. */
async function answersOf(model: Predictor, { dialogues }: Corpus = corpus) {
  const answers: { answer: Prediction; label: string }[] = [];
  for (const d of splitDialogues(corpus, 'test')) {
    const predictions = await model.predict(conversationOf(corpus, d));
    predictions.forEach((answer, i) => {
      answers.push({ answer, label: corpus.classes[dialogues[d].utterances[i].label] });
    });
  }
  return answers;
}

const shareRight = (answers: { answer: Prediction; label: string }[]) =>
  answers.filter(({ answer, label }) => answer.emotion === label).length / answers.length;
const only = (classes: readonly string[]): AnchorBank => alignAnchors(bank, classes).bank;

describe('classes given by faces', () => {
  it('may be more than the model was trained on: an emotion that it never saw is found by its face', async () => {
    await using plain = await open(run);
    expect(plain.classes).not.toContain(UNSEEN);
    await using model = await open(run, { faces: join(root, 'faces.anchors.safetensors') });
    expect(model.classes).toEqual(corpus.classes);
    expect(model.about).toMatchObject({ zeroShot: true, calibrated: false });
    expect(model.about.notes[0]).toContain(`Zero-shot: the classes ${corpus.classes.join(', ')} are given by faces`);
    expect(model.gate).toBeUndefined();
    const answers = await answersOf(model);
    const positive = answers.map(({ label }) => label === UNSEEN);
    const area = (of: (answer: Prediction) => number) =>
      areaUnderRoc(
        answers.map(({ answer }) => of(answer)),
        positive,
      );
    expect(area(({ evidence }) => evidence.similarity?.[UNSEEN] as number)).toBeGreaterThan(0.8);
    expect(shareRight(answers.filter(({ label }) => label === UNSEEN))).toBeGreaterThan(0.7);
    expect(shareRight(answers.filter(({ label }) => label !== UNSEEN))).toBeGreaterThan(0.7);
    for (const { answer } of answers) {
      const { zeroShot, heads, probabilities, confidence, emotion, mixtures, modalities, evidence } = answer;
      expect([zeroShot, heads.classHead, mixtures, modalities]).toEqual([true, undefined, undefined, {}]);
      expect(heads.anchorHead).toEqual(probabilities);
      expect(confidence).toBe(probabilities[emotion]);
      expect(Object.values(probabilities).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
      // The softmax of 10 × cosine, less sharp where all of it is unlike training.
      const [a, b] = corpus.classes;
      const { [a]: one, [b]: other } = evidence.similarity as Record<string, number>;
      const [had, wanted] = [Math.log(probabilities[a] / probabilities[b]), 10 * (one - other)];
      if (answer.unfamiliar === undefined || answer.missing) expect(had).toBeCloseTo(wanted, 3);
      else expect(Math.abs(had)).toBeLessThanOrEqual(Math.abs(wanted));
      expect(evidence.exemplars?.length).toBe(3);
    }
  });

  it('may be fewer, and the choice is among them alone', async () => {
    await using model = await open(run, { faces: only(['anger', 'joy']) });
    expect(model.classes).toEqual(['anger', 'joy']);
    expect(model.about.notes[0]).toContain('it does not choose neutral, fear here');
    const answers = await answersOf(model);
    expect(new Set(answers.map(({ answer }) => answer.emotion))).toEqual(new Set(['anger', 'joy']));
    expect(shareRight(answers.filter(({ label }) => model.classes.includes(label)))).toBeGreaterThan(0.85);
    for (const { answer } of answers)
      for (const { emotion } of answer.evidence.exemplars ?? []) expect(model.classes).toContain(emotion);
  });

  it('may have other names: the numbers are those of the faces', async () => {
    const named = { ...bank, classes: bank.classes.map((name) => `like ${name}`) };
    await using model = await open(run, { faces: bank });
    await using renamed = await open(run, { faces: named });
    const conversation = conversationOf(corpus, splitDialogues(corpus, 'test')[0]);
    const [wanted, got] = [await model.predict(conversation), await renamed.predict(conversation)];
    got.forEach(({ emotion, probabilities }, i) => {
      expect(emotion).toBe(`like ${wanted[i].emotion}`);
      expect(probabilities).toEqual(
        Object.fromEntries(Object.entries(wanted[i].probabilities).map(([name, p]) => [`like ${name}`, p])),
      );
    });
  });

  it.each(['raw', 'centred', 'whitened'])(
    'are moved as the run moved its own: the same faces give the anchor head of the run (%s)',
    async (space) => {
      const own = await trained(space, join(root, 'faces.anchors.safetensors'), `anchorSpace=${space}`, 'epochs=1');
      await using plain = await open(own);
      await using model = await open(own, { faces: only(plain.classes) });
      const conversation = conversationOf(corpus, 0);
      const [wanted, got] = [await plain.predict(conversation), await model.predict(conversation)];
      got.forEach(({ heads, evidence }, i) => {
        for (const name of plain.classes) {
          expect(heads.anchorHead?.[name]).toBeCloseTo(wanted[i].heads.anchorHead?.[name] as number, 5);
          expect(evidence.similarity?.[name]).toBeCloseTo(wanted[i].evidence.similarity?.[name] as number, 5);
        }
        expect(evidence.exemplars).toEqual(wanted[i].evidence.exemplars);
      });
    },
  );

  it('hold in a live conversation too', async () => {
    await using model = await open(run, { faces: bank });
    const conversation = conversationOf(corpus, splitDialogues(corpus, 'test')[0]);
    const whole = await model.predict(conversation);
    const live = model.live();
    for (const [i, utterance] of conversation.entries()) {
      const answer = await live.say(utterance);
      expect(answer).toMatchObject({ zeroShot: true, index: i, emotion: whole[i].emotion });
      for (const name of bank.classes) expect(answer.probabilities[name]).toBeCloseTo(whole[i].probabilities[name], 4);
    }
  });

  it('say where nobody knows which encoder saw them', async () => {
    await using model = await open(run, { faces: bank });
    expect(model.about.notes.at(-1)).toBe(
      "Whether the faces fit the model cannot be told: nothing says which encoder saw the faces given and the model's own.",
    );
  });
});

describe('faces are refused', () => {
  const other = (dim: number, encoder?: string, classes = ['proud', 'bored']) =>
    buildBank(
      classes.map((name, c) => ({ name, embeddings: Float32Array.from({ length: dim }, (_, d) => (d === c ? 1 : 0)) })),
      dim,
      encoder,
    );
  const refusal = (model: string, faces: OpenOptions['faces']) => expect(open(model, { faces })).rejects;

  it('of another dimension or another encoder', async () => {
    await refusal(run, other(9)).toThrow("The faces given have 9 dimensions, but the model's anchors 6.");
    const file = join(root, 'seen.anchors.safetensors');
    writeAnchors(file, { ...bank, encoder: 'clip-a' });
    const seen = await trained('seen', file, 'epochs=1');
    await refusal(seen, other(6, 'clip-b')).toThrow(
      "The faces given were seen by the encoder clip-b, but the model's anchors by clip-a. Build the anchor file with that encoder.",
    );
    await using model = await open(seen, { faces: other(6, 'clip-a') });
    expect(model.classes).toEqual(['proud', 'bored']);
    // A folder needs an encoder that can be opened by its name.
    await refusal(seen, root).toThrow("the model's anchors were seen by clip-a, which is not opened by its name");
    await refusal(run, root).toThrow('the model does not say which encoder saw its anchors');
  });

  it('that are one class, or not there', async () => {
    const one = other(6);
    await refusal(run, {
      ...one,
      classes: ['proud'],
      centres: one.centres.slice(0, 6),
      exemplars: [one.exemplars[0]],
    }).toThrow('The faces given are of 1 class; a choice needs at least two.');
    await refusal(run, join(root, 'nothing')).toThrow('there is no such folder of faces or anchor file');
  });

  it.each<[string | null, string]>([
    [null, 'The model was trained without anchors, so it cannot compare with faces.'],
    ['random', 'The model was trained with random directions for anchors (--anchors random)'],
    ['learned', 'The model was trained with directions that training moved for anchors (--anchors learned)'],
  ])('by a model whose anchors are %s', async (anchors, sentence) => {
    await refusal(await trained(`with-${anchors}`, anchors, 'epochs=1'), bank).toThrow(sentence);
  });

  it('by a checkpoint file', async () => {
    await expect(
      open(join(run, 'model.safetensors'), { faces: bank, classes: corpus.classes.slice(0, 4) }),
    ).rejects.toThrow('only a run answers among classes given by faces');
  });
});
