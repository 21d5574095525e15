import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackage } from '../packages.js';
import { openNetwork } from '../session.js';
import type { SoundEncoder } from './encoder.js';
import { poolFrames } from './frameModel.js';

const PACKAGE = '@moonshine-ai/moonshine-js';

/** The package's folder and version. @throws InputError with the install line where it is missing. */
export function findSpeechEncoder() {
  return findPackage(PACKAGE, 'The speech encoder "speech"');
}

/**
 * Opens the encoder of Moonshine tiny (Jeffries et al., arXiv 2410.15608), a recogniser of English speech whose 8-bit
 * weights ship inside an npm package: 288 numbers for each 24 ms, of which mean and deviation are kept.
 */
export async function openSpeechEncoder(): Promise<SoundEncoder> {
  const { folder } = await findSpeechEncoder();
  const file = join(folder, 'dist', 'model', 'tiny', 'quantized', 'encoder_model.onnx');
  const session = await openNetwork(readFileSync(file));
  return poolFrames({ session, source: file, normalise: false });
}
