export { ACTIVATIONS, type Activation, PAPER_IEMOCAP, type VegaConfig, vegaConfigSchema } from './config.js';
export { released } from './names.js';
export type { Batch, LossTerms, ParameterStore, TrainStepOptions, Vega, VegaOutputs, VegaShape } from './types.js';
export { createVega, type VegaOptions } from './vega.js';
