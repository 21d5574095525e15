import { describe, expect, it } from 'vitest';
import { compileGraph, Graph, ops, ParameterMemory, type Tensor } from '../../src/graph/index.js';
import { nodeEngine } from '../../src/graph/node.js';

const engine = nodeEngine({ threads: 1 });

import { checkOperator } from './finite.js';

const map2 = (f: (a: number, b: number) => number) => (a: Float64Array, b: Float64Array) =>
  Array.from(a, (v, i) => f(v, b[i]));
const map1 = (f: (x: number) => number) => (x: Float64Array) => Array.from(x, f);
const rows = (x: Float64Array, width: number) =>
  Array.from({ length: x.length / width }, (_, i) => x.subarray(i * width, (i + 1) * width));

/** Away from zero, where a kink or a pole would spoil a finite difference. */
const awayFromZero = (normal: () => number) => {
  const x = normal();
  return x + 0.2 * Math.sign(x);
};

describe('adamw', () => {
  const n = 24;
  const kinds = ['value', 'gradient', 'first', 'second'] as const;

  /** One step by the kernel and by the operator. */
  async function both({ norm = 1, largest = 1e30, others = [] as number[] }) {
    const memory = new ParameterMemory([{ name: 'p', shape: [4, 6], parts: [{ name: 'p', shape: [4, 6] }] }]);
    kinds.forEach((kind, k) => {
      const view = memory.view(kind, 'p');
      for (let i = 0; i < n; i++) view[i] = kind === 'second' ? 10 ** -(i % 9) : Math.sin(i + k) * 10 ** -(i % 7);
    });
    const graph = new Graph();
    const [value, gradient, first, second] = kinds.map((kind) => graph.input(kind, [4, 6]));
    const scalar = (name: string) => graph.input(name, []);
    const checked = others.map((_, i) => scalar(`other${i}`));
    const { go, factor } = ops.guard(scalar('norm'), checked, scalar('largest'));
    const scalars = { decay: scalar('decay'), step: scalar('step'), correction: scalar('correction') };
    const next = ops.adamw({ value, first, second }, gradient, factor, go, scalars);
    const { dispose, run } = await compileGraph(
      engine,
      graph,
      new Map([
        ...Object.entries(next).map(([name, tensor]): [string, Tensor] => [`next ${name}`, tensor]),
        ['squared', ops.squaredNorm(gradient)],
      ]),
    );
    const of = (number: number) => ({ data: Float32Array.of(number), dims: [] });
    const feeds = {
      ...Object.fromEntries(kinds.map((kind) => [kind, { data: memory.view(kind, 'p').slice(), dims: [4, 6] }])),
      ...Object.fromEntries(others.map((v, i) => [`other${i}`, of(v)])),
      norm: of(norm),
      largest: of(largest),
      decay: of(1 - 0.01 * 0.1),
      step: of(0.01 / (1 - 0.9 ** 3)),
      correction: of(1 / Math.sqrt(1 - 0.999 ** 3)),
    };
    const results = await run(feeds);
    await dispose();
    const before = feeds as Record<string, { data: Float32Array }>;
    return { memory, results, before };
  }

  it('is the kernel to the last bit, and its norm that of the gradient', async () => {
    const { memory, results } = await both({ others: [1, -2] });
    expect(Math.sqrt((results.squared.data as Float32Array)[0])).toBeCloseTo(memory.gradientNorm(), 5);
    memory.adamw({ learningRate: 0.01, weightDecay: 0.1, step: 3 });
    for (const kind of ['value', 'first', 'second'] as const)
      expect(results[`next ${kind}`].data, kind).toEqual(memory.view(kind, 'p').slice());
  });

  it('takes a longer gradient down to the length allowed', async () => {
    const { memory, results } = await both({ norm: 4, largest: 0.5 });
    memory.adamw({ learningRate: 0.01, weightDecay: 0.1, step: 3, scale: 0.5 / (4 + 1e-6) });
    for (const kind of ['value', 'first', 'second'] as const)
      memory.view(kind, 'p').forEach((v, i) => {
        expect((results[`next ${kind}`].data as Float32Array)[i]).toBeCloseTo(v, 6);
      });
  });

  it.each([
    { norm: Number.NaN },
    { norm: Number.POSITIVE_INFINITY },
    { others: [1, Number.NaN] },
    { others: [Number.NEGATIVE_INFINITY, 1] },
  ])('changes nothing with %j', async (broken) => {
    const { results, before } = await both(broken);
    for (const kind of ['value', 'first', 'second']) expect(results[`next ${kind}`].data).toEqual(before[kind].data);
  });
});

