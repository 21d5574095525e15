import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../base/errors.js';
import { cacheFolder } from './cacheFolder.js';
import { loadOptional } from './optional.js';

/** @internal */
type Transformers = typeof import('@huggingface/transformers');

/** Where models of the hub are kept: VEGA_MERC_CACHE, or `vega-merc/models` in the user's cache folder. */
export function modelCache(): string {
  return process.env.VEGA_MERC_CACHE || join(cacheFolder(), 'models');
}

/**
 * The library that loads models of the hub, told to keep them in `modelCache` (mirrors: HF_ENDPOINT).
 * @internal
 */
export async function loadTransformers(): Promise<Transformers> {
  const transformers = await loadOptional(() => import('@huggingface/transformers'), 'Loading models of the hub', [
    '@huggingface/transformers',
  ]);
  const { env } = transformers;
  env.cacheDir = modelCache();
  mkdirSync(env.cacheDir, { recursive: true });
  if (process.env.HF_ENDPOINT !== undefined) env.remoteHost = `${process.env.HF_ENDPOINT.replace(/\/+$/, '')}/`;
  return transformers;
}

/**
 * The folder of a hub model's files, fetched once and then taken from the cache.
 * @param id e.g. "Xenova/clip-vit-base-patch32"; @param files what the caller will open, relative to the folder.
 * @param fetch makes the library load, and so keep, those files.
 * @throws InputError saying which files to put where, when they can be had from neither.
 * @internal
 */
export async function hubFolder(
  id: string,
  files: readonly string[],
  fetch: (transformers: Transformers) => Promise<void>,
): Promise<string> {
  const folder = join(modelCache(), ...id.split('/'));
  const missing = () => files.filter((file) => !existsSync(join(folder, file)));
  if (missing().length === 0) return folder;
  let reason: string | undefined;
  try {
    await fetch(await loadTransformers());
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message, cause } = error as Error;
    reason = `${message.split('\n')[0].replace(/\.$/, '')}${cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''}`;
  }
  if (missing().length === 0) return folder;
  throw new InputError(
    `The model ${id} is not on this machine and could not be fetched from the hub${reason === undefined ? '' : ` (${reason})`}. Without a network, put its files ${missing().join(' and ')} into the folder ${folder}, or give a local folder that holds them as the model.`,
  );
}
