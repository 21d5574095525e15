import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../base/json.js';
import { readText } from '../../base/read.js';
import { SAMPLE_RATE } from '../media/audio.js';
import { locateModel } from '../models.js';
import { openNetwork } from '../session.js';
import type { SoundEncoder } from './encoder.js';
import { poolFrames } from './frameModel.js';

const configSchema = z.object({
  sampling_rate: z.literal(SAMPLE_RATE).default(SAMPLE_RATE),
  do_normalize: z.boolean().default(true),
});

/**
 * Opens a speech model that takes samples and gives states (wav2vec 2.0, HuBERT, WavLM); mean and deviation of its last
 * layer's states are kept.
 * @param model a hub id or a local folder, see `locateModel`.
 * @throws InputError saying what is missing or does not fit.
 */
export async function openSpeechModel(model: string): Promise<SoundEncoder> {
  const { file, folder } = await locateModel(model, 'audio');
  const path = join(folder, 'preprocessor_config.json');
  const data = parseJson(configSchema, readText(path), path);
  return poolFrames({ session: await openNetwork(file), source: model, normalise: data.do_normalize });
}