describe('element-wise operators of two tensors', () => {
  const cases = {
    add: { build: ops.add, f: (a: number, b: number) => a + b },
    sub: { build: ops.sub, f: (a: number, b: number) => a - b },
    mul: { build: ops.mul, f: (a: number, b: number) => a * b },
    div: { build: ops.div, f: (a: number, b: number) => a / b },
  };
  for (const [name, { build, f }] of Object.entries(cases)) {
    const sample = (normal: () => number, input: number) =>
      name === 'div' && input === 1 ? 1.5 + Math.abs(normal()) : normal();
    it(`${name}: value and gradients`, () =>
      checkOperator({
        build,
        dims: [
          [3, 5],
          [3, 5],
        ],
        reference: map2(f),
        sample,
      }));
    const pairs = [
      [[3, 5], [5]],
      [
        [3, 1],
        [3, 5],
      ],
      [
        [2, 3, 1, 7],
        [1, 3, 5, 7],
      ],
      [
        [1, 1],
        [3, 5],
      ],
    ];
    for (const dims of pairs) {
      it(`${name}: broadcasts ${JSON.stringify(dims)}`, () => checkOperator({ build, dims, sample }));
    }
  }
  it('a scalar constant broadcasts', () =>
    checkOperator({ build: (x) => ops.shift(ops.scale(x, 3), 2), dims: [[3, 5]], reference: map1((x) => 3 * x + 2) }));
  it('neg', () => checkOperator({ build: ops.neg, dims: [[7]], reference: map1((x) => -x) }));
});

describe('element-wise operators of one tensor', () => {
  const erf = (x: number) => {
    // series for |x| < 3, enough for the sampled range
    let term = x;
    let total = x;
    for (let n = 1; n < 60; n++) {
      term *= (-x * x) / n;
      total += term / (2 * n + 1);
    }
    return (2 / Math.sqrt(Math.PI)) * total;
  };
  const sigma = (x: number) => 1 / (1 + Math.exp(-x));
  const cases = {
    exp: { build: ops.exp, f: Math.exp },
    sigmoid: { build: ops.sigmoid, f: sigma },
    tanh: { build: ops.tanh, f: Math.tanh },
    relu: { build: ops.relu, f: (x: number) => Math.max(x, 0) },
    leakyRelu: { build: ops.leakyRelu, f: (x: number) => (x > 0 ? x : 0.01 * x) },
    elu: { build: ops.elu, f: (x: number) => (x > 0 ? x : Math.expm1(x)) },
    silu: { build: ops.silu, f: (x: number) => x * sigma(x) },
    gelu: { build: ops.gelu, f: (x: number) => 0.5 * x * (1 + erf(x / Math.SQRT2)) },
    geluTanh: {
      build: ops.geluTanh,
      f: (x: number) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    },
  };
  for (const [name, { build, f }] of Object.entries(cases)) {
    it(`${name}: value and gradient`, () =>
      checkOperator({ build, dims: [[3, 7]], reference: map1(f), sample: awayFromZero }));
  }
});

