import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Corpus, splitDialogues } from '../../src/corpus/index.js';
import { conversationOf, type Predictor } from '../../src/prediction/index.js';
import { open } from '../../src/prediction/node/index.js';
import type { PredictorParts } from '../../src/prediction/predictor.js';
import { type Trained, tinyRuns } from './trained.js';

let runs: Trained;
let corpus: Corpus;
let model: Predictor;
beforeAll(async () => {
  runs = tinyRuns();
  corpus = runs.corpus;
  model = await open(await runs.train('causal', 'context=causal'));
}, 240_000);
afterAll(async () => {
  await model.dispose();
  runs.remove();
});

describe('live', () => {
  it('answers each utterance as the whole conversation does, at every position', async () => {
    const conversation = conversationOf(corpus, splitDialogues(corpus, 'test')[0]);
    const whole = await model.predict(conversation);
    const live = model.live();
    for (const [i, utterance] of conversation.entries()) {
      const answer = await live.say(utterance);
      expect(answer.index).toBe(i);
      expect(live.length).toBe(i + 1);
      expect(answer.emotion).toBe(whole[i].emotion);
      for (const name of model.classes) expect(answer.probabilities[name]).toBeCloseTo(whole[i].probabilities[name], 5);
      for (const { index } of answer.evidence.attended) expect(index).toBeLessThanOrEqual(i);
    }
  });

  it('takes calls one after the other, and an utterance that is refused was not said', async () => {
    const [a, b, c] = conversationOf(corpus, 0);
    const wanted = (await model.predict([a, b, c])).map(({ probabilities }) => probabilities);
    const live = model.live();
    const refused = live.say({ features: { text: [1] } });
    const answers = await Promise.all([live.say(a), live.say(b), live.say(c)]);
    await expect(refused).rejects.toThrow('utterances[0].features.text has 1 numbers, but the model takes 32');
    expect(answers.map(({ index }) => index)).toEqual([0, 1, 2]);
    answers.forEach(({ probabilities }, i) => {
      for (const name of model.classes) expect(probabilities[name]).toBeCloseTo(wanted[i][name], 5);
    });
    await expect(live.say(a, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(live.length).toBe(3);
  });

  it('keeps conversations apart', async () => {
    const [one, two] = [model.live(), model.live()];
    const [a, b] = conversationOf(corpus, 0);
    await one.say(b);
    await one.say(b);
    const first = await two.say(a);
    expect(first.index).toBe(0);
    expect(first.probabilities).toEqual((await model.live().say(a)).probabilities);
  });

  it('refuses a model whose earlier answers would change', async () => {
    await using full = await open(await runs.train('full'));
    expect(() => full.live()).toThrow(
      'This model was trained with full context: what is said later changes what it says of earlier utterances, so it cannot answer live.',
    );
  });
});

it('a live conversation costs its new utterance alone: the whole is never computed again', async () => {
  const conversation = conversationOf(corpus, splitDialogues(corpus, 'test')[0]);
  const fresh = await open(await runs.train('again', 'context=causal'));
  const whole = vi.spyOn((fresh as unknown as { parts: PredictorParts }).parts.model, 'predict');
  const live = fresh.live();
  for (const utterance of conversation) await live.say(utterance);
  expect(live.length).toBe(conversation.length);
  expect(whole).not.toHaveBeenCalled();
  await fresh.dispose();
  await expect(live.say(conversation[0])).rejects.toThrow('disposed');
});
