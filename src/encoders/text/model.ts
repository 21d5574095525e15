import { resolve } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError } from '../../base/errors.js';
import { loadTransformers } from '../hub.js';
import { locateModel } from '../models.js';
import { createPooling } from '../pooling.js';
import { openNetwork } from '../session.js';
import type { TextEncoder } from './encoder.js';

/** How the states of a text's tokens become one row: their mean, or the first token's (CLS). */
export const TEXT_POOLINGS = ['mean', 'cls'] as const;
export type TextPooling = (typeof TEXT_POOLINGS)[number];

/** Pieces beyond these are cut off; the positions of most models end here. */
const LONGEST = 512;

/**
 * Opens a model of tokens (RoBERTa, MPNet, …): the states of its last layer, pooled.
 * @param model a hub id or a local folder, see `locateModel`.
 * @throws InputError saying what is missing or does not fit.
 */
export async function openTextModel(model: string, pooling: TextPooling): Promise<TextEncoder> {
  const { file, folder } = await locateModel(model, 'text');
  const { AutoTokenizer } = await loadTransformers();
  // An absolute path cannot be taken for a hub id.
  const tokenizer = await AutoTokenizer.from_pretrained(resolve(folder), { local_files_only: true }).catch(
    (error: Error) => {
      throw new InputError(`The tokenizer in ${folder} cannot be used (${error.message}).`);
    },
  );
  const session = await openNetwork(file);
  const longest = Math.min(LONGEST, tokenizer.model_max_length ?? LONGEST);
  const embed = async (text: string) => {
    // One text at a time needs no padding, which exports treat differently.
    const { input_ids: ids } = tokenizer(text, { truncation: true, max_length: longest });
    return poolStates(session, BigInt64Array.from(ids.data as BigInt64Array), pooling, model);
  };
  const dim = (await embed('.')).length;
  return {
    dim,
    embed: async (texts) => {
      const out = new Float32Array(texts.length * dim);
      for (const [i, text] of texts.entries()) out.set(await embed(text), i * dim);
      return out;
    },
    dispose: () => session.release(),
  };
}

async function poolStates(session: InferenceSession, ids: BigInt64Array, pooling: TextPooling, model: string) {
  const inputs: Record<string, BigInt64Array> = {
    input_ids: ids,
    attention_mask: ids.map(() => 1n),
    token_type_ids: ids.map(() => 0n),
    position_ids: ids.map((_, i) => BigInt(i)),
  };
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    if (inputs[name] === undefined) {
      throw new InputError(
        `The text model ${model} takes an input "${name}"; known are ${Object.keys(inputs).join(', ')}.`,
      );
    }
    feeds[name] = new Tensor('int64', inputs[name], [1, ids.length]);
  }
  const output = session.outputNames.find((name) => name === 'last_hidden_state' || name === 'token_embeddings');
  if (output === undefined) {
    throw new InputError(
      `The text model ${model} gives ${session.outputNames.join(', ')} and no "last_hidden_state": use an export of the bare model (feature extraction), not of one with a head.`,
    );
  }
  const { data, dims } = (await session.run(feeds, [output]))[output];
  const [, tokens, dim] = dims;
  const states = data as Float32Array;
  if (pooling === 'cls') return states.slice(0, dim);
  const pooled = createPooling(dim);
  for (let i = 0; i < tokens; i++) pooled.add(states.subarray(i * dim, (i + 1) * dim));
  return pooled.mean();
}
