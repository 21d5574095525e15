export { isControl } from './anchors.js';
export {
  CONFIG_KEYS,
  DEFAULT_PRESET,
  PRESETS,
  type Preset,
  parseConfig,
  presetConfig,
  type TrainingConfig,
  trainingConfigSchema,
  withOverrides,
} from './config.js';
export {
  type EpochReport,
  type FitData,
  type FitListener,
  fitModel,
  NotFiniteError,
  type SelectionScores,
} from './fit.js';
export { type LogEvent, readLog } from './log.js';
export { averageMixture, fitGate, maximumMixture, sigmoid, softmaxRows } from './mixture.js';
export { GATE } from './model.js';
export type { AnchorTargets } from './outputs.js';
export { collectOutputs, type OutputOptions, type Outputs } from './outputs.js';
export { type Prepared, prepare, targetsOf } from './prepare.js';
export type { FitProgress } from './progress.js';
export {
  isRunDirectory,
  readRunConfig,
  readStandardisations,
  recallPath,
  rememberPath,
  runFile,
} from './run.js';
export { parseRunConfig, parseStandardisations, RUN_FILES, type RunConfig } from './runFormat.js';
export { type TrainedRun, type TrainListener, type TrainOptions, train } from './train.js';
export { viewOf } from './view.js';
