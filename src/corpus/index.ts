/** Corpora in memory and from bytes; `files.js` beside it reads and writes them on a disk. */
export { epochBatches, type PackOptions, packBatch } from './batches.js';
export { type ComposeOptions, composeCorpus } from './compose.js';
export { type CorpusParts, countLabels, countUtterances, createCorpus, splitDialogues } from './corpus.js';
export { encoderName, type MadeBy, sameEncoder } from './encoder.js';
export type { EncoderPart } from './encoderPart.js';
export { type ImportOptions, inspectFeatures, parseFeatures, TEXT_LAYERS, type TextLayers } from './features.js';
export { type FewerDialogues, withFewerDialogues } from './fewer.js';
export { corpusKind } from './kind.js';
export { mergeCorpora } from './merge.js';
export { type CorpusFiles, parseCorpus } from './parse.js';
export { relabel } from './relabel.js';
export { sampleCorpus } from './sample.js';
export { type MadeSplits, makeSplits, makeValidationSplit, SPLITS, splitsOf } from './splits.js';
export { distanceOf, putRow, type Standardisation, type Standardisations, standardisations } from './standardise.js';
export type { Corpus, CorpusView, Dialogue, FeatureTable, SplitName, Utterance } from './types.js';
