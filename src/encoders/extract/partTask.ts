import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/files.js';
import { type ExtractionPart, type ExtractOptions, extractPart } from './extract.js';

/** A job of the kind "extract-part". */
export interface PartTask extends ExtractionPart {
  options: Omit<ExtractOptions, 'onListen' | 'onProgress' | 'signal'>;
  /** Of what decides the features. */
  input: string;
}

const DONE = 'done';

/** Whether a part was encoded; a mark, since what cannot be read leaves no feature. */
export const isDone = ({ folder, input }: PartTask): boolean =>
  existsSync(join(folder, `${DONE}-${input.slice(0, 16)}`));

export async function perform({ options, input, ...part }: PartTask): Promise<void> {
  await extractPart(options, part);
  writeFileAtomic(join(part.folder, `${DONE}-${input.slice(0, 16)}`), '');
}
