/**
 * vega-merc: multimodal emotion recognition in conversations with VEGA. Here is what an application needs to use a
 * trained model; every other room is a sub-path of its own (`vega-merc/training`, `vega-merc/corpus`, …), so that nothing
 * is loaded that is not used. This file names files, not rooms: their `index.ts` would load what `open` loads when called.
 */

export { type ClassMatch, canonicalEmotion, matchClasses } from './base/emotions.js';
export * from './base/errors.js';
export { BRANCHES, type Branch, MODALITIES, type Modality } from './base/modalities.js';
export { conversationOf } from './prediction/corpus.js';
export type { Encoded, Encoders, RawInput, RowEncoder } from './prediction/encoders.js';
export { captions } from './prediction/formats/captions.js';
export { predictionsCsv } from './prediction/formats/csv.js';
export { type PredictionLine, predictionLine, type UtterancePlace } from './prediction/formats/line.js';
export type { NamedConversation } from './prediction/formats/lines.js';
export { type OpenOptions, open } from './prediction/node/open.js';
export {
  type Recording,
  type RecordingOptions,
  readRecording,
} from './prediction/node/recording.js';
export type { Predictor } from './prediction/predictor.js';
export type {
  ByClass,
  DecodedPicture,
  Evidence,
  FeatureRow,
  LiveConversation,
  Media,
  ModelCard,
  ModelInputs,
  NearExemplar,
  Opinion,
  Prediction,
  PredictOptions,
  Samples,
  SpokenFace,
  TrainedPrediction,
  Utterance,
  ZeroShotPrediction,
} from './prediction/types.js';
export { filesAt, filesOf, type RunFiles } from './run/files.js';
export { filesIn } from './run/filesIn.js';
