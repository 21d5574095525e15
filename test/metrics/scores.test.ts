import { expect, it } from 'vitest';
import { scores } from '../../src/metrics/index.js';

it('names the classes and holds every score', () => {
  const result = scores([0, 0, 1, 1, 2, -1], [0, 1, 1, 1, 0, 2], ['neutral', 'joy', 'anger']);
  expect(result).toEqual({
    accuracy: 3 / 5,
    weightedF1: (2 * 0.5 + 2 * 0.8 + 0) / 5,
    macroF1: (0.5 + 0.8 + 0) / 3,
    uar: (0.5 + 1 + 0) / 3,
    perClass: [
      { class: 'neutral', precision: 0.5, recall: 0.5, f1: 0.5, support: 2 },
      { class: 'joy', precision: 2 / 3, recall: 1, f1: 0.8, support: 2 },
      { class: 'anger', precision: 0, recall: 0, f1: 0, support: 1 },
    ],
    confusion: [
      [1, 1, 0],
      [0, 2, 0],
      [1, 0, 0],
    ],
  });
});

it('says null in JSON where nothing was measured', () => {
  expect(JSON.parse(JSON.stringify(scores([], [], ['a', 'b'])))).toMatchObject({ accuracy: null, weightedF1: null });
});
