export { ACTIVATIONS, type Activation, PAPER_IEMOCAP, type VegaConfig, vegaConfigSchema } from './config.js';
export { released } from './names.js';
export { joinOutputs } from './outputs.js';
export type {
  AnchorTargets,
  Batch,
  LossTerms,
  ParameterStore,
  TrainStepOptions,
  Vega,
  VegaOutputs,
  VegaShape,
} from './types.js';
export { createVega, type VegaOptions } from './vega.js';
