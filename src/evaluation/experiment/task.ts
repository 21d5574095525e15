import type { Provider } from '../../graph/providers.js';
import { isFinished, performRun, performRung, rungOf } from './perform.js';
import type { PlannedRun } from './plan.js';

/** A run for a worker of the pool. */
export interface RunTask {
  /** The experiment's directory. */
  directory: string;
  run: PlannedRun;
  /** Of one operator. */
  threads: number;
  provider?: Provider;
  /** Of a search: only train to this epoch, and keep the state. */
  until?: number;
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
export const isDone = ({ directory, run, until }: RunTask): boolean =>
  until === undefined ? isFinished(directory, run) : rungOf(directory, run, until).reached;

/** The module of an experiment's workers: trains and scores one run. */
export async function perform(
  { directory, run, until, ...how }: RunTask,
  tell: (note: RunNote) => void,
): Promise<void> {
  const onEpoch = (epoch: number, epochs: number) => tell({ epoch, epochs });
  if (until === undefined) await performRun(directory, run, how, onEpoch);
  else await performRung(directory, run, until, how, onEpoch);
}
