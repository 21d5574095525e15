import type { Provider } from '../../graph/providers.js';
import { isFinished, performRun } from './perform.js';
import type { PlannedRun } from './plan.js';

/** A run for a worker of the pool. */
export interface RunTask {
  /** The experiment's directory. */
  directory: string;
  run: PlannedRun;
  /** Of one operator. */
  threads: number;
  provider?: Provider;
  /** How long to wait for another process that is at it, in milliseconds. */
  wait?: number;
}

/** How far a run is. */
export interface RunNote {
  epoch: number;
  /** At most. */
  epochs: number;
}

/** Of jobs of the kind "train-run": whether the run has all its scores. */
export const isDone = ({ directory, run }: RunTask): boolean => isFinished(directory, run);

/** The module of an experiment's workers: trains and scores one run. */
export async function perform({ directory, run, ...how }: RunTask, tell: (note: RunNote) => void): Promise<void> {
  await performRun(directory, run, how, (epoch, epochs) => tell({ epoch, epochs }));
}
