import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MODALITIES, type Modality } from '../../src/base/modalities.js';
import { splitDialogues } from '../../src/corpus/index.js';
import { DOUBT, judgeUtterance } from '../../src/prediction/familiar.js';
import { conversationOf, type Prediction, type Utterance } from '../../src/prediction/index.js';
import { open } from '../../src/prediction/node/index.js';
import { type Trained, tinyRuns } from './trained.js';

let runs: Trained;
let run: string;
let said: Utterance[];
beforeAll(async () => {
  runs = tinyRuns();
  run = await runs.train('run', 'context=causal', 'epochs=3');
  const { corpus } = runs;
  // Of the split that says what is familiar, one that has everything throughout.
  const there = (modality: Modality, row: number) => corpus.features[modality]?.presence?.[row] !== 0;
  await using model = await open(run);
  for (const d of splitDialogues(corpus, 'valid')) {
    const { offset, utterances } = corpus.dialogues[d];
    if (!utterances.every((_, i) => MODALITIES.every((m) => there(m, offset + i)))) continue;
    said = conversationOf(corpus, d);
    if ((await model.predict(said)).every(({ unfamiliar }) => unfamiliar === undefined)) break;
  }
}, 240_000);
afterAll(() => runs.remove());

const row = ({ features }: Utterance, modality: Modality) => features?.[modality] as Float32Array;
/** The same conversation with one modality of every utterance made so many times as large. */
const stretched = (modality: Modality, times: number) =>
  said.map((one) => ({
    ...one,
    features: { ...one.features, [modality]: row(one, modality).map((x) => times * x) },
  }));
const without = (...modalities: Modality[]) =>
  said.map((one) => ({
    ...one,
    features: Object.fromEntries(
      Object.entries(one.features ?? {}).filter(([m]) => !modalities.includes(m as Modality)),
    ),
  }));
/** What decides of an answer, without what is said of it. */
const verdict = ({ unfamiliar: _, missing: __, evidence, ...rest }: Prediction) => ({
  ...rest,
  shares: evidence.shares,
  attended: evidence.attended,
});

describe('a modality that is unlike training', () => {
  it('is left out where there is another, as if it had not been given, and the answer says so', async () => {
    await using model = await open(run);
    const answers = await model.predict(stretched('audio', 1000));
    const wanted = await model.predict(without('audio'));
    for (const [i, answer] of answers.entries()) {
      expect(answer.unfamiliar).toEqual(['audio']);
      expect(answer.missing).toEqual({ audio: 'left out: unlike anything in training' });
      expect(answer.evidence.distance.audio).toBeGreaterThan(4);
      expect(verdict(answer)).toEqual(verdict(wanted[i]));
    }
    // It would have changed the answer: the raw outputs, which scores are computed from, still take it.
    const [raw, less] = [await model.outputs([stretched('audio', 1000)]), await model.outputs([without('audio')])];
    expect(raw.logits.fused).not.toEqual(less.logits.fused);
  });

  it('is left out live, too', async () => {
    await using model = await open(run);
    const answers = await model.predict(stretched('visual', 1000));
    const live = model.live();
    for (const [i, utterance] of stretched('visual', 1000).entries()) {
      const answer = await live.say(utterance);
      expect(answer).toMatchObject({
        unfamiliar: ['visual'],
        missing: { visual: expect.stringContaining('left out') },
      });
      expect(answer.modalities.visual).toBeUndefined();
      expect(answer.confidence).toBeCloseTo(answers[i].confidence, 5);
    }
  });

  it('is used where there is nothing else, but the further it is the less sure is everything that is said of it', async () => {
    await using model = await open(run);
    const only = (times: number) =>
      stretched('text', times).map(({ speaker, features }) => ({ speaker, features: { text: features.text } }));
    const near = await model.predict(only(1));
    expect(near.every(({ unfamiliar }) => unfamiliar === undefined)).toBe(true);
    const [far, further] = [await model.predict(only(20)), await model.predict(only(200))];
    const chance = 1 / model.classes.length;
    for (const [i, answer] of far.entries()) {
      expect(answer).toMatchObject({ unfamiliar: ['text'], modalities: { text: expect.anything() } });
      expect(answer.missing).toBeUndefined();
      expect(answer.confidence).toBeLessThan(chance + 0.1);
      expect(further[i].confidence).toBeLessThanOrEqual(answer.confidence + 0.02);
      for (const distribution of [
        answer.probabilities,
        answer.heads.classHead,
        answer.heads.anchorHead,
        answer.mixtures?.maximum,
        answer.modalities.text?.classHead,
      ])
        expect(Math.max(...Object.values(distribution ?? {}))).toBeLessThan(chance + 0.3);
      // Its choice stays that of the head.
      expect(answer.probabilities[answer.emotion]).toBe(Math.max(...Object.values(answer.probabilities)));
    }
  });
});

describe('judgeUtterance', () => {
  const by = { mean: new Float32Array(2), deviation: Float32Array.of(1, 1) };
  const standardise = { text: by, audio: by };
  const limits = { text: 2, audio: 2 };
  const judge = (text: number, audio: number) =>
    judgeUtterance(
      { rows: { text: Float32Array.of(text, text), audio: Float32Array.of(audio, audio) } },
      standardise,
      limits,
    );

  it('keeps what is at the limit, and drops what is beyond', () => {
    expect(judge(1, 2)).toMatchObject({ unfamiliar: [], trust: 1, distance: { text: 1, audio: 2 } });
    const { rows, ...rest } = judge(1, 2.01);
    expect(Object.keys(rows)).toEqual(['text']);
    expect(rest).toMatchObject({ unfamiliar: ['audio'], trust: 1 });
  });

  it('trusts what is altogether unfamiliar by the nearest of it', () => {
    const { rows, unfamiliar, trust } = judge(3, 8);
    expect(Object.keys(rows)).toEqual(['text', 'audio']);
    expect(unfamiliar).toEqual(['text', 'audio']);
    expect(trust).toBe(judge(3, 100).trust);
    expect(trust).toBeLessThan(judge(2.5, 8).trust);
    expect(judge(2.0001, 8).trust).toBeGreaterThan(0.99);
  });

  it('knows a strange microphone by what was said before: own distance or the mean until then, whichever is more', () => {
    const said = (audio: number, before?: ReturnType<typeof judge>) =>
      judgeUtterance(
        { rows: { text: Float32Array.of(1, 1), audio: Float32Array.of(audio, audio) } },
        standardise,
        limits,
        before?.soFar,
      );
    const first = said(2.6);
    expect(first.unfamiliar).toEqual(['audio']);
    expect(said(1.8).unfamiliar).toEqual([]);
    const second = said(1.8, first);
    expect(second).toMatchObject({ unfamiliar: ['audio'], missing: { audio: expect.anything() } });
    // Mean of 2.6, 1.8, 1.4 is below the limit again.
    expect(said(1.4, second).unfamiliar).toEqual([]);
    // Alone, it is trusted by that mean.
    const alone = judgeUtterance({ rows: { audio: Float32Array.of(1.8, 1.8) } }, standardise, limits, first.soFar);
    expect(alone.trust).toBeCloseTo((2.2 / 2) ** -DOUBT, 6);
  });

  it('judges nothing where features are not standardised', () => {
    const read = { rows: { text: Float32Array.of(1e6) } };
    expect(judgeUtterance(read, undefined, {})).toMatchObject({
      rows: read.rows,
      unfamiliar: [],
      trust: 1,
      distance: {},
    });
  });
});
