/** The format of a run: what training writes, and prediction reads, as named bytes. */
export { anchorSpaceIn, anchorSpaceTensors } from './anchorSpace.js';
export {
  checkRunDirectory,
  checkSameRun,
  isRunDirectory,
  readRunConfig,
  recallPath,
  rememberPath,
  runFile,
  writeRunConfig,
  writeStandardisations,
} from './directory.js';
export { filesAt, filesOf, type RunFiles } from './files.js';
export { filesIn } from './filesIn.js';
export {
  type ModelState,
  parseModelState,
  parseRunConfig,
  RUN_FILES,
  type RunCalibration,
  type RunConfig,
  type RunDescription,
  type RunInput,
} from './format.js';
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
  withPresentNames,
} from './settings.js';
export { standardisationsIn } from './standardise.js';
