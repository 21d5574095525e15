import { type SummaryOf, summarise } from './summary.js';
import type { ExperimentResults } from './types.js';

/** The module of the process that computes an experiment's tables: many resamples, which would hold up everything else. */
export async function perform(what: SummaryOf): Promise<ExperimentResults> {
  return summarise(what);
}
