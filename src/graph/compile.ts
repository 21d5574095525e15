import type { FileRange } from '../base/range.js';
import type { Engine, Session } from './engine.js';
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
 */
export async function compileGraph(
  engine: Engine,
  graph: Graph,
  outputs: ReadonlyMap<string, Tensor>,
  weight?: (name: string) => Weight,
): Promise<CompiledGraph> {
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
  const session = await engine.compile(bytes, [...outputs.keys()], inMemory, folder);
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
