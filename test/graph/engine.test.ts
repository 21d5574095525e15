import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { compileGraph, type Engine, Graph, ops, type Values, type Weight } from '../../src/graph/index.js';
import { nodeEngine, openSessions } from '../../src/graph/node.js';
import { webEngine } from '../../src/graph/web.js';

const engines: [string, Engine][] = [
  ['node', nodeEngine({ threads: 1 })],
  ['web (WebAssembly)', webEngine()],
];
const rows: Values = { data: Float32Array.of(1, 2, 3, 4, 5, 6), dims: [3, 2] };

/** x·wᵀ with the weight [2, 2] compiled in. */
function product() {
  const graph = new Graph();
  const y = ops.linear(graph.input('x', ['n', 2]), graph.initialiser('a>b.weight', [2, 2]));
  return { graph, outputs: new Map([['y', y]]) };
}

describe.each(engines)('an engine: %s', (_, engine) => {
  it('takes initialisers at compilation, whatever becomes of their arrays afterwards', async () => {
    const { graph, outputs } = product();
    const weight = Float32Array.of(1, 0, 10, 1);
    const session = await compileGraph(engine, graph, outputs, () => weight);
    weight.fill(Number.NaN);
    expect(session.inputs).toEqual(['x']);
    const { y } = await session.run({ x: rows });
    expect(y.dims).toEqual([3, 2]);
    expect([...y.data]).toEqual([1, 12, 3, 34, 5, 56]);
    await session.dispose();
  });
  it('writes outputs where they are asked for', async () => {
    const { graph, outputs } = product();
    const session = await compileGraph(engine, graph, outputs, () => Float32Array.of(1, 0, 0, 1));
    const into = new Float32Array(6);
    await session.run({ x: rows }, { y: { data: into, dims: [3, 2] } });
    expect(into).toEqual(rows.data);
    await session.dispose();
  });
  it('keeps runs apart that are asked for at once', async () => {
    const { graph, outputs } = product();
    const session = await compileGraph(engine, graph, outputs, () => Float32Array.of(1, 1, 0, 1));
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => session.run({ x: { data: Float32Array.of(i, 1), dims: [1, 2] } })),
    );
    expect(answers.map(({ y }) => [...y.data])).toEqual(answers.map((_, i) => [i + 1, 1]));
    await session.dispose();
  });
  it('names an input that was not fed, and an initialiser without values', async () => {
    const { graph, outputs } = product();
    await expect(compileGraph(engine, graph, outputs)).rejects.toThrow('"a>b.weight"');
    const session = await compileGraph(engine, graph, outputs, () => new Float32Array(4));
    expect(() => session.run({})).toThrow('"x"');
    await session.dispose();
  });
});

it('the Node engine maps weights that stay in a file, and joins such as are stacked', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vega-range-'));
  try {
    const path = join(folder, 'some weights.bin');
    writeFileSync(path, new Uint8Array(Float32Array.of(9, 9, 1, 0, 10, 1, 2, 2).buffer));
    const graph = new Graph();
    const stacked = ops.stackRows([graph.initialiser('a', [1, 2]), graph.initialiser('b', [2, 2])]);
    const y = ops.linear(graph.input('x', ['n', 2]), stacked);
    const weights: Record<string, Weight> = {
      a: Float32Array.of(5, 0),
      b: { path, offset: 8, length: 4 },
    };
    const engine = nodeEngine({ threads: 1 });
    expect(engine.mapsFiles).toBe(true);
    const session = await compileGraph(engine, graph, new Map([['y', y]]), (name) => weights[name]);
    expect([...(await session.run({ x: rows })).y.data]).toEqual([5, 1, 12, 15, 3, 34, 25, 5, 56]);
    await session.dispose();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('the Node engine copies nothing where every output has its array', async () => {
  const graph = new Graph();
  const y = ops.scale(graph.input('x', ['n']), 2);
  const session = await compileGraph(nodeEngine({ threads: 1 }), graph, new Map([['y', y]]));
  const size = 2 ** 23;
  const x: Values = { data: new Float32Array(size).fill(3), dims: [size] };
  const into: Values = { data: new Float32Array(size), dims: [size] };
  const before = process.memoryUsage().arrayBuffers;
  const results = await session.run({ x }, { y: into });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  expect(results.y).toBe(into);
  expect(into.data[size - 1]).toBe(6);
  const wrong = { y: { data: new Float32Array(2), dims: [2] } };
  await expect(session.run({ x }, wrong)).rejects.toThrow();
  await session.dispose();
});

it('the Node engine counts its open sessions, failed compilations left out', async () => {
  const engine = nodeEngine({ threads: 1 });
  const before = openSessions();
  const { graph, outputs } = product();
  const session = await compileGraph(engine, graph, outputs, () => new Float32Array(4));
  expect(openSessions()).toBe(before + 1);
  await expect(engine.compile(Uint8Array.of(1, 2, 3), [], new Map())).rejects.toThrow();
  expect(openSessions()).toBe(before + 1);
  await session.dispose();
  await session.dispose();
  expect(openSessions()).toBe(before);
});

describe('the Node engine, asked for a device that is not there', () => {
  it('names those that there may be', async () => {
    const { graph, outputs } = product();
    const before = openSessions();
    const compiled = compileGraph(
      nodeEngine({ provider: 'abacus' as 'cpu' }),
      graph,
      outputs,
      () => new Float32Array(4),
    );
    await expect(compiled).rejects.toThrow(
      new InputError('There is no provider "abacus"; there are cpu, webgpu, cuda.'),
    );
    expect(openSessions()).toBe(before);
  });
  it('says so in a sentence', async () => {
    const { graph, outputs } = product();
    const refusal = await compileGraph(
      nodeEngine({ provider: 'cuda' }),
      graph,
      outputs,
      () => new Float32Array(4),
    ).then(
      (session) => session.dispose(),
      (error) => error,
    );
    // Where this machine has the device after all, there is nothing to say.
    if (refusal === undefined) return;
    expect(refusal).toBeInstanceOf(InputError);
    expect(refusal.message).toMatch(/^This machine cannot compute on "cuda": .*\. Leave the provider out/);
  });
});
