import type * as Ort from 'onnxruntime-node';
import { InputError } from '../base/errors.js';
import { type Once, once } from '../base/once.js';
import { compileGraph } from './compile.js';
import { type DeviceValue, type Engine, type Fed, type Session, type Values, WEBGPU_LACKS } from './engine.js';
import { writeOnnx } from './onnx.js';
import { scale } from './operators/index.js';
import { PROVIDERS, type Provider } from './providers.js';
import { Graph } from './tensor.js';
import { isLastWord, LAST_WORD, withLastWord } from './uncopied.js';

export interface NodeEngineOptions {
  /** Where the graph runs; default 'cpu'. */
  provider?: Provider;
  /** Threads of one operator; default: as many as the machine has cores. */
  threads?: number;
  /** Write a timeline of every node (Chrome's trace format) to a file that starts with this name. */
  profile?: string;
  /** Refuse to compile a graph of which the device cannot compute every node, instead of leaving some to the processor. */
  wholly?: boolean;
}

let open = 0;

/** How many sessions of this process's Node engines have not been disposed of. */
export const openSessions = (): number => open;

/**
 * onnxruntime on Node: outputs asked for with `into` are written straight to their arrays; where `into` names all of
 * them, nothing is copied.
 */
export function nodeEngine(options: NodeEngineOptions = {}): Engine {
  const { provider = 'cpu', threads = 0, profile, wholly = false } = options;
  return {
    name: `onnxruntime-node on ${provider}`,
    mapsFiles: provider === 'cpu',
    ...(provider === 'webgpu' && { lacks: WEBGPU_LACKS, keeps: true }),
    async compile(model, outputs, initialisers, folder, keep = []) {
      // Loaded when it is first needed: whoever imports this package may never run a graph.
      const ort = await import('onnxruntime-node');
      const created = ort.InferenceSession.create(provider === 'cpu' ? withLastWord(model) : model, {
        executionProviders: [provider],
        intraOpNumThreads: threads,
        // Without the arena what a run allocates goes back to the system after it, and every page of it is made anew.
        enableCpuMemArena: true,
        enableMemPattern: false,
        graphOptimizationLevel: 'all',
        logSeverityLevel: 3,
        externalData: [...initialisers].map(([path, data]) => ({ path, data: bytesOf(data) })),
        extra: {
          session: {
            ...(folder && { model_external_initializers_file_folder_path: folder }),
            ...(wholly && provider !== 'cpu' && { disable_cpu_ep_fallback: '1' }),
          },
          // It would undo what `linear` lays out for its gradient.
          optimization: { disable_specified_optimizers: 'GemmTransposeFusion' },
        },
        ...(keep.length > 0 && {
          preferredOutputLocation: Object.fromEntries(keep.map((name) => [name, 'gpu-buffer' as const])),
        }),
        ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
      });
      const session = await created.catch((error) => {
        // On the processor a refusal is a defect of the graph; elsewhere it may be that there is no such device.
        throw provider === 'cpu' || /fallback to CPU EP/.test(error.message) ? error : noDevice(provider, error);
      });
      open++;
      const how = { profiled: profile !== undefined, uncopied: provider === 'cpu' };
      return sessionOf(ort, session, outputs, how, keep.length > 0 ? readerOf(ort, provider) : undefined);
    },
  };
}

/**
 * Tries an engine on a graph of one node, so that a device that is not there is refused before anything is begun.
 * @throws InputError where the engine cannot compute here.
 */
export async function checkDevice(engine: Engine): Promise<void> {
  const graph = new Graph();
  const session = await compileGraph(engine, graph, new Map([['y', scale(graph.input('x', ['n']), 2)]]));
  await session.dispose();
}

function noDevice(provider: string, error: unknown): InputError {
  const why =
    (error as Error).message
      .trim()
      .split('\n')[0]
      .split(/(?:was false|with error)[.:] /)
      .at(-1) ?? '';
  return new InputError(
    (PROVIDERS as readonly string[]).includes(provider)
      ? `This machine cannot compute on "${provider}": ${why.replace(/\.?$/, '.')} Leave the provider out to compute on the processor.`
      : `There is no provider "${provider}"; there are ${PROVIDERS.join(', ')}.`,
  );
}

