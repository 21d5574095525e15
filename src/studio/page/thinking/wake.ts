import { compileGraph } from '../../../graph/compile.js';
import { Graph, ops } from '../../../graph/index.js';
import { webEngine } from '../../../graph/web.js';

/** Fetches and compiles onnxruntime's WebAssembly, which takes longest of all, while all else is fetched. */
async function wake(): Promise<void> {
  const graph = new Graph();
  const twice = ops.scale(graph.input('one', ['n']), 2);
  const compiled = await compileGraph(webEngine(), graph, new Map([['twice', twice]]), (name) => {
    throw new Error(`No weight ${name}.`);
  }).catch(() => undefined);
  await compiled?.dispose();
}

void wake();
