/** Corpora, and the feature files that become some, on a disk: Node only. */
import { readFileBytes, readText } from '../base/read.js';
import { type ImportOptions, inspectFeatures, parseFeatures } from './features.js';
import type { Corpus } from './types.js';

export { checkCorpusPlace, isCorpusDirectory, readCorpus, writeCorpus } from './directory.js';

/** `ImportOptions` with the paths of files in the place of their texts. */
export interface ImportFileOptions extends Omit<ImportOptions, 'splits' | 'texts'> {
  splits?: string;
  texts?: string;
}

/** `parseFeatures` of a pickle on the disk. @throws InputError */
export function importPickle(path: string, { splits, texts, ...rest }: ImportFileOptions = {}): Corpus {
  const named = (file: string | undefined) => (file === undefined ? undefined : { text: readText(file), source: file });
  return parseFeatures(readFileBytes(path), path, { ...rest, splits: named(splits), texts: named(texts) });
}

/** `inspectFeatures` of a pickle on the disk. @throws InputError */
export function inspectPickle(path: string): Corpus {
  return inspectFeatures(readFileBytes(path), path);
}