describe('operators of several tensors with a gradient of their own', () => {
  const sigma = (x: number) => 1 / (1 + Math.exp(-x));
  it('gate', () =>
    checkOperator({
      build: ops.gate,
      dims: [
        [3, 5],
        [3, 5],
      ],
      reference: map2((g, x) => sigma(g) * x),
    }));
  it('softmaxFusion of three', () =>
    checkOperator({
      build: (a, b, c, x, y, z) => ops.softmaxFusion([a, b, c], [x, y, z]).fused,
      dims: Array.from({ length: 6 }, () => [2, 3]),
      reference: (a, b, c, x, y, z) =>
        Array.from(a, (_, i) => {
          const e = [a, b, c].map((g) => Math.exp(g[i]));
          return (e[0] * x[i] + e[1] * y[i] + e[2] * z[i]) / (e[0] + e[1] + e[2]);
        }),
    }));
  it('softmaxFusion of one is its value', () =>
    checkOperator({
      build: (g, x) => ops.softmaxFusion([g], [x]).fused,
      dims: [
        [2, 3],
        [2, 3],
      ],
      reference: (_, x) => [...x],
    }));
  it('softmaxFusion leaves absent members out, and is zero where none is present', () =>
    checkOperator({
      build: (a, b, x, y) => {
        const there = (values: number[]) => a.graph.constant(values, [3, 1]);
        return ops.softmaxFusion([a, b], [x, y], [there([1, 0, 0]), there([1, 1, 0])]).fused;
      },
      dims: Array.from({ length: 4 }, () => [3, 2]),
      fixed: 'all',
      reference: (a, b, x, y) =>
        Array.from(a, (_, i) => {
          const [e, f] = [Math.exp(a[i]), Math.exp(b[i])];
          return i < 2 ? (e * x[i] + f * y[i]) / (e + f) : i < 4 ? y[i] : 0;
        }),
    }));
  it('gatherParts: queries, keys and values of two heads, a permutation of dialogue positions', () => {
    // 3 utterances, 3 parts, 2 heads of width 2; one dialogue laid out as [heads, length]
    const index = (part: number) => [0, 1].flatMap((h) => [2, 0, 1].map((n) => (n * 3 + part) * 2 + h));
    const inverse = [0, 1, 2].flatMap((n) => [0, 1].map((h) => h * 3 + [1, 2, 0][n]));
    return checkOperator({
      build: (x) => {
        const g = x.graph;
        const indices = [0, 1, 2].map((p) => g.integers(index(p)));
        const [q, k, v] = ops.gatherParts(x, indices, g.integers(inverse, [3, 2]), 2);
        return ops.mul(ops.add(q, ops.scale(k, 2)), v);
      },
      dims: [[3, 12]],
      reference: (x) =>
        [0, 1].flatMap((h) =>
          [2, 0, 1].flatMap((n) =>
            [0, 1].map((i) => {
              const at = (part: number) => x[n * 12 + part * 4 + h * 2 + i];
              return (at(0) + 2 * at(1)) * at(2);
            }),
          ),
        ),
    });
  });
});

describe('softmax and its logarithm', () => {
  const softmax = (x: Float64Array) => {
    const top = Math.max(...x);
    const e = Array.from(x, (v) => Math.exp(v - top));
    const total = e.reduce((a, b) => a + b);
    return e.map((v) => v / total);
  };
  it('softmax over the last axis', () =>
    checkOperator({ build: (x) => ops.softmax(x), dims: [[3, 5]], reference: (x) => rows(x, 5).flatMap(softmax) }));
  it('softmax over a middle axis', () => checkOperator({ build: (x) => ops.softmax(x, 1), dims: [[2, 3, 5]] }));
  it('logSoftmax', () =>
    checkOperator({
      build: ops.logSoftmax,
      dims: [[3, 5]],
      reference: (x) => rows(x, 5).flatMap((r) => softmax(r).map(Math.log)),
    }));
});

