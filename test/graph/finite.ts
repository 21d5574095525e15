import { expect } from 'vitest';
import { randomStream } from '../../src/base/random.js';
import { compileGraph, Graph, gradients, ops, type Tensor, type Values } from '../../src/graph/index.js';
import { nodeEngine } from '../../src/graph/node.js';

export interface Case {
  /** The operator, from inputs to one output. */
  build: (...inputs: Tensor[]) => Tensor;
  /** Sizes of each differentiable input. Every dimension is an open one in the graph. */
  dims: number[][];
  /** The reference value, computed plainly. */
  reference?: (...inputs: Float64Array[]) => number[];
  /** Makes inputs where the operator is smooth; default: standard normal. */
  sample?: (normal: () => number, input: number) => number;
  /** Fixed (not open) dimensions, as [input, axis]; all others are symbolic. */
  fixed?: 'all' | 'last' | 'none';
  tolerance?: number;
}

const engine = nodeEngine({ threads: 1 });

const size = (dims: number[]) => dims.reduce((a, b) => a * b, 1);

/** Names open dimensions by their size, so that equal sizes are known to be equal. */
const shapeOf = (dims: number[], fixed: Case['fixed']) =>
  dims.map((d, i) => (fixed === 'all' || d === 1 || (fixed !== 'none' && i === dims.length - 1) ? d : `d${d}`));

/**
 * Checks an operator's value against a reference and its gradients against central differences of a random weighted
 * sum of the output, through the real engine.
 */
export async function checkOperator({ build, dims, reference, sample, fixed = 'last', tolerance = 2e-3 }: Case) {
  const stream = randomStream(7, 0, 1);
  const graph = new Graph();
  const inputs = dims.map((d, i) => graph.input(`x${i}`, shapeOf(d, fixed), { trainable: true }));
  const y = build(...inputs);
  const weights = graph.input('weights', y.shape);
  const loss = ops.reduceSum(ops.mul(y, weights), [...y.shape.keys()]);
  const found = gradients(loss, inputs);
  const outputs = new Map([['y', y]]);
  found.forEach((g, i) => {
    if (g) outputs.set(`g${i}`, g);
  });
  const value = await compileGraph(engine, graph, new Map([['y', y]]));
  const all = await compileGraph(engine, graph, outputs);

  const values = dims.map((d, i) =>
    Float32Array.from({ length: size(d) }, () => (sample ? sample(stream.normal, i) : stream.normal())),
  );
  const feeds = (): Record<string, Values> =>
    Object.fromEntries(values.map((data, i) => [`x${i}`, { data, dims: dims[i] }]));
  const first = (await value.run(feeds())).y;
  const w = Float32Array.from(first.data as Float32Array, () => stream.normal());
  const result = await all.run({ ...feeds(), weights: { data: w, dims: first.dims } });

  if (reference) {
    const want = reference(...values.map((v) => Float64Array.from(v)));
    expect(want.length).toBe(first.data.length);
    want.forEach((v, i) => {
      expect(Math.abs((first.data[i] as number) - v), `value ${i}`).toBeLessThan(1e-5 * Math.max(1, Math.abs(v)));
    });
  }
  const weighted = async () => {
    const out = (await value.run(feeds())).y.data as Float32Array;
    return out.reduce((total, v, i) => total + v * w[i], 0);
  };
  const h = 1e-2;
  for (let k = 0; k < values.length; k++) {
    const gradient = result[`g${k}`].data as Float32Array;
    expect(result[`g${k}`].dims).toEqual(dims[k]);
    for (let i = 0; i < values[k].length; i++) {
      const at = values[k][i];
      // fourth-order central difference: float32 allows no small h
      const sums: number[] = [];
      for (const step of [-2, -1, 1, 2]) {
        values[k][i] = at + step * h;
        sums.push(await weighted());
      }
      values[k][i] = at;
      const difference = (sums[0] - 8 * sums[1] + 8 * sums[2] - sums[3]) / (12 * h);
      const error = Math.abs(difference - gradient[i]) / Math.max(1, Math.abs(difference));
      expect(error, `gradient of input ${k} at ${i}: ${gradient[i]} against ${difference}`).toBeLessThan(tolerance);
    }
  }
  await value.dispose();
  await all.dispose();
}
