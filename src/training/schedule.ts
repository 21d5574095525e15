/** What of a training configuration decides the learning rate. */
export interface Schedule {
  lr: number;
  /** Below 1 a fraction of all steps, from 1 a number of steps. */
  warmup: number;
  cosine: boolean;
}

/**
 * Learning rate of a step: linear from 0 to `lr` over the warm-up, then constant, or along half a cosine to 0 at
 * `totalSteps` (Loshchilov & Hutter, "SGDR", 2017, without restarts).
 * @param step from 1.
 */
export function learningRate(schedule: Schedule, step: number, totalSteps: number): number {
  const warmup = schedule.warmup < 1 ? Math.round(schedule.warmup * totalSteps) : Math.round(schedule.warmup);
  if (step <= warmup) return (schedule.lr * step) / warmup;
  if (!schedule.cosine) return schedule.lr;
  const progress = Math.min(1, (step - warmup - 1) / Math.max(1, totalSteps - warmup));
  return schedule.lr * 0.5 * (1 + Math.cos(Math.PI * progress));
}

/**
 * Weight of the anchor branch's loss: linear from 0 over the first `anchorWarmup` epochs, then 1.
 * @param step from 1; @param stepsAnEpoch how many steps an epoch has.
 */
export function anchorWeight(config: { anchorWarmup: number }, step: number, stepsAnEpoch: number): number {
  const steps = config.anchorWarmup * stepsAnEpoch;
  return steps === 0 ? 1 : Math.min(1, step / steps);
}
