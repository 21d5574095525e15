import { findPackage } from '../packages.js';

/** The package whose codecs decode recordings, with its version; features depend on both. */
export interface CodecPackage {
  name: 'node-av';
  version: string;
}

/** @throws InputError with the line that installs it, where it is missing. */
export async function findDecoder(): Promise<CodecPackage> {
  const { version } = await findPackage('node-av', 'Reading sound and pictures of recordings');
  return { name: 'node-av', version };
}
