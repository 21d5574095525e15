export { ACTIVATIONS, type Activation, PAPER_IEMOCAP, type VegaConfig, vegaConfigSchema } from './config.js';
export { createLiveModel, type LiveDialogue, type LiveModel } from './live.js';
export { released } from './names.js';
export { joinOutputs } from './outputs.js';
export { initialParameters, parameterShapes } from './parameters.js';
export { createPredictionModel, type PredictionOptions } from './predict.js';
export { anchorScaleOf } from './scale.js';
export type {
  AnchorTargets,
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
