import { describe, expect, it } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { readSafetensors } from '../../src/interchange/files.js';
import { asFloat32 } from '../../src/interchange/index.js';
import { averageMixture, fitGate, maximumMixture, sigmoid, softmaxRows } from '../../src/metrics/index.js';

describe('mixtures', () => {
  it.each(['iemocap_small', 'meld_small'])('agree with the released implementation on %s', (name) => {
    const { tensors } = readSafetensors(`../shared/golden/vega/${name}.safetensors`);
    const values = (key: string) => asFloat32(tensors.get(key) as NonNullable<ReturnType<typeof tensors.get>>);
    const classes = tensors.get('output.fused_logits')?.shape[2] as number;
    const classHead = softmaxRows(values('output.fused_logits'), classes);
    const anchorHead = softmaxRows(values('output.fused_anchor_logits'), classes);
    const gate = values('param.prob_gate_logit')[0];
    const average = averageMixture(classHead, anchorHead, gate);
    const maximum = maximumMixture(classHead, anchorHead, classes);
    const mask = values('input.utterance_mask');
    let worst = 0;
    mask.forEach((there, n) => {
      for (let i = n * classes; there && i < (n + 1) * classes; i++) {
        worst = Math.max(worst, Math.abs(average[i] - values('output.average_prob')[i]));
        worst = Math.max(worst, Math.abs(maximum[i] - values('output.max_prob')[i]));
      }
    });
    expect(worst).toBeLessThan(1e-6);
  });

  it('takes the surer head, row by row', () => {
    const classHead = Float32Array.of(0.5, 0.5, 0.875, 0.125);
    const anchorHead = Float32Array.of(0.25, 0.75, 0.5, 0.5);
    expect([...maximumMixture(classHead, anchorHead, 2)]).toEqual([0.25, 0.75, 0.875, 0.125]);
  });
});

describe('fitGate', () => {
  const stream = randomStream(1, 0, 0);
  const rows = (sharpness: number, labels: Int32Array) =>
    softmaxRows(
      Float32Array.from(
        { length: labels.length * 3 },
        (_, i) => stream.normal() + (i % 3 === labels[Math.floor(i / 3)] ? sharpness : 0),
      ),
      3,
    );
  const labels = Int32Array.from({ length: 300 }, () => stream.integer(3));
  const likelihood = (p: Float32Array) => labels.reduce((sum, label, n) => sum + Math.log(p[n * 3 + label]), 0);

  it('finds the most likely share', () => {
    const classHead = rows(1.5, labels);
    const anchorHead = rows(1, labels);
    const gate = fitGate(classHead, anchorHead, labels, 3);
    const at = (g: number) => likelihood(averageMixture(classHead, anchorHead, g));
    expect(sigmoid(gate)).toBeGreaterThan(0.5);
    for (const other of [-10, -1, 0, gate - 0.05, gate + 0.05, 3, 10]) expect(at(gate)).toBeGreaterThan(at(other));
  });

  it('stays finite where one head is always better, and ignores unlabelled rows', () => {
    expect(fitGate(Float32Array.of(0.9, 0.1), Float32Array.of(0.1, 0.9), Int32Array.of(0), 2)).toBeCloseTo(10, 5);
    expect(fitGate(Float32Array.of(0.9, 0.1), Float32Array.of(0.1, 0.9), Int32Array.of(1), 2)).toBeCloseTo(-10, 5);
    expect(fitGate(Float32Array.of(0.9, 0.1), Float32Array.of(0.1, 0.9), Int32Array.of(-1), 2)).toBe(0);
    expect(fitGate(Float32Array.of(0, 1), Float32Array.of(0, 1), Int32Array.of(0), 2)).toBe(0);
  });
});
