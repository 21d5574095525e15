import { describe, expect, it } from 'vitest';
import { presenceKey, temperatureOf } from '../../src/base/modalities.js';
import type { CorpusView } from '../../src/corpus/index.js';
import { fitCalibration } from '../../src/training/calibrate.js';

/** 100 dialogues of two utterances: the first has words alone, the second a voice too. */
function corpus(): CorpusView {
  const dialogues = Array.from({ length: 100 }, (_, d) => ({
    id: `${d}`,
    offset: 2 * d,
    utterances: [0, 1].map(() => ({ speaker: 0, label: d % 2 })),
  }));
  const presence = Uint8Array.from({ length: 200 }, (_, n) => n % 2);
  // A voice of 1 to 100, standardised to itself.
  const rows = Float32Array.from({ length: 200 }, (_, n) => (n % 2) * ((n + 1) / 2));
  return {
    name: 'two',
    classes: ['a', 'b'],
    speakers: ['one'],
    dialogues,
    utterances: 200,
    features: { text: { dim: 1, rows: new Float32Array(200).fill(1) }, audio: { dim: 1, rows, presence } },
    splits: {},
  };
}

/** Logits of size 4, right for the given share of utterances. */
const logitsOf = (labels: Int32Array, right: (n: number) => boolean) =>
  Float32Array.from({ length: 400 }, (_, i) => {
    const n = Math.floor(i / 2);
    return (i % 2 === labels[n]) === right(n) ? 4 : 0;
  });

it('tells an utterance without a voice from one in a conversation where nobody has any', () => {
  expect(presenceKey(['text'], ['text'])).toBe('text');
  expect(presenceKey(['text'], ['audio', 'text'])).toBe('text of text,audio');
  expect(presenceKey([], ['text'])).toBe(' of text');
});

it('takes for what was never met in such a conversation the temperature of the same in others', () => {
  const temperatures = { text: 1.5, 'text,audio of text,audio,visual': 3, 'text,audio of text,audio': 2 };
  const of = (...own: Parameters<typeof presenceKey>[0]) => temperatureOf({ temperature: 5, temperatures }, own, own);
  expect([of('text'), of('text', 'audio'), of('visual')]).toEqual([1.5, 3, 5]);
  expect(temperatureOf({ temperature: 5 }, ['text'], ['text'])).toBe(5);
});

describe('fitCalibration', () => {
  const view = corpus();
  const dialogues = view.dialogues.map((_, i) => i);
  const labels = Int32Array.from(view.dialogues.flatMap(({ utterances }) => utterances.map(({ label }) => label)));

  it('fits a temperature for what utterances have: words alone are right half as often', () => {
    const logits = logitsOf(labels, (n) => (n % 2 === 0 ? n % 10 < 6 : n % 20 !== 1));
    const {
      temperature,
      temperatures = {},
      utterances,
    } = fitCalibration({ corpus: view, dialogues, labels, logits }, 'valid');
    expect(utterances).toBe(200);
    expect(Object.keys(temperatures)).toEqual(['text', 'text,audio']);
    expect(temperatures.text).toBeGreaterThan(temperature);
    expect(temperatures['text,audio']).toBeLessThan(temperature);
    // At their temperature, confidence is how often they are right: 60 and 90 of a hundred.
    const confidence = (t: number) => 1 / (1 + Math.exp(-4 / t));
    expect(confidence(temperatures.text)).toBeCloseTo(0.6, 2);
    expect(confidence(temperatures['text,audio'])).toBeCloseTo(0.9, 2);
  });

  it('says how far from training nearly all voices are', () => {
    const standardise = {
      text: { mean: Float32Array.of(1), deviation: Float32Array.of(1), bound: 1000 },
      audio: { mean: Float32Array.of(0), deviation: Float32Array.of(1), bound: 1000 },
    };
    const logits = logitsOf(labels, () => true);
    const { familiar } = fitCalibration({ corpus: view, dialogues, labels, logits, standardise }, 'valid');
    expect(familiar).toEqual({ text: expect.any(Number), audio: 98.01 });
    // The odd voice, however often it is used, is still one: of 51 different ones the furthest but one is the limit.
    const often = view.features.audio?.rows.map((x) => (x > 50 ? 100 : x)) as Float32Array;
    const audio = { dim: 1, presence: view.features.audio?.presence, rows: often };
    const composed = { ...view, features: { ...view.features, audio } };
    const again = fitCalibration({ corpus: composed, dialogues, labels, logits, standardise }, 'valid');
    expect(again.familiar?.audio).toBe(50.01);
  });
});
