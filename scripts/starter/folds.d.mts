import type { RunCalibration } from '../../src/run/index.js';

/** Which model holds an actor out. */
export function foldOf(speaker: string, count: number): number;
/** A corpus of voices whose training actors of one fold validate instead. */
export function holdOut(from: string, to: string, fold: number, count: number): void;
/** The calibration of several models together, and how well one fitted on the others holds. */
export function calibrateByFolds(
  folds: { run: string; corpus: string }[],
): Promise<{ calibration: RunCalibration; crossValidated: CrossValidated }>;

export interface CrossValidated {
  utterances: number;
  accuracy: number;
  ece: number;
  actors: Record<string, { accuracy: number; confidence: number }>;
}
