import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Corpus, splitDialogues } from '../../src/corpus/index.js';
import { conversationOf, type Predictor, type Utterance } from '../../src/prediction/index.js';
import { open } from '../../src/prediction/node/index.js';
import { speakerRows, withMeanSpeaker } from '../../src/prediction/speakers.js';
import { type Trained, tinyRuns } from './trained.js';

describe('speakerRows', () => {
  const said = (...speakers: (string | undefined)[]) => speakers.map((speaker) => ({ speaker }));

  it('within: numbers people as they first speak; whoever has no row left is nobody in particular', () => {
    const rule = { kind: 'within' as const, count: 3 };
    expect(speakerRows(said('Bo', 'Ann', 'Bo', undefined, 'Ann', undefined), rule)).toEqual([0, 1, 0, 2, 1, 2]);
    const crowd = Array.from({ length: 200 }, (_, i) => `person ${i}`);
    expect(speakerRows(said(...crowd, 'person 1'), rule)).toEqual([0, 1, 2, ...new Array(197).fill(3), 1]);
  });

  it('known: those of the corpus are themselves, strangers nobody in particular', () => {
    const rule = { kind: 'known' as const, count: 2, names: ['Ross', 'Rachel'] };
    expect(speakerRows(said('Rachel', 'Ann', 'Ross', undefined, 'rachel'), rule)).toEqual([1, 2, 0, 2, 2]);
  });

  it('ignored: all are one', () => {
    expect(speakerRows(said('a', 'b', undefined), { kind: 'ignored', count: 1 })).toEqual([0, 0, 0]);
  });

  it('nobody in particular is the mean of all', () => {
    const embedding = Float32Array.of(1, 2, 3, 6, 0, 0);
    withMeanSpeaker(embedding, 2);
    expect([...embedding]).toEqual([1, 2, 3, 6, 2, 4]);
  });
});

describe('strangers', () => {
  let runs: Trained;
  let corpus: Corpus;
  let models: Record<'within' | 'known', Predictor>;
  beforeAll(async () => {
    runs = tinyRuns();
    corpus = runs.corpus;
    models = {
      within: await open(await runs.train('within', 'speakers=within')),
      known: await open(await runs.train('known', 'speakers=known')),
    };
  }, 240_000);
  afterAll(async () => {
    await models.within.dispose();
    await models.known.dispose();
    runs.remove();
  });

  const rows = (index: number, names: (speaker: string) => string | undefined): Utterance[] =>
    conversationOf(corpus, index).map((utterance) => ({ ...utterance, speaker: names(utterance.speaker as string) }));
  const probabilities = async (model: Predictor, conversation: Utterance[]) =>
    (await model.predict(conversation)).map((answer) => Object.values(answer.probabilities));

  it.each(['within', 'known'] as const)(
    '%s: two lines are answered alike alone and after other conversations',
    async (kind) => {
      const model = models[kind];
      const two = rows(0, (name) => `new ${name}`).slice(0, 2);
      const alone = await probabilities(model, two);
      const after: number[][] = [];
      const others = [rows(1, (name) => `X1 ${name}`), rows(2, (name) => `X2 ${name}`), two];
      for await (const answers of model.predictAll(others))
        after.splice(0, after.length, ...answers.map((answer) => Object.values(answer.probabilities)));
      alone.flat().forEach((p, i) => {
        expect(after.flat()[i]).toBeCloseTo(p, 5);
      });
    },
  );

  it('within: what people are called makes no difference, and any number of them is taken', async () => {
    const [test] = splitDialogues(corpus, 'test');
    const own = await probabilities(
      models.within,
      rows(test, (name) => name),
    );
    expect(
      await probabilities(
        models.within,
        rows(test, (name) => `Dr ${name}`),
      ),
    ).toEqual(own);
    const crowd = Array.from({ length: 40 }, (_, i) => ({ ...rows(test, (name) => name)[0], speaker: `person ${i}` }));
    expect((await models.within.predict(crowd)).length).toBe(40);
  });

  it('known: a stranger is answered like any other stranger, and not like a speaker of the corpus', async () => {
    const [test] = splitDialogues(corpus, 'test');
    const [first] = corpus.speakers;
    const stranger = await probabilities(
      models.known,
      rows(test, () => 'a stranger'),
    );
    expect(
      await probabilities(
        models.known,
        rows(test, () => 'somebody else'),
      ),
    ).toEqual(stranger);
    expect(
      await probabilities(
        models.known,
        rows(test, () => undefined),
      ),
    ).toEqual(stranger);
    expect(
      await probabilities(
        models.known,
        rows(test, () => first),
      ),
    ).not.toEqual(stranger);
  });

  it('a run says how it was trained', () => {
    expect([models.within.about.speakers, models.known.about.speakers]).toEqual(['within', 'known']);
  });
});
