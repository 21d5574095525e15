import type * as Ort from 'onnxruntime-node';
import { writeOnnx } from './onnx.js';
import type { Graph, Tensor } from './tensor.js';

export interface SessionOptions {
  /** Where the graph runs: 'cpu' (default), 'webgpu', 'cuda', … as onnxruntime names its providers. */
  provider?: string;
  /** Threads of one operator; default: as many as the machine has cores. */
  threads?: number;
  /** Write a timeline of every node (Chrome's trace format) to a file that starts with this name. */
  profile?: string;
}

/** An array with its sizes, fed to a run or written by it. */
export interface Values {
  data: Float32Array | BigInt64Array;
  dims: readonly number[];
}

/** A graph ready to run. One session serves every size of the open dimensions. */
export interface Session {
  /** Names of the inputs that must be fed. */
  readonly inputs: readonly string[];
  /**
   * @param feeds a value for each input; read in place, not copied.
   * @param into outputs to write in place, where their sizes are known beforehand; never an array that is also fed.
   * @returns every output by name, those of `into` included.
   */
  run(feeds: Record<string, Values>, into?: Record<string, Values>): Promise<Record<string, Values>>;
  dispose(): Promise<void>;
}

/** Compiles a graph. @param outputs what each run computes, by name. */
export async function createSession(
  graph: Graph,
  outputs: ReadonlyMap<string, Tensor>,
  options: SessionOptions = {},
): Promise<Session> {
  // Loaded when it is first needed: whoever imports this package may never run a graph.
  const ort = await import('onnxruntime-node');
  const ortTensor = (name: string, values: Values | undefined): Ort.Tensor => {
    if (!values) throw new Error(`No value was fed for the graph input "${name}".`);
    return values.data instanceof Float32Array
      ? new ort.Tensor('float32', values.data, values.dims)
      : new ort.Tensor('int64', values.data, values.dims);
  };
  const { bytes, inputs } = writeOnnx(graph, outputs);
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: [options.provider ?? 'cpu'],
    intraOpNumThreads: options.threads ?? 0,
    // An arena keeps the largest step's memory for ever, and a second session doubles it, without being faster.
    enableCpuMemArena: false,
    enableMemPattern: false,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(options.profile ? { enableProfiling: true, profileFilePrefix: options.profile } : {}),
  });
  const names = [...outputs.keys()];
  return {
    inputs,
    async run(feeds, into = {}) {
      const fed = Object.fromEntries(inputs.map((name) => [name, ortTensor(name, feeds[name])]));
      const fetched = Object.fromEntries(names.map((n) => [n, into[n] ? ortTensor(n, into[n]) : null]));
      const results = await session.run(fed, fetched);
      return Object.fromEntries(
        names.map((n) => [n, { data: results[n].data as Values['data'], dims: results[n].dims }]),
      );
    },
    async dispose() {
      if (options.profile) session.endProfiling();
      await session.release();
    },
  };
}
