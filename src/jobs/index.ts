export { type Attempt, attemptReader, readAttempts, recordAttempt } from './attempts.js';
export { followJobs, type JobView, type LookedAt, lookAtJobs } from './follow.js';
export type { Job, JobModule, JobModules } from './job.js';
export { type Performed, performShare } from './perform.js';
export { JOBS, jobOf, readJobs, writeJobs } from './plan.js';
export { createPool, type Outcome, type Pool, type PoolOptions, type TaskListener } from './pool.js';
export { type AtWork, type JobState, type Progress, progressOf } from './progress.js';
export {
  type Call,
  endedBySlurm,
  refuseSubmitted,
  type SlurmOptions,
  type Submission,
  submit,
  tally,
} from './slurm.js';
export { type NodeUse, nodeOf, type Span, type Timeline, timelineOf } from './timeline.js';
export type { TaskModule } from './worker.js';
