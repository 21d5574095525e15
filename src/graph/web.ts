import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-web';
import { type Engine, type Session, type Values, WEBGPU_LACKS } from './engine.js';

export interface WebEngineOptions {
  /** 'wasm' (default) computes on the processor, 'webgpu' on the graphics card. */
  device?: 'wasm' | 'webgpu';
  /** WebAssembly threads; more than 1 needs a page that is cross-origin isolated. Default 1. */
  threads?: number;
  /** Where onnxruntime-web's .wasm files are served from; default: beside its script. */
  wasmPaths?: string;
}

/** What this file uses of onnxruntime-web, whose packages share it. */
interface Runtime {
  InferenceSession: { create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession> };
  Tensor: new (type: 'float32' | 'int64', data: Values['data'], dims: readonly number[]) => Tensor;
  env: { wasm: { numThreads?: number; wasmPaths?: unknown } };
}

/**
 * onnxruntime-web, in browsers (and in Node, for tests). It computes one run at a time: runs of all sessions queue.
 * Outputs asked for with `into` are copied there.
 */
export function webEngine({ device = 'wasm', threads = 1, wasmPaths }: WebEngineOptions = {}): Engine {
  let runtime: Promise<Runtime> | undefined;
  const load = () => {
    runtime ??= loadRuntime(device, threads, wasmPaths);
    // A script that could not be fetched may be there at the next try.
    runtime.catch(() => {
      runtime = undefined;
    });
    return runtime;
  };
  return {
    name: `onnxruntime-web on ${device}`,
    ...(device === 'webgpu' && { lacks: WEBGPU_LACKS }),
    async compile(model, outputs, initialisers, folder) {
      if (folder !== undefined) throw new Error('This engine takes weights from memory only.');
      const ort = await load();
      const options = {
        executionProviders: [device],
        graphOptimizationLevel: 'all' as const,
        logSeverityLevel: 3 as const,
        externalData: [...initialisers].map(([path, { buffer, byteOffset, byteLength }]) => ({
          path,
          data: new Uint8Array(buffer, byteOffset, byteLength),
        })),
      };
      const session = await queued(() => ort.InferenceSession.create(model, options));
      return sessionOf(ort, session, outputs);
    },
  };
}

async function loadRuntime(device: 'wasm' | 'webgpu', threads: number, wasmPaths?: string): Promise<Runtime> {
  const ort: Runtime =
    device === 'webgpu' ? await import('onnxruntime-web/webgpu') : await import('onnxruntime-web/wasm');
  ort.env.wasm.numThreads = threads;
  if (wasmPaths !== undefined) ort.env.wasm.wasmPaths = wasmPaths;
  return ort;
}

/** The end of what was asked for so far; never rejects. */
let last: Promise<unknown> = Promise.resolve();

function queued<T>(work: () => Promise<T>): Promise<T> {
  const result = last.then(work);
  last = result.catch(() => undefined);
  return result;
}

function sessionOf(ort: Runtime, session: InferenceSession, outputs: readonly string[]): Session {
  let disposed = false;
  return {
    run(feeds, into = {}) {
      return queued(async () => {
        const fed = Object.fromEntries(
          Object.entries(feeds as Record<string, Values>).map(([name, { data, dims }]) => [
            name,
            new ort.Tensor(data instanceof Float32Array ? 'float32' : 'int64', data, dims),
          ]),
        );
        const results = await session.run(fed, [...outputs]);
        const values = outputs.map((name) => [name, valuesOf(results[name], into[name])] as const);
        return Object.fromEntries(values);
      });
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await queued(() => session.release());
    },
  };
}

function valuesOf(result: Tensor, wanted: Values | undefined): Values {
  const data = (result as TypedTensor<'float32'>).data as Values['data'];
  if (!wanted) return { data, dims: result.dims };
  (wanted.data as Float32Array).set(data as Float32Array);
  return wanted;
}
