import type { Provider } from '../../graph/providers.js';
import { performRun } from './perform.js';
import type { PlannedRun } from './plan.js';

/** A run for a worker of the pool. */
export interface RunTask {
  /** The experiment's directory. */
  directory: string;
  run: PlannedRun;
  /** Of one operator. */
  threads: number;
  provider?: Provider;
}

/** How far a run is. */
export interface RunNote {
  epoch: number;
  /** At most. */
  epochs: number;
}

/** The module of an experiment's workers: trains and scores one run. */
export async function perform({ directory, run, ...how }: RunTask, tell: (note: RunNote) => void): Promise<void> {
  await performRun(directory, run, how, (epoch, epochs) => tell({ epoch, epochs }));
}
