import type { Engine, Session } from './engine.js';
import { writeOnnx } from './onnx.js';
import type { Graph, Tensor } from './tensor.js';

/** A session that knows what it must be fed. */
export interface CompiledGraph extends Session {
  /** Names of the inputs that must be fed. */
  readonly inputs: readonly string[];
}

/**
 * Compiles a graph. @param outputs what each run computes, by name.
 * @param weight the values of one of the graph's initialisers; asked once for each that some output depends on.
 */
export async function compileGraph(
  engine: Engine,
  graph: Graph,
  outputs: ReadonlyMap<string, Tensor>,
  weight?: (name: string) => Float32Array,
): Promise<CompiledGraph> {
  const { bytes, inputs, initialisers } = writeOnnx(graph, outputs);
  const values = new Map(initialisers.map((name) => [name, given(name, weight)]));
  const session = await engine.compile(bytes, [...outputs.keys()], values);
  return {
    inputs,
    run(feeds, into) {
      const missing = inputs.find((name) => feeds[name] === undefined);
      if (missing !== undefined) throw new Error(`No value was fed for the graph input "${missing}".`);
      return session.run(Object.fromEntries(inputs.map((name) => [name, feeds[name]])), into);
    },
    dispose: () => session.dispose(),
  };
}

function given(name: string, weight?: (name: string) => Float32Array): Float32Array {
  if (!weight) throw new Error(`No value was given for the graph's initialiser "${name}".`);
  return weight(name);
}
