import { BRANCHES, MODALITIES } from '../../src/base/modalities.js';
import { softmaxRows } from '../../src/metrics/index.js';
import type { Batch, ParameterStore, Vega, VegaOutputs, VegaShape } from '../../src/vega/types.js';

/**
 * A stand-in for the model that keeps its contract: a linear softmax classifier of all features, trained by plain
 * gradient descent with momentum. Every branch gives the same logits; anchor logits are 100 × the class head's
 * probabilities. It lets the training loop be tested in milliseconds.
 */
export function fakeVega(
  shape: VegaShape,
  hooks: { beforeStep?: (step: number, store: ParameterStore) => void } = {},
): Vega {
  const modalities = MODALITIES.filter((m) => shape.dims[m] !== undefined);
  const dim = modalities.reduce((sum, m) => sum + (shape.dims[m] as number), 0);
  const { classes } = shape;
  const arrays = () =>
    new Map([
      ['weight', new Float32Array(dim * classes)],
      ['prob_gate_logit', new Float32Array(1)],
    ]);
  const [values, gradients, first, second] = [arrays(), arrays(), arrays(), arrays()];
  const get = (map: Map<string, Float32Array>) => (name: string) => map.get(name) as Float32Array;
  const parameters: ParameterStore = {
    names: ['weight', 'prob_gate_logit'],
    shape: (name) => (name === 'weight' ? [dim, classes] : []),
    value: get(values),
    gradient: get(gradients),
    firstMoment: get(first),
    secondMoment: get(second),
  };
  const rowsOf = (batch: Batch) => {
    const total = batch.lengths.reduce((a, b) => a + b, 0);
    const rows = new Float32Array(total * dim);
    for (let n = 0; n < total; n++) {
      let at = n * dim;
      for (const m of modalities) {
        const width = shape.dims[m] as number;
        rows.set((batch.features[m] as Float32Array).subarray(n * width, (n + 1) * width), at);
        at += width;
      }
    }
    return rows;
  };
  const logitsOf = (rows: Float32Array) => {
    const weight = get(values)('weight');
    const logits = new Float32Array((rows.length / dim) * classes);
    logits.forEach((_, i) => {
      const [n, c] = [Math.floor(i / classes), i % classes];
      for (let d = 0; d < dim; d++) logits[i] += rows[n * dim + d] * weight[d * classes + c];
    });
    return logits;
  };
  return {
    shape,
    parameters,
    async trainStep(batch, _anchors, { step, learningRate, classWeights }) {
      hooks.beforeStep?.(step, parameters);
      const rows = rowsOf(batch);
      const labels = batch.labels as Int32Array;
      const probabilities = softmaxRows(logitsOf(rows), classes);
      let loss = 0;
      let total = 0;
      labels.forEach((y, n) => {
        if (y < 0) return;
        total += classWeights[y];
        loss -= classWeights[y] * Math.log(probabilities[n * classes + y]);
      });
      loss /= total;
      if (!Number.isFinite(loss)) return { 'ce.all': loss, total: loss };
      const gradient = get(gradients)('weight').fill(0);
      labels.forEach((y, n) => {
        for (let c = 0; y >= 0 && c < classes; c++) {
          const error = (classWeights[y] / total) * (probabilities[n * classes + c] - (c === y ? 1 : 0));
          for (let d = 0; d < dim; d++) gradient[d * classes + c] += error * rows[n * dim + d];
        }
      });
      const [weight, momentum] = [get(values)('weight'), get(first)('weight')];
      gradient.forEach((g, i) => {
        momentum[i] = 0.9 * momentum[i] + g;
        weight[i] -= learningRate * momentum[i];
      });
      return { 'ce.all': loss, total: loss };
    },
    async predict(batch, anchors): Promise<VegaOutputs> {
      const logits = logitsOf(rowsOf(batch));
      const each = (rows: Float32Array) =>
        Object.fromEntries(
          BRANCHES.filter((b) => b === 'fused' || modalities.includes(b)).map((b) => [b, rows.slice()]),
        );
      return {
        logits: each(logits),
        ...(anchors && { anchorLogits: each(softmaxRows(logits, classes).map((p) => 100 * p)) }),
        fused: new Float32Array(0),
      };
    },
    async readBack() {},
    async dispose() {},
  };
}
