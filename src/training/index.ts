export { isControl } from './anchors.js';
export {
  type EpochReport,
  type FitData,
  type FitListener,
  fitModel,
  NotFiniteError,
  type SelectionScores,
} from './fit.js';
export { type LogEvent, readLog } from './log.js';
export { type Prepared, prepare } from './prepare.js';
export type { FitProgress } from './progress.js';
export { type TrainedRun, type TrainListener, type TrainOptions, train, trainUntil } from './train.js';
