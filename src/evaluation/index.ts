export { HEADS, type Head } from '../prediction/index.js';
export { BASELINES, type BaselineKind, type BaselineSettings } from './baselines/fit.js';
export { type BaselineOptions, runBaseline } from './baselines.js';
export { type Code, type Machine, type RunCard, runCardJsonSchema, runCardSchema } from './card.js';
export { type Drop, dropPresence, evaluateDrops } from './drop.js';
export {
  type EvaluatedModel,
  type EvaluateOptions,
  evaluate,
  evaluateModel,
  type TrainedAndEvaluated,
  trainAndEvaluate,
} from './evaluate.js';
export { type AblationOptions, ablationExperiment } from './experiment/ablations.js';
export { type ExperimentOptions, runExperiment } from './experiment/experiment.js';
export { experimentOf, type LedgerEntry, readLedger } from './experiment/ledger.js';
export { isExperimentDirectory, openExperiment } from './experiment/open.js';
export { anchorsOf, modalitiesOf, RESAMPLING_SEED, scoresOfRuns } from './experiment/row.js';
export type { SearchResult } from './experiment/search/result.js';
export { checkExperiment, type ExperimentInput, type ExperimentSpec, readExperimentFile } from './experiment/spec.js';
export { type ExperimentStatus, experimentStatus, type RunStatus } from './experiment/status.js';
export { type ExperimentTimeline, experimentTimeline } from './experiment/timeline.js';
export type {
  DropRow,
  ExperimentCorpus,
  ExperimentResults,
  OpenedExperiment,
  ResultRow,
  RowComparison,
  RowRun,
  ScoreName,
  ScoreOverSeeds,
} from './experiment/types.js';
export { SCORE_NAMES } from './experiment/types.js';
export {
  type HeadOutputs,
  headProbabilities,
  readOutputs,
  type SplitOutputs,
} from './outputs.js';
export { type Evaluations, readCard, readEvaluations } from './record.js';
export type { Evaluation, HeadScores } from './scoring.js';
export { PROBABILITY_TOLERANCE, type Verification, type VerifiedSplit, verifyRun } from './verify.js';
export { type AcrossOptions, type AcrossResults, evaluateByFaces } from './zeroShot/across.js';
export type { LeftOutScores, TargetResult, ZeroShotResults } from './zeroShot/types.js';
export { runZeroShot, type ZeroShotOptions } from './zeroShot/zeroShot.js';
