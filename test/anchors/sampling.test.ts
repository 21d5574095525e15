import { describe, expect, it } from 'vitest';
import { centresFor, sampleAnchors, sampleAnchorsEach, syntheticAnchors } from '../../src/anchors/index.js';
import { RANDOM_SITES, randomStream } from '../../src/base/random.js';

const bank = syntheticAnchors(['joy', 'anger', 'fear'], 4, 1, 5);
const order = [2, 0, 1];
const stream = (step: number) => randomStream(3, step, RANDOM_SITES.anchors);
const steps = Array.from({ length: 400 }, (_, step) => step);
const rowsOf = (data: Float32Array) =>
  Array.from({ length: data.length / 4 }, (_, i) => data.slice(i * 4, i * 4 + 4).join());

describe('sampleAnchors', () => {
  it('takes the centres with r = 0 and exemplars with r = 1', () => {
    const centres = centresFor(bank, order);
    for (const step of steps.slice(0, 20)) {
      expect(sampleAnchors(bank, order, 0, stream(step))).toEqual(centres);
      const drawn = rowsOf(sampleAnchors(bank, order, 1, stream(step)));
      for (const [c, row] of drawn.entries()) expect(rowsOf(bank.exemplars[order[c]])).toContain(row);
    }
  });

  it('draws exemplars in a share r of the steps, each about equally often', () => {
    const centres = centresFor(bank, order).join();
    const exemplars = steps
      .map((step) => sampleAnchors(bank, order, 0.4, stream(step)))
      .filter((anchors) => anchors.join() !== centres);
    expect(exemplars.length / steps.length).toBeCloseTo(0.4, 1);
    const count = new Map<string, number>();
    for (const anchors of exemplars) {
      const first = rowsOf(anchors)[0];
      count.set(first, (count.get(first) ?? 0) + 1);
    }
    expect(count.size).toBe(5);
    expect(Math.min(...count.values())).toBeGreaterThan(exemplars.length / 10);
  });

  it('depends on the stream alone, so that a resumed run draws the same', () => {
    expect(sampleAnchors(bank, order, 1, stream(9))).toEqual(sampleAnchors(bank, order, 1, stream(9)));
    expect(sampleAnchors(bank, order, 1, stream(9))).not.toEqual(sampleAnchors(bank, order, 1, stream(10)));
  });

  it('averages k different exemplars; all of them give the centre', () => {
    const averaged = sampleAnchors(bank, order, 1, stream(0), 5);
    for (const [i, value] of centresFor(bank, order).entries()) expect(averaged[i]).toBeCloseTo(value, 6);
    expect(sampleAnchors(bank, order, 1, stream(0), 50)).toEqual(averaged);
  });

  it('keeps the centre of a class that has no exemplar', () => {
    const bare = { ...bank, exemplars: bank.exemplars.map((rows, c) => (c === 1 ? new Float32Array(0) : rows)) };
    const drawn = rowsOf(sampleAnchors(bare, [0, 1], 1, stream(0)));
    expect(drawn[1]).toBe(rowsOf(bank.centres)[1]);
    expect(drawn[0]).not.toBe(rowsOf(bank.centres)[0]);
  });
});

describe('sampleAnchorsEach', () => {
  it('draws anew for every dialogue', () => {
    const drawn = sampleAnchorsEach(bank, order, 30, 1, stream(0));
    expect(drawn.length).toBe(30 * 3 * 4);
    const each = Array.from({ length: 30 }, (_, b) => drawn.slice(b * 12, b * 12 + 12).join());
    expect(new Set(each).size).toBeGreaterThan(15);
    expect(sampleAnchorsEach(bank, order, 30, 1, stream(0))).toEqual(drawn);
  });
});
