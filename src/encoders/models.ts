import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import { hubFolder } from './hub.js';

/** A model's files on this machine. */
export interface LocatedModel {
  /** The ONNX file. */
  file: string;
  /** The folder of its configuration. */
  folder: string;
}

/** Which loader of the library makes it fetch a model's files, and what stands beside the network. */
const KINDS: Record<'text' | 'audio', { loader: 'AutoTokenizer' | 'AutoFeatureExtractor'; beside: string[] }> = {
  text: { loader: 'AutoTokenizer', beside: ['tokenizer.json', 'tokenizer_config.json'] },
  audio: { loader: 'AutoFeatureExtractor', beside: ['preprocessor_config.json'] },
};

/** Places of the network in public exports, the usual one first. */
const NETWORKS = [join('onnx', 'model.onnx'), 'model.onnx'];

/**
 * Finds a model of frames or tokens (feature extraction).
 * @param model a hub id, or a folder with `onnx/model.onnx` (or `model.onnx`) and its configuration.
 * @throws InputError saying what to put where when it cannot be found or fetched.
 */
export async function locateModel(model: string, kind: keyof typeof KINDS): Promise<LocatedModel> {
  const { loader, beside } = KINDS[kind];
  if (existsSync(model)) {
    const network = statSync(model).isDirectory() ? NETWORKS.find((name) => existsSync(join(model, name))) : undefined;
    const missing = beside.filter((name) => !existsSync(join(model, name)));
    if (network === undefined) missing.unshift(NETWORKS[0]);
    if (network === undefined || missing.length > 0) {
      throw new InputError(
        `${model} cannot be used as ${kind} model: it is no folder that holds ${missing.join(' and ')}.`,
      );
    }
    return { file: join(model, network), folder: model };
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(model)) {
    throw new InputError(
      `There is no ${kind} encoder or folder "${model}". Name a hub id (owner/name) or a folder with ${[NETWORKS[0], ...beside].join(', ')}.`,
    );
  }
  const folder = await hubFolder(model, [NETWORKS[0], ...beside], async (transformers) => {
    await transformers[loader].from_pretrained(model);
    const network = await transformers.AutoModel.from_pretrained(model, { dtype: 'fp32' });
    await network.dispose();
  });
  return { file: join(folder, NETWORKS[0]), folder };
}

/** SHA-256 of a file, read as a stream. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}
