import { runFile } from '../run/index.js';
import type { Vega } from '../vega/types.js';
import { writeState } from './checkpoint.js';
import { writeModel } from './model.js';
import type { ParameterValues } from './parameters.js';
import type { FitProgress } from './progress.js';

/**
 * Decides after which epochs a state is written: after every one, unless writing would take more than a tenth of the
 * time. What a run ends with does not depend on it; a killed run repeats the epochs since the last state.
 */
export class CheckpointPacer {
  private readonly now: () => number;
  private cost = 0;
  private since: number;

  /** @param now clock in seconds. */
  constructor(now: () => number = () => performance.now() / 1000) {
    this.now = now;
    this.since = now();
  }

  due(): boolean {
    return this.now() - this.since >= 9 * this.cost;
  }

  /** Runs `write` and remembers what it cost. */
  async write(write: () => void | Promise<void>): Promise<void> {
    const start = this.now();
    await write();
    this.since = this.now();
    this.cost = this.since - start;
  }
}

/** Writes the states and models of a run. */
export class Saver {
  private readonly pacer = new CheckpointPacer();
  private readonly directory: string;
  private readonly vega: Pick<Vega, 'parameters' | 'readBack'>;
  private readonly best: ParameterValues;
  private progress: FitProgress;
  private savedEpoch: number;
  private savedBest = 0;

  /** @param best kept up to date by the fit; @param progress what the state on disk holds. */
  constructor(
    directory: string,
    vega: Pick<Vega, 'parameters' | 'readBack'>,
    best: ParameterValues,
    progress: FitProgress,
  ) {
    this.directory = directory;
    this.vega = vega;
    this.best = best;
    this.progress = progress;
    this.savedEpoch = progress.epoch;
  }

  /** Takes note of a completed epoch, and writes state and best model where that is due. */
  async afterEpoch({ epoch, step, bestEpoch, bestScore }: FitProgress): Promise<void> {
    this.progress = { epoch, step, bestEpoch, bestScore };
    if (!this.pacer.due()) return;
    await this.pacer.write(async () => {
      await this.saveState();
      this.saveModel();
    });
  }

  /** Writes the state after the last completed epoch; the store must hold that epoch's parameters. */
  async saveState(): Promise<void> {
    if (this.progress.epoch === this.savedEpoch) return;
    await this.vega.readBack();
    writeState(runFile(this.directory, 'state'), this.vega.parameters, this.progress, this.best);
    this.savedEpoch = this.progress.epoch;
  }

  /** Writes the best parameters so far, without a fitted gate. @returns their epoch, 0 = there are none yet. */
  saveModel(): number {
    const { bestEpoch } = this.progress;
    if (bestEpoch !== this.savedBest) {
      writeModel(runFile(this.directory, 'model'), this.vega.parameters, this.best);
      this.savedBest = bestEpoch;
    }
    return bestEpoch;
  }
}
