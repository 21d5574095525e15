/**
 * vega-merc: multimodal emotion recognition in conversations with VEGA. Here is what an application needs to use a
 * trained model; every other room is a sub-path of its own (`vega-merc/training`, `vega-merc/corpus`, …), so that nothing
 * is loaded that is not used.
 */

export { type ClassMatch, canonicalEmotion, matchClasses } from './base/emotions.js';
export * from './base/errors.js';
export { BRANCHES, type Branch, MODALITIES, type Modality } from './base/modalities.js';
export {
  type ByClass,
  captions,
  conversationOf,
  type DecodedPicture,
  type Encoded,
  type Encoders,
  type Evidence,
  type FeatureRow,
  type LiveConversation,
  type Media,
  type ModelCard,
  type ModelInputs,
  type NearExemplar,
  type Opinion,
  type Prediction,
  type PredictionLine,
  type PredictOptions,
  type Predictor,
  predictionLine,
  predictionsCsv,
  type RawInput,
  type RowEncoder,
  type Samples,
  type TrainedPrediction,
  type Utterance,
  type UtterancePlace,
  type ZeroShotPrediction,
} from './prediction/index.js';
export { type OpenOptions, open } from './prediction/node/open.js';
export {
  type NamedConversation,
  type Recording,
  type RecordingOptions,
  readRecording,
} from './prediction/node/recording.js';
export { filesAt, filesIn, filesOf, type RunFiles } from './run/index.js';
