import { z } from 'zod';

const rungSchema = z.object({
  /** To which each candidate is trained, at most. */
  epochs: z.number(),
  /** Best validation score so far of the head that selects the epoch, mean over seeds; null where a run failed. */
  scores: z.record(z.string(), z.number().nullable()),
});

/** What a search of one corpus came to. */
export const searchResultSchema = z.object({
  corpus: z.string(),
  method: z.enum(['grid', 'random', 'halving']),
  /** Of the draw, and of the runs. */
  seed: z.number(),
  seeds: z.array(z.number()),
  /** Settings by the candidate's name, as `key=value`. */
  candidates: z.record(z.string(), z.array(z.string())),
  rungs: z.array(rungSchema),
  /** The candidate with the best score on the last rung; absent while the search goes on, or where all failed. */
  chosen: z.string().optional(),
  /** The configuration that it became. */
  configuration: z.string().optional(),
  /** Epochs trained, those of losers included, and the seconds that they took, validation included. */
  spent: z.object({ epochs: z.number(), seconds: z.number() }),
  /** Epochs that all candidates would have been trained for at most. */
  all: z.number(),
});
export type SearchResult = z.infer<typeof searchResultSchema>;
