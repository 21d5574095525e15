/**
 * What `vega-merc` needs to read recordings and npm does not install by itself, or not every user wants: networks that
 * other packages carry, the libraries that run them, and decoders. `vega-merc` finds this package when it is installed;
 * nothing here is meant to be called by others.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Files of another package, as they are in it. */
export interface CarriedPackage {
  /** Absolute; the files lie in it under the paths that they have in their package. */
  folder: string;
  /** Version of the package that they come from. */
  version: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** The packages that lend their files, by name. The licence of each lies beside its files. */
export const carried: ReadonlyMap<string, CarriedPackage> = new Map(
  Object.entries(
    JSON.parse(readFileSync(join(root, 'carried', 'packages.json'), 'utf8')) as Record<string, string>,
  ).map(([name, version]) => [name, { folder: join(root, 'carried', name), version }]),
);

/** Networks that this package holds itself, with where their weights come from. */
export const networks = {
  /** Tells voices apart: see networks/make-voice.mjs. */
  voice: { file: join(root, 'networks', 'voice.onnx'), origin: 'Resemblyzer', version: '0.1.4' },
} as const;

/** Converts sound from one rate to another; see libsamplerate. */
export interface Resampler {
  create(
    channels: number,
    from: number,
    to: number,
    options: { converterType: number },
  ): Promise<{ simple(samples: Float32Array): Float32Array; destroy(): void }>;
  ConverterType: { SRC_SINC_MEDIUM_QUALITY: number };
}

/** The resampler of sound that is given in memory: four megabytes. */
export async function loadResampler(): Promise<Resampler> {
  return (await import('@alexanderolsen/libsamplerate-js')).default;
}

/** The tokenizer of the speech recogniser. */
export async function loadTokenizer(): Promise<typeof import('llama-tokenizer-js').default> {
  return (await import('llama-tokenizer-js')).default;
}

/** The decoder of pictures. */
export async function loadSharp(): Promise<typeof import('sharp').default> {
  return (await import('sharp')).default;
}

/** The decoders of sound and pictures: all of `node-av/lib` and `node-av/constants`. */
export async function loadCodecs(): Promise<unknown> {
  // Not known to the compiler, since the build makes it.
  const bundle = './codecs.js';
  return import(bundle);
}

/** A library of face networks that is ready to run, and its networks. */
export interface OpenedFaceApi {
  /** The module of @vladmandic/face-api, bundled with the parts of TensorFlow.js that it runs on. */
  faceApi: unknown;
  /** The folder of its networks. */
  models: string;
}

let opened: Promise<OpenedFaceApi> | undefined;

/** Opens the library of face networks on WebAssembly, once in a process. */
export function openFaceApi(): Promise<OpenedFaceApi> {
  opened ??= startFaceApi();
  return opened;
}

async function startFaceApi(): Promise<OpenedFaceApi> {
  const faceApi = createRequire(import.meta.url)('./faceApi.cjs') as { tf: TensorFlow };
  faceApi.tf.setWasmPaths(join(root, 'dist/'));
  await faceApi.tf.setBackend('wasm');
  await faceApi.tf.ready();
  return { faceApi, models: join(root, 'carried', '@vladmandic/face-api', 'model') };
}

interface TensorFlow {
  setWasmPaths(folder: string): void;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
}
