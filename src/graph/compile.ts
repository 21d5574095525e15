import type { FileRange } from '../base/range.js';
import type { Engine, Fed, Session } from './engine.js';
import { writeOnnx } from './onnx.js';
import type { Graph, Tensor } from './tensor.js';

/** A session that knows what it must be fed. */
export interface CompiledGraph extends Session {
  /** Names of the inputs that must be fed. */
  readonly inputs: readonly string[];
}

/** A weight's values, or where they lie. */
export type Weight = Float32Array | FileRange;

/**
 * Compiles a graph. @param outputs what each run computes, by name.
 * @param weight one of the graph's initialisers; asked once for each that some output depends on. Those in files must all
 * lie in one folder, and only an engine that maps files takes them.
 * @param keep outputs that stay on the device of an engine that keeps; such a graph is run by `runKeeping`.
 */
export async function compileGraph(
  engine: Engine,
  graph: Graph,
  outputs: ReadonlyMap<string, Tensor>,
  weight?: (name: string) => Weight,
  keep?: readonly string[],
): Promise<CompiledGraph> {
  return compiled(await compileSession(engine, graph, outputs, weight, keep));
}

/** Apart from `compiled`, whose functions live as long as the session: what they were made beside would live as long. */
async function compileSession(
  engine: Engine,
  graph: Graph,
  outputs: ReadonlyMap<string, Tensor>,
  weight?: (name: string) => Weight,
  keep?: readonly string[],
): Promise<{ session: Session; inputs: readonly string[] }> {
  const inMemory = new Map<string, Float32Array>();
  let folder: string | undefined;
  const place = (names: string[]) => {
    const values = names.map((name) => {
      if (!weight) throw new Error(`No value was given for the graph's initialiser "${name}".`);
      return weight(name);
    });
    // The runtime takes either: all other values from memory, or all from files. So what few a file lacks go inside.
    const mapped = values.some((value) => !(value instanceof Float32Array));
    return values.map((value, i) => {
      if (!(value instanceof Float32Array)) {
        const cut = Math.max(value.path.lastIndexOf('/'), value.path.lastIndexOf('\\')) + 1;
        folder ??= value.path.slice(0, cut) || '.';
        return { location: value.path.slice(cut), offset: value.offset };
      }
      if (mapped) return value;
      inMemory.set(names[i], value);
      return { location: names[i], offset: 0 };
    });
  };
  const { bytes, inputs } = writeOnnx(graph, outputs, place, engine.lacks);
  return { session: await engine.compile(bytes, [...outputs.keys()], inMemory, folder, keep), inputs };
}

function compiled({ session, inputs }: { session: Session; inputs: readonly string[] }): CompiledGraph {
  const needed = (feeds: Record<string, Fed>) => {
    const missing = inputs.find((name) => feeds[name] === undefined);
    if (missing !== undefined) throw new Error(`No value was fed for the graph input "${missing}".`);
    return Object.fromEntries(inputs.map((name) => [name, feeds[name]]));
  };
  const { runKeeping } = session;
  return {
    inputs,
    run: (feeds, into) => session.run(needed(feeds), into),
    ...(runKeeping && { runKeeping: (feeds, into) => runKeeping(needed(feeds), into) }),
    dispose: () => session.dispose(),
  };
}
