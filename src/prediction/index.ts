export { type AdaptedCorpus, adaptCorpus } from './adapt.js';
export { type OpenedModel, type OpenOptions, openPredictor } from './open.js';
export {
  type ByClass,
  type Distributions,
  distributions,
  Predictor,
  type PredictorParts,
  type UtterancePrediction,
} from './predictor.js';
export {
  dialoguesOf,
  type OpenedSource,
  openSource,
  type PredictionLine,
  predictCorpus,
  type SourceOptions,
} from './source.js';
