import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackage, fromEncoders } from '../packages.js';

const PURPOSE = 'Hearing who says what in a recording without a transcript';
const RECOGNISER = '@moonshine-ai/moonshine-js';
const ACTIVITY = '@ricky0123/vad-web';

/** Goes up whenever the same sound would be heard otherwise: what was heard before is then heard anew. */
const VERSION = '5';

/** What listens, without opening it: enough to know it again. */
export async function describeHearing(): Promise<Record<string, string>> {
  const [recogniser, activity, voice] = await Promise.all([
    findPackage(RECOGNISER, PURPOSE),
    findPackage(ACTIVITY, PURPOSE),
    fromEncoders(PURPOSE, async ({ networks }) => networks.voice),
  ]);
  return {
    words: `Moonshine tiny (${RECOGNISER} ${recogniser.version})`,
    voiceActivity: `Silero (${ACTIVITY} ${activity.version})`,
    voices: `${voice.origin} ${voice.version}`,
    rules: VERSION,
  };
}

/** Silero's network of voice activity, version 6. @throws InputError with what to install, as all below. */
export async function voiceActivityNetwork(): Promise<Uint8Array> {
  const { folder } = await findPackage(ACTIVITY, PURPOSE);
  return readFileSync(join(folder, 'dist', 'silero_vad_v6.onnx'));
}

/** Moonshine tiny's encoder and decoder, 8-bit. */
export async function recogniserNetworks(): Promise<{ encoder: Uint8Array; decoder: Uint8Array }> {
  const { folder } = await findPackage(RECOGNISER, PURPOSE);
  const read = (name: string) => readFileSync(join(folder, 'dist', 'model', 'tiny', 'quantized', name));
  return { encoder: read('encoder_model.onnx'), decoder: read('decoder_model_merged.onnx') };
}

/** Moonshine's tokens are those of Llama 1 and 2. */
export async function recogniserTokens(): Promise<{ decode(ids: number[]): string }> {
  return fromEncoders(PURPOSE, ({ loadTokenizer }) => loadTokenizer());
}

/** The network that tells voices apart. */
export async function voiceNetwork(): Promise<Uint8Array> {
  const { file } = await fromEncoders(PURPOSE, async ({ networks }) => networks.voice);
  return readFileSync(file);
}
