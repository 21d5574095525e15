export { epochBatches, type PackedBatch, type PackOptions, packBatch } from './batches.js';
export { type CorpusParts, countLabels, countUtterances, createCorpus, splitDialogues } from './corpus.js';
export { isCorpusDirectory, readCorpus, writeCorpus } from './directory.js';
export { type ImportOptions, importPickle, inspectPickle, TEXT_LAYERS, type TextLayers } from './import.js';
export { relabel } from './relabel.js';
export { sampleCorpus } from './sample.js';
export { makeValidationSplit, SPLITS } from './splits.js';
export { type Standardisation, type Standardisations, standardisations } from './standardise.js';
export type { Corpus, Dialogue, FeatureTable, SplitName, Utterance } from './types.js';
