import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError } from '../base/errors.js';
import { suggestion } from '../base/names.js';
import { hubFolder } from './hub.js';

/** CLIP models by their common names, and the hub's export of each. */
export const CLIP_MODELS: Readonly<Record<string, string>> = {
  'ViT-B/32': 'Xenova/clip-vit-base-patch32',
  'ViT-B/16': 'Xenova/clip-vit-base-patch16',
  'ViT-L/14': 'Xenova/clip-vit-large-patch14',
  'ViT-L/14-336': 'Xenova/clip-vit-large-patch14-336',
};
export const DEFAULT_CLIP_MODEL = 'ViT-B/32';

/** The two towers: the file of each in public exports, and what stands beside it. */
const TOWERS = {
  vision: { file: 'vision_model.onnx', beside: ['preprocessor_config.json'] },
  text: { file: 'text_model.onnx', beside: ['tokenizer.json', 'tokenizer_config.json'] },
} as const;

/** A tower on this machine. */
export interface LocatedTower {
  /** The ONNX file. */
  file: string;
  /** The folder of its configuration files. */
  folder: string;
  /** The hub id, where it came from there. */
  id?: string;
}

/**
 * Finds one tower of a CLIP model.
 * @param model a name of CLIP_MODELS (with or without "ViT-"), a hub id, a local folder or an ONNX file.
 * @throws InputError saying what to put where when it cannot be found or fetched.
 */
export async function locateClipTower(model: string, tower: 'vision' | 'text'): Promise<LocatedTower> {
  if (existsSync(model)) return locateLocal(model, tower);
  const id = CLIP_MODELS[model] ?? CLIP_MODELS[`ViT-${model}`] ?? model;
  // A misspelt common name looks like a hub id, too.
  if (!/^(?!(ViT-)?[BL]\/)[\w.-]+\/[\w.-]+$/.test(id)) {
    throw new InputError(
      `There is no CLIP model or folder "${model}".${suggestion(model, Object.keys(CLIP_MODELS))} A hub id (owner/name), a folder or an ONNX file will do as well.`,
    );
  }
  const { file, beside } = TOWERS[tower];
  const folder = await hubFolder(id, [join('onnx', file), ...beside], async (transformers) => {
    if (tower === 'vision') {
      await transformers.AutoImageProcessor.from_pretrained(id);
      const network = await transformers.CLIPVisionModelWithProjection.from_pretrained(id, { dtype: 'fp32' });
      await network.dispose();
    } else {
      await transformers.AutoTokenizer.from_pretrained(id);
      const network = await transformers.CLIPTextModelWithProjection.from_pretrained(id, { dtype: 'fp32' });
      await network.dispose();
    }
  });
  return { file: join(folder, 'onnx', file), folder, id };
}

function locateLocal(path: string, tower: 'vision' | 'text'): LocatedTower {
  if (!statSync(path).isDirectory()) {
    const folder = dirname(path);
    // Public exports keep networks in onnx/, and the configuration one folder up.
    const above = basename(folder) === 'onnx' && !existsSync(join(folder, TOWERS[tower].beside[0]));
    return { file: path, folder: above ? dirname(folder) : folder };
  }
  const { file } = TOWERS[tower];
  const direct = [join(path, 'onnx', file), join(path, file)].find((candidate) => existsSync(candidate));
  if (direct !== undefined) return { file: direct, folder: path };
  const networks = readdirSync(path).filter((name) => name.endsWith('.onnx'));
  const ours = networks.filter((name) => name.includes(tower));
  const [only, ...more] = ours.length > 0 ? ours : networks;
  if (only === undefined) {
    throw new InputError(`The folder ${path} holds no ONNX network; put ${file} into it (or into its folder onnx/).`);
  }
  if (more.length > 0) {
    throw new InputError(
      `The folder ${path} holds several ONNX networks (${networks.join(', ')}); name the file of the ${tower} tower, or call it ${file}.`,
    );
  }
  return { file: join(path, only), folder: path };
}
