import type { ReliabilityBin } from '../../src/metrics/index.js';

/** The expected calibration error less what chance adds to it, 0 … 1. */
export function correctedCalibrationError(bins: ReliabilityBin[]): number;
