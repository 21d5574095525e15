import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import {
  argmax,
  brierScore,
  coverageCurve,
  expectedCalibrationError,
  fitTemperature,
  reliabilityBins,
} from '../../src/metrics/index.js';

interface Golden {
  name: string;
  classes: number;
  labels: number[];
  probabilities: number[];
  argmax: number[];
  brier: number;
  counts: number[];
  reliability: { accuracy: number[]; confidence: number[] };
  ece: number;
  coverage: [threshold: number, coverage: number, accuracy: number][];
  area: number;
}

const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../fixtures/metrics/probabilities.json', import.meta.url), 'utf8'),
).cases;

function expectClose(actual: readonly number[], expected: readonly number[]) {
  expect(actual.length).toBe(expected.length);
  actual.forEach((value, i) => {
    expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-12);
  });
}

describe.each(golden)('$name: equal to the golden values', (one) => {
  const { labels, probabilities, classes } = one;

  it('argmax, ties included', () => {
    expect([...argmax(probabilities, classes)]).toEqual(one.argmax);
  });

  it('Brier score', () => {
    expectClose([brierScore(labels, Float64Array.from(probabilities), classes)], [one.brier]);
  });

  it('reliability bins and expected calibration error', () => {
    const bins = reliabilityBins(labels, probabilities, classes);
    expect(bins.map((bin) => bin.count)).toEqual(one.counts);
    const filled = bins.filter((bin) => bin.count > 0);
    expectClose(
      filled.map((bin) => bin.accuracy),
      one.reliability.accuracy,
    );
    expectClose(
      filled.map((bin) => bin.confidence),
      one.reliability.confidence,
    );
    expectClose([expectedCalibrationError(bins)], [one.ece]);
  });

  it('coverage-accuracy curve', () => {
    const { points, area } = coverageCurve(labels, probabilities, classes);
    expectClose(
      points.flatMap((point) => [point.threshold, point.coverage, point.accuracy]),
      one.coverage.flat(),
    );
    expectClose([area], [one.area]);
  });
});

describe('reliability bins', () => {
  it('hold their upper edge, and the first one 0', () => {
    const confidences = [0, 0.2, 0.2 + 1e-9, 0.6, 1];
    const labels = [0, 0, 0, 0, 0];
    expect(reliabilityBins(labels, confidences, 1, 5).map((bin) => bin.count)).toEqual([2, 1, 1, 0, 1]);
    for (let edge = 1; edge <= 15; edge++)
      expect(reliabilityBins([0], [edge / 15], 1).findIndex((bin) => bin.count > 0)).toBe(edge - 1);
  });

  it('of a calibrated model have no error, of a certain and wrong one the whole', () => {
    expect(
      expectedCalibrationError(reliabilityBins([0, 0, 0, 1], [0.75, 0.25, 0.75, 0.25, 0.75, 0.25, 0.75, 0.25], 2)),
    ).toBe(0);
    expect(expectedCalibrationError(reliabilityBins([1, 1], [1, 0, 1, 0], 2))).toBe(1);
  });
});

describe('unlabelled utterances', () => {
  const labels = [1, -1, 0];
  const probabilities = [0.3, 0.7, 0.9, 0.1, 0.4, 0.6];
  const withoutIt = [[1, 0], [0.3, 0.7, 0.4, 0.6], 2] as const;

  it('count nowhere', () => {
    expect(brierScore(labels, probabilities, 2)).toBe(brierScore(...withoutIt));
    expect(reliabilityBins(labels, probabilities, 2)).toEqual(reliabilityBins(...withoutIt));
    expect(coverageCurve(labels, probabilities, 2)).toEqual(coverageCurve(...withoutIt));
  });

  it('alone leave nothing measured', () => {
    expect(brierScore([-1], [0.5, 0.5], 2)).toBeNaN();
    expect(expectedCalibrationError(reliabilityBins([], [], 2))).toBeNaN();
    expect(coverageCurve([], [], 2)).toEqual({ points: [], area: Number.NaN });
  });
});

it('refuses probabilities that are not one row an utterance', () => {
  expect(() => brierScore([0, 1], [0.5, 0.5], 2)).toThrow('There are 2 probabilities where 4 belong');
});

describe('fitTemperature', () => {
  /** Logits of a calibrated model, and labels drawn from its distributions. */
  function calibrated(count: number) {
    const stream = randomStream(3, 0, 0);
    const logits = Float32Array.from({ length: count * 3 }, () => 2 * stream.normal());
    const labels = Int32Array.from({ length: count }, (_, n) => {
      const weights = [0, 1, 2].map((c) => Math.exp(logits[3 * n + c]));
      let left = stream.uniform() * (weights[0] + weights[1] + weights[2]);
      return weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      });
    });
    return { logits, labels };
  }

  it.each([0.25, 1, 4])('finds that logits were multiplied by %s', (factor) => {
    const { logits, labels } = calibrated(20_000);
    const scaled = logits.map((z) => z * factor);
    expect(fitTemperature(labels, scaled, 3) / factor).toBeCloseTo(1, 1);
  });

  it('skips what is not labelled, and is 1 where nothing is', () => {
    const { logits, labels } = calibrated(500);
    const half = labels.map((label, n) => (n % 2 === 0 ? label : -1));
    const kept = Float32Array.from({ length: 750 }, (_, i) => logits[6 * Math.floor(i / 3) + (i % 3)]);
    expect(fitTemperature(half, logits, 3)).toBeCloseTo(
      fitTemperature(
        labels.filter((_, n) => n % 2 === 0),
        kept,
        3,
      ),
      9,
    );
    expect(fitTemperature(new Int32Array(500).fill(-1), logits, 3)).toBe(1);
  });

  it('stays within its limits where a split is all right or all wrong', () => {
    const logits = Float32Array.of(1, 0, 1, 0);
    expect(fitTemperature([0, 0], logits, 2)).toBeCloseTo(1 / 20, 6);
    expect(fitTemperature([1, 1], logits, 2)).toBeCloseTo(20, 4);
  });
});
