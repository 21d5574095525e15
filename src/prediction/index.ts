/** Conversations in, emotions and evidence out. Nothing here knows Node; `node/` does. */
export type { CheckpointData } from './checkpoint.js';
export { type CorpusFit, conversationOf, dialoguesOf, fitCorpus } from './corpus.js';
export type { Encoded, Encoders, RawInput, RowEncoder } from './encoders.js';
export { type NearestExemplars, nearestExemplars } from './exemplars.js';
export { cosinesToCentres, distributionOfCosines } from './faces.js';
export { captions } from './formats/captions.js';
export { predictionsCsv } from './formats/csv.js';
export { type PredictionLine, predictionLine, type UtterancePlace } from './formats/line.js';
export { HEADS, type Head, headDistributions } from './heads.js';
export { aboutRun, type OpenedRun, type OpenParts, openRun, speakersOf } from './open.js';
export { type Conversations, Predictor, type PredictorParts } from './predictor.js';
export type * from './types.js';
