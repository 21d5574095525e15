export { ACTIVATIONS, type Activation, PAPER_IEMOCAP, type VegaConfig, vegaConfigSchema } from './config.js';
export { released } from './names.js';
export { initialParameters, parameterShapes } from './parameters.js';
export { createPredictionModel, type PredictionOptions } from './predict.js';
export type {
  Batch,
  Evidence,
  LossTerms,
  ParameterStore,
  PredictionModel,
  TrainStepOptions,
  Vega,
  VegaOutputs,
  VegaShape,
} from './types.js';
export { createVega } from './vega.js';
