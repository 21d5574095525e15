import { resolve } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { InputError } from '../base/errors.js';
import { DEFAULT_CLIP_MODEL, locateClipTower } from './clip.js';
import { loadTransformers } from './hub.js';
import { openSession } from './onnx.js';

/** Turns texts into embeddings in the space of a CLIP model's pictures. */
export interface ClipTextEncoder {
  readonly name: string;
  readonly dim: number;
  /** @returns [n, D], not normalised. */
  embed(texts: readonly string[]): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/**
 * Opens CLIP's text tower with projection: `text_model.onnx`, `tokenizer.json` and `tokenizer_config.json`.
 * @param model as for the picture tower: a name of CLIP_MODELS, a hub id, a folder or an ONNX file.
 * @throws InputError naming what is missing.
 */
export async function openClipText(model = DEFAULT_CLIP_MODEL): Promise<ClipTextEncoder> {
  const { file, folder, id } = await locateClipTower(model, 'text');
  // An absolute path cannot be taken for a hub id.
  const { AutoTokenizer } = await loadTransformers();
  const tokenizer = await AutoTokenizer.from_pretrained(resolve(folder), { local_files_only: true }).catch(
    (error: Error) => {
      throw new InputError(
        `The tokenizer in ${folder} cannot be used (${error.message}); it needs tokenizer.json and tokenizer_config.json.`,
      );
    },
  );
  const session = await openSession(file);
  const output = session.outputNames.includes('text_embeds') ? 'text_embeds' : session.outputNames[0];

  const embedOne = async (text: string): Promise<Float32Array> => {
    // One text at a time needs no padding, which exports treat differently.
    const { input_ids: ids } = tokenizer(text, { truncation: true });
    const tokens = BigInt64Array.from(ids.data as BigInt64Array);
    const feeds: Record<string, Tensor> = {};
    for (const name of session.inputNames) {
      const values = name === 'attention_mask' ? tokens.map(() => 1n) : tokens;
      feeds[name] = new Tensor('int64', values, [1, tokens.length]);
    }
    const { data, dims, type } = (await session.run(feeds, [output]))[output];
    if (!(data instanceof Float32Array) || dims.length !== 2) {
      throw new InputError(
        `${file}: its output "${output}" is ${type} [${dims.join(', ')}], not one float32 embedding a text.`,
      );
    }
    return data;
  };
  const dim = (await embedOne('a face')).length;
  return {
    name: id ?? file,
    dim,
    embed: async (texts) => {
      const out = new Float32Array(texts.length * dim);
      for (const [i, text] of texts.entries()) out.set(await embedOne(text), i * dim);
      return out;
    },
    dispose: () => session.release(),
  };
}