describe('logSumExp', () => {
  it('value and gradient', () =>
    checkOperator({
      build: ops.logSumExp,
      dims: [[2, 3, 5]],
      reference: (x) => rows(x, 5).map((r) => Math.log(r.reduce((a, v) => a + Math.exp(v), 0))),
    }));
  it('does not overflow', async () => {
    const graph = new Graph();
    const session = await compileGraph(engine, graph, new Map([['y', ops.logSumExp(graph.input('x', ['n', 2]))]]));
    const { y } = await session.run({ x: { data: Float32Array.of(100, 100, -200, -200), dims: [2, 2] } });
    expect(y.data[0]).toBeCloseTo(100 + Math.LN2, 4);
    expect(y.data[1]).toBeCloseTo(-200 + Math.LN2, 4);
  });
});

describe('pick', () => {
  it('takes rows by index, and refuses what would need a gradient', async () => {
    const graph = new Graph();
    const index = graph.integers([2, 0, 2]);
    const session = await compileGraph(engine, graph, new Map([['y', ops.pick(graph.input('x', ['r', 2]), index)]]));
    const { y } = await session.run({ x: { data: Float32Array.of(1, 2, 3, 4, 5, 6), dims: [3, 2] } });
    expect([...y.data]).toEqual([5, 6, 1, 2, 5, 6]);
    expect(() => ops.pick(graph.input('w', [3, 2], { trainable: true }), index)).toThrow('no gradient');
  });
});

describe('normalisation', () => {
  it('layerNorm: value and all three gradients', () =>
    checkOperator({
      build: (x, gamma, beta) => ops.layerNorm(x, gamma, beta, 1e-6),
      dims: [[3, 7], [7], [7]],
      reference: (x, gamma, beta) =>
        rows(x, 7).flatMap((r) => {
          const mean = r.reduce((a, b) => a + b) / 7;
          const variance = r.reduce((a, b) => a + (b - mean) ** 2, 0) / 7;
          return Array.from(r, (v, i) => ((v - mean) / Math.sqrt(variance + 1e-6)) * gamma[i] + beta[i]);
        }),
    }));
  it('l2Normalise', () =>
    checkOperator({
      build: ops.l2Normalise,
      dims: [[3, 5]],
      reference: (x) => rows(x, 5).flatMap((r) => Array.from(r, (v) => v / Math.hypot(...r))),
    }));
  it('l2Normalise leaves a row of zeros zero', async () => {
    const graph = new Graph();
    const session = await compileGraph(engine, graph, new Map([['y', ops.l2Normalise(graph.input('x', ['n', 3]))]]));
    const { y } = await session.run({ x: { data: new Float32Array(3), dims: [1, 3] } });
    expect([...y.data]).toEqual([0, 0, 0]);
  });
});

describe('products', () => {
  for (const a of [false, true]) {
    for (const b of [false, true]) {
      it(`matmul${a ? ' aᵀ' : ''}${b ? ' bᵀ' : ''}, batched`, () =>
        checkOperator({
          build: (x, y) => ops.matmul(x, y, { a, b }, 0.5),
          dims: [
            [2, 3, ...(a ? [5, 4] : [4, 5])],
            [2, 3, ...(b ? [7, 5] : [5, 7])],
          ],
          fixed: 'none',
        }));
    }
  }
  it('matmul: value', () =>
    checkOperator({
      build: (x, y) => ops.matmul(x, y),
      dims: [
        [2, 3],
        [3, 1],
      ],
      reference: (x, y) => rows(x, 3).map((r) => r[0] * y[0] + r[1] * y[1] + r[2] * y[2]),
    }));
  const linearReference = (x: Float64Array, w: Float64Array, b?: Float64Array) =>
    rows(x, 5).flatMap((r) => rows(w, 5).map((v, j) => v.reduce((t, c, i) => t + c * r[i], b ? b[j] : 0)));
  it('linear without bias', () =>
    checkOperator({
      build: (x, w) => ops.linear(x, w),
      dims: [
        [3, 5],
        [7, 5],
      ],
      fixed: 'all',
      reference: linearReference,
    }));
  it('linear with a bias vector', () =>
    checkOperator({ build: ops.linear, dims: [[3, 5], [7, 5], [7]], fixed: 'all', reference: linearReference }));
  it('linear with a bias a row', () =>
    checkOperator({
      build: ops.linear,
      dims: [
        [3, 5],
        [7, 5],
        [3, 7],
      ],
      fixed: 'all',
    }));
  it('linear over an open number of rows', () =>
    checkOperator({ build: (x, w) => ops.linear(x, ops.reshape(w, [7, 5])), dims: [[3, 5], [35]], fixed: 'last' }));
});

