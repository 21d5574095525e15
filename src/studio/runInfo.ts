/** How far a training is, as its directory tells. */
export interface RunInfo {
  id: string;
  name: string;
  kind: 'run' | 'experiment';
  state: 'running' | 'done' | 'stopped' | 'waiting';
  /** Epochs so far, and at most; of an experiment runs that are done, and all. */
  done: number;
  all: number;
  best?: { epoch: number; score: number };
  /** Seconds that are left at most, while it runs. */
  left?: number;
  /** Milliseconds since 1970 at which something was last written. */
  changed: number;
}