function sessionOf(
  ort: typeof Ort,
  session: Ort.InferenceSession,
  outputs: readonly string[],
  { profiled, uncopied }: { profiled: boolean; uncopied: boolean },
  reader?: Once<Reader>,
): Session {
  let disposed = false;
  const tensor = ({ data, dims }: Values): Ort.Tensor =>
    data instanceof Float32Array ? new ort.Tensor('float32', data, dims) : new ort.Tensor('int64', data, dims);
  const fedTensors = (feeds: Record<string, Fed>) =>
    Object.fromEntries(
      Object.entries(feeds).map(([name, fed]) => [name, fed instanceof OnDevice ? fed.tensor : tensor(fed as Values)]),
    );
  return {
    async run(feeds, into = {}) {
      const fed = fedTensors(feeds);
      const fetched = Object.fromEntries(outputs.map((name) => [name, into[name] ? tensor(into[name]) : null]));
      if (uncopied && outputs.length > 0 && outputs.every((name) => into[name])) {
        await session.run(fed, { ...fetched, [LAST_WORD]: null }).catch((error) => {
          if (!isLastWord(error)) throw error;
        });
        return Object.fromEntries(outputs.map((name) => [name, into[name]]));
      }
      const results = await session.run(fed, fetched);
      return Object.fromEntries(
        outputs.map((name) => [name, { data: results[name].data as Values['data'], dims: results[name].dims }]),
      );
    },
    ...(reader && {
      async runKeeping(feeds, into = {}) {
        // Where some outputs stay on the device, the runtime does not write the others to arrays of the caller's.
        const results = await session.run(fedTensors(feeds), [...outputs]);
        const kept: Record<string, DeviceValue> = {};
        const values: Record<string, Values> = {};
        for (const name of outputs) {
          const result = results[name];
          if (result.location === 'gpu-buffer') kept[name] = new OnDevice(result, reader);
          else values[name] = { data: result.data as Values['data'], dims: result.dims };
          if (into[name]) {
            (into[name].data as Float32Array).set(values[name].data as Float32Array);
            values[name] = into[name];
          }
        }
        return { values, kept };
      },
    }),
    async dispose() {
      if (disposed) return;
      disposed = true;
      open--;
      if (profiled) session.endProfiling();
      await Promise.all([session.release(), reader?.dispose()]);
    },
  };
}

/** A tensor that lies in the device's memory. */
class OnDevice implements DeviceValue {
  readonly tensor: Ort.Tensor;
  private readonly reader: Once<Reader>;

  constructor(tensor: Ort.Tensor, reader: Once<Reader>) {
    this.tensor = tensor;
    this.reader = reader;
  }

  get dims(): readonly number[] {
    return this.tensor.dims;
  }

  async read(into: Float32Array): Promise<void> {
    await (await this.reader.get()).read(this.tensor, into);
  }

  release(): void {
    this.tensor.dispose();
  }
}

interface Reader {
  read(tensor: Ort.Tensor, into: Float32Array): Promise<void>;
  dispose(): Promise<void>;
}

/**
 * Copies tensors back from the device, through a graph that only hands them over: asked for its data, such a tensor ends
 * the process (onnxruntime-node 1.30).
 */
function readerOf(ort: typeof Ort, provider: Provider): Once<Reader> {
  return once(async () => {
    const graph = new Graph();
    const { bytes } = writeOnnx(graph, new Map([['y', graph.input('x', ['n'])]]));
    const session = await ort.InferenceSession.create(bytes, { executionProviders: [provider], logSeverityLevel: 3 });
    return {
      async read({ gpuBuffer }, into) {
        const x = ort.Tensor.fromGpuBuffer(gpuBuffer, { dataType: 'float32', dims: [into.length] });
        const { y } = await session.run({ x });
        into.set(y.data as Float32Array);
      },
      dispose: () => session.release(),
    };
  }, 'The session');
}

const bytesOf = (data: Float32Array): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
