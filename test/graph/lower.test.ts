import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { WEBGPU_LACKS } from '../../src/graph/engine.js';
import { compileGraph, type Engine, Graph, gradients, ops, type Tensor, type Values } from '../../src/graph/index.js';
import { nodeEngine } from '../../src/graph/node.js';
import { ModelProtoSchema } from '../../src/graph/protobuf/onnx_pb.js';

const whole = nodeEngine({ threads: 1 });

/** The processor, pretending to lack what WebGPU lacks; it notes the operators that it is given. */
function poor(seen: string[] = []): Engine {
  return {
    ...whole,
    lacks: WEBGPU_LACKS,
    compile(model, ...rest) {
      seen.push(...(fromBinary(ModelProtoSchema, model).graph?.node.map(({ opType }) => opType) ?? []));
      return whole.compile(model, ...rest);
    },
  };
}

const values = (dims: number[], spread = 1): Values => ({
  dims,
  data: Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => spread * Math.sin(1.7 * i + dims[0])),
});

/** Value and gradients of an operator of some inputs [2, …]. */
function graphOf(build: (...inputs: Tensor[]) => Tensor, fed: readonly Values[]) {
  const graph = new Graph();
  const inputs = fed.map(({ dims }, i) => graph.input(`x${i}`, ['n', ...dims.slice(1)], { trainable: true }));
  const y = build(...inputs);
  const loss = ops.reduceSum(ops.mul(y, y), [...y.shape.keys()]);
  const found = gradients(loss, inputs).map((g, i): [string, Tensor] => [`gradient${i}`, g as Tensor]);
  return { graph, outputs: new Map([['y', y], ...found]) };
}

const transposed = [
  [false, false],
  [true, false],
  [false, true],
  [true, true],
];
const cases: [string, (...inputs: Tensor[]) => Tensor, Values[]][] = [
  ...transposed.flatMap(([a, b]) =>
    [1, 0.5].map((factor): (typeof cases)[number] => [
      `matmul${a ? ', first transposed' : ''}${b ? ', second transposed' : ''}, times ${factor}`,
      (x, y) => ops.matmul(x, y, { a, b }, factor),
      [values(a ? [2, 4, 3] : [2, 3, 4]), values(b ? [2, 5, 4] : [2, 4, 5])],
    ]),
  ),
  ['logSoftmax', ops.logSoftmax, [values([2, 5], 300)]],
  ['logSumExp of numbers whose e^x overflows', ops.logSumExp, [values([2, 3, 5], 300)]],
  ['relu', ops.relu, [values([2, 5])]],
  ['leakyRelu', ops.leakyRelu, [{ data: Float32Array.of(0, -0, 1e-30, -1e30), dims: [2, 2] }]],
];

describe('operators that an engine lacks are written in others', () => {
  it.each(cases)('%s', async (_, build, fed) => {
    const feeds = Object.fromEntries(fed.map((value, i) => [`x${i}`, value]));
    const seen: string[] = [];
    const { graph, outputs } = graphOf(build, fed);
    const [want, got] = await Promise.all(
      [whole, poor(seen)].map(async (engine) => {
        const session = await compileGraph(engine, graph, outputs);
        const results = await session.run(feeds);
        await session.dispose();
        return results;
      }),
    );
    expect(seen.filter((op) => WEBGPU_LACKS.has(op))).toEqual([]);
    for (const name of outputs.keys()) {
      expect(got[name].dims, name).toEqual(want[name].dims);
      const wanted = want[name].data as Float32Array;
      for (const [i, v] of wanted.entries()) {
        expect(Number.isFinite(v), name).toBe(true);
        expect(Math.abs((got[name].data[i] as number) - v), name).toBeLessThan(1e-5 * Math.max(1, Math.abs(v)));
      }
    }
  });

  it('and an engine that has them is given them', async () => {
    const { graph, outputs } = graphOf(ops.logSoftmax, [values([2, 5])]);
    const given: string[] = [];
    const engine: Engine = {
      name: 'a listener',
      async compile(model) {
        given.push(...(fromBinary(ModelProtoSchema, model).graph?.node.map(({ opType }) => opType) ?? []));
        return { run: async () => ({}), dispose: async () => {} };
      },
    };
    await compileGraph(engine, graph, outputs);
    expect(given).toContain('LogSoftmax');
  });
});