describe('shapes', () => {
  it('reshape, with an open size', () =>
    checkOperator({ build: (x) => ops.reshape(x, ['2*d3', 2]), dims: [[3, 4]], reference: (x) => [...x] }));
  it('reduceSum, keeping and dropping dimensions', async () => {
    await checkOperator({
      build: (x) => ops.reduceSum(x, [1]),
      dims: [[3, 5]],
      reference: (x) => rows(x, 5).map((r) => r.reduce((a, b) => a + b)),
    });
    await checkOperator({ build: (x) => ops.reduceSum(x, [0, 2], true), dims: [[2, 3, 5]] });
    await checkOperator({ build: (x) => ops.reduceSum(x, [0, 1]), dims: [[3, 5]] });
  });
  it('transpose', () => checkOperator({ build: ops.transpose, dims: [[2, 3, 5]], fixed: 'none' }));
  it('concat and split', async () => {
    await checkOperator({
      build: (a, b) => ops.concat([a, b]),
      dims: [
        [3, 2],
        [3, 5],
      ],
      reference: (a, b) => rows(a, 2).flatMap((r, i) => [...r, ...rows(b, 5)[i]]),
    });
    await checkOperator({
      build: (x) => {
        const [a, , c] = ops.split(x, [2, 1, 3]);
        return ops.mul(ops.reduceSum(a, [1], true), c);
      },
      dims: [[3, 6]],
    });
  });
  it('gatherRows pads by repeating and takes the gradient of the real positions', async () => {
    // dialogues of 2 and 1 utterances, two heads of width 3: [3 utterances, 2·3] to [2, 2, 2, 3] and back
    const index = BigInt64Array.from([0, 2, 1, 3, 4, 4, 5, 5].map(BigInt));
    const inverse = BigInt64Array.from([0, 2, 1, 3, 4, 6].map(BigInt));
    const graph = new Graph();
    const x = graph.input('x', ['r', 3]);
    const i = graph.input('i', ['b', 2, 'l'], { type: 'int64' });
    const j = graph.input('j', ['n', 2], { type: 'int64' });
    const padded = ops.gatherRows(x, i, j);
    const back = ops.gatherRows(ops.reshape(padded, ['b*2*l', 3]), j, i);
    const session = await compileGraph(
      engine,
      graph,
      new Map([
        ['padded', padded],
        ['back', back],
      ]),
    );
    const data = Float32Array.from({ length: 18 }, (_, k) => k);
    const out = await session.run({
      x: { data, dims: [6, 3] },
      i: { data: index, dims: [2, 2, 2] },
      j: { data: inverse, dims: [3, 2] },
    });
    expect(out.padded.dims).toEqual([2, 2, 2, 3]);
    expect([...out.back.data]).toEqual([...data]);
  });
  it('gatherRows: gradient of a permutation', () =>
    checkOperator({
      build: (x) => {
        const order = [2, 0, 1];
        const inverse = [1, 2, 0];
        return ops.gatherRows(x, x.graph.integers(order), x.graph.integers(inverse));
      },
      dims: [[3, 4]],
      reference: (x) => [2, 0, 1].flatMap((i) => [...rows(x, 4)[i]]),
    }));
  it('shapes that do not fit are refused', () => {
    const graph = new Graph();
    expect(() => ops.add(graph.input('a', [3]), graph.input('b', [4]))).toThrow('do not broadcast');
  });
});
