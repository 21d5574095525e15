/** Where a run stands; with the parameters and moments, all that the rest of it depends on. */
export interface FitProgress {
  /** Epochs completed. */
  epoch: number;
  /** Training steps taken; random numbers are keyed by it. */
  step: number;
  /** Epoch with the best selection score so far; 0 = none yet. */
  bestEpoch: number;
  /** Weighted F1 of the fused class head on the selection split at that epoch, 0 … 1. */
  bestScore: number;
}

export const START: FitProgress = { epoch: 0, step: 0, bestEpoch: 0, bestScore: -1 };

/** Why no further epoch follows. */
export type EndReason = 'epochs' | 'patience';

/** Why no further epoch follows, or undefined where one does. */
export function stopReason(progress: FitProgress, config: { epochs: number; patience: number }): EndReason | undefined {
  if (progress.epoch >= config.epochs) return 'epochs';
  return progress.epoch - progress.bestEpoch >= config.patience ? 'patience' : undefined;
}
