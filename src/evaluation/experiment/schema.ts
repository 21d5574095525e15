import { z } from 'zod';
import { MODALITIES } from '../../base/modalities.js';
import { HEADS } from '../../prediction/index.js';
import { codeSchema, isSquare, machineSchema } from '../card.js';
import { searchResultSchema } from './search/result.js';
import { type ExperimentResults, SCORE_NAMES } from './types.js';

/** A number; JSON writes the NaN of something that could not be measured as null. */
const score = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);

const interval = z.object({ lower: score, upper: score });

const overSeeds = z.object({
  mean: score,
  sd: z.number().nullable(),
  values: z.array(score),
  interval: interval.optional(),
});

const comparison = z.object({
  reference: z.string(),
  difference: score,
  interval,
  pValue: score,
  pHolm: score,
  mcnemar: z.array(z.object({ seed: z.int(), onlyThis: z.number(), onlyReference: z.number(), pValue: score })),
});

const row = z.object({
  corpus: z.string(),
  configuration: z.string(),
  description: z.string().optional(),
  group: z.string().optional(),
  settings: z.array(z.string()),
  anchors: z.string(),
  modalities: z.array(z.enum(MODALITIES)),
  seeds: z.array(z.int()),
  runs: z.array(
    z.object({
      seed: z.int(),
      directory: z.string(),
      bestEpoch: z.number().optional(),
      epochs: z.number().optional(),
      selectionScore: score.optional(),
      seconds: z.number().optional(),
    }),
  ),
  failed: z.array(z.object({ seed: z.int(), reason: z.string() })),
  utterances: z.int(),
  dialogues: z.int(),
  scores: z.partialRecord(z.enum(HEADS), z.partialRecord(z.enum(SCORE_NAMES), overSeeds)),
  perClass: z.array(
    z.object({ class: z.string(), support: z.number(), f1: overSeeds, precision: score, recall: score }),
  ),
  confusion: z.array(z.array(z.number())),
  comparison: comparison.optional(),
});

const size = z.object({ dialogues: z.int(), utterances: z.int() });

const corpus = z.object({
  name: z.string(),
  title: z.string(),
  path: z.string(),
  hash: z.string(),
  classes: z.array(z.string()).min(2),
  labels: z.record(z.string(), z.string()).optional(),
  dropped: z.array(z.string()).optional(),
  train: z.object({ dialogues: z.number(), seed: z.number() }).optional(),
  synthetic: z.boolean(),
  composed: z.boolean().optional(),
  note: z.string().optional(),
  splits: z.partialRecord(z.enum(['train', 'valid', 'test']), size),
});

/** results.json of an experiment's directory. Fields that this program does not know are left out. */
export const experimentResultsSchema: z.ZodType<ExperimentResults> = z
  .object({
    format: z.literal('vega-merc-experiment'),
    version: z.literal(1),
    name: z.string(),
    description: z.string().optional(),
    selection: z.enum(['validation-selected', 'test-selected']),
    split: z.enum(['valid', 'test']),
    corpora: z.array(corpus),
    rows: z.array(row),
    drops: z.array(
      z.object({
        corpus: z.string(),
        configuration: z.string(),
        modality: z.enum(MODALITIES),
        share: z.number(),
        weightedF1: overSeeds,
      }),
    ),
    searches: z.array(searchResultSchema).optional(),
    notes: z.array(z.string()),
    ledger: z.object({ looks: z.int().min(0), head: z.string() }).optional(),
    resampling: z.object({ seed: z.int(), resamples: z.int() }),
    code: codeSchema,
    machine: machineSchema,
    finished: z.boolean(),
  })
  .superRefine(({ corpora, rows }, context) => {
    for (const [r, row] of rows.entries()) {
      const refuse = (field: string, message: string) =>
        context.addIssue({ code: 'custom', path: ['rows', r, field], message, input: row });
      const classes = corpora.find(({ name }) => name === row.corpus)?.classes.length;
      if (classes === undefined) refuse('corpus', 'must be one of the corpora');
      else if (row.perClass.length > classes)
        refuse('perClass', `must have at most the ${classes} classes of its corpus`);
      else if (row.confusion.length > 0 && !isSquare(row.confusion, row.confusion.length))
        refuse('confusion', 'must have as many rows as columns');
      else if (row.confusion.length > classes) refuse('confusion', `must have at most ${classes} rows, one a class`);
    }
  });
