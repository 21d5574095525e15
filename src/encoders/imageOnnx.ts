import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '../base/errors.js';
import { diskError } from '../base/files.js';
import { parseJson } from '../base/json.js';
import type { ImageEncoder } from './image.js';
import { outputSize, type Preprocessing, preprocess, preprocessingSchema, type Size } from './imagePreprocess.js';
import { openSession } from './onnx.js';

/** Outputs that hold one embedding a picture, by the names of public exports; the first that a network has is taken. */
const EMBEDDING_OUTPUTS = ['image_embeds', 'embeddings', 'embedding', 'pooler_output'];

/**
 * Opens a picture network: float32 pixels [n, 3, H, W] in, one embedding a picture [n, D] out, preprocessed as the
 * `preprocessor_config.json` beside it says.
 * @param path the ONNX file; @param folder where `preprocessor_config.json` is.
 * @param name what the embeddings' maker is to be called; without it the file's name and hash.
 * @throws InputError naming the file and what it lacks.
 */
export async function openOnnxImageEncoder(path: string, folder: string, name?: string): Promise<ImageEncoder> {
  const config = readPreprocessing(join(folder, 'preprocessor_config.json'), path);
  const session = await openSession(path);
  const refuse = (why: string) => new InputError(`${path} cannot be used as a picture encoder: ${why}.`);
  const input = pixelInput(session, config, refuse);
  const output = embeddingOutput(session, refuse);

  const run = async (pixels: Float32Array[]): Promise<Float32Array> => {
    const data = new Float32Array(pixels.length * pixels[0].length);
    for (const [i, each] of pixels.entries()) data.set(each, i * each.length);
    const feeds = {
      [input.name]: new Tensor('float32', data, [pixels.length, 3, input.size.height, input.size.width]),
    };
    const tensor = (await session.run(feeds, [output]))[output];
    const embeddings = await tensor.getData();
    if (!(embeddings instanceof Float32Array)) throw refuse(`its output "${output}" is ${tensor.type}, not float32`);
    return embeddings;
  };
  // The dimension is a symbol in many exports, so one black picture is run.
  const dim = (await run([new Float32Array(3 * input.size.height * input.size.width)])).length;

  return {
    name: name ?? `${basename(path)} (SHA-256 ${hashFile(path).slice(0, 16)})`,
    dim,
    embed: async (pictures) => {
      const out = new Float32Array(pictures.length * dim);
      for (let at = 0; at < pictures.length; at += input.batch) {
        const pixels = await Promise.all(
          pictures.slice(at, at + input.batch).map((picture) => preprocess(picture, config, input.size)),
        );
        out.set(await run(pixels), at * dim);
      }
      return out;
    },
    dispose: () => session.release(),
  };
}

/** Reads into one buffer over and over: a network may be larger than what memory should grow by. */
function hashFile(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}

function readPreprocessing(path: string, model: string): Preprocessing {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw diskError(path, error);
    throw new InputError(
      `${path} is missing: ${basename(model)} needs it to know the size, mean and deviation of its pixels. Copy it from where the network comes from.`,
    );
  }
  return parseJson(preprocessingSchema, text, path);
}

type Refuse = (why: string) => InputError;

function pixelInput(
  session: InferenceSession,
  config: Preprocessing,
  refuse: Refuse,
): { name: string; size: Size; batch: number } {
  if (session.inputMetadata.length !== 1) {
    throw refuse(
      `it takes ${session.inputMetadata.length} inputs (${session.inputNames.join(', ')}), not pixels alone; a CLIP export has a "vision_model.onnx" of its own`,
    );
  }
  const [meta] = session.inputMetadata;
  if (!meta.isTensor || meta.type !== 'float32' || meta.shape.length !== 4) {
    throw refuse(`its input "${meta.name}" is not float32 [pictures, 3, height, width]`);
  }
  const [count, channels, height, width] = meta.shape;
  if (typeof channels === 'number' && channels !== 3) {
    throw refuse(`its input "${meta.name}" is [${meta.shape.join(', ')}], not [pictures, 3, height, width]`);
  }
  const size = outputSize(config);
  if (size === undefined) throw refuse('its preprocessor_config.json leads to pictures of no fixed size');
  const agrees = (wanted: number | string, given: number) => typeof wanted !== 'number' || wanted === given;
  if (!agrees(height, size.height) || !agrees(width, size.width)) {
    throw refuse(
      `it takes pictures of ${width} x ${height} pixels, but its preprocessor_config.json makes them ${size.width} x ${size.height}`,
    );
  }
  if (typeof count === 'number' && count > 1)
    throw refuse(`it takes ${count} pictures at once; export it for any number`);
  return { name: meta.name, size, batch: count === 1 ? 1 : 16 };
}

function embeddingOutput(session: InferenceSession, refuse: Refuse): string {
  const known = EMBEDDING_OUTPUTS.find((name) => session.outputNames.includes(name));
  const flat = session.outputMetadata.find((meta) => meta.isTensor && meta.shape.length === 2);
  const output = known ?? flat?.name;
  if (output === undefined) {
    throw refuse(`none of its outputs (${session.outputNames.join(', ')}) is one embedding a picture [pictures, D]`);
  }
  return output;
}
