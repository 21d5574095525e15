import { z } from 'zod';
import { MODALITIES } from '../base/modalities.js';
import { PROVIDERS } from '../graph/providers.js';
import { trainingConfigSchema } from '../run/index.js';

/** Has a matrix as many rows and columns as there are classes? */
export const isSquare = (matrix: readonly (readonly unknown[])[], classes: number): boolean =>
  matrix.length === classes && matrix.every((row) => row.length === classes);

const calibrationSchema = z.strictObject({
  /** Expected calibration error over 15 bins, 0 … 1. */
  ece: z.number(),
  /** Brier's score, summed over classes, 0 … 2. */
  brier: z.number(),
  /** Accuracy on the most confident 10, 20, … 100 % of the utterances, and its mean over all coverages. */
  coverage: z.array(z.strictObject({ coverage: z.number(), accuracy: z.number() })),
  coverageArea: z.number(),
  /** Reliability diagram; bins without utterances are left out. */
  bins: z.array(
    z.strictObject({
      lower: z.number(),
      upper: z.number(),
      count: z.number(),
      confidence: z.number(),
      accuracy: z.number(),
    }),
  ),
});
export type Calibration = z.infer<typeof calibrationSchema>;

const headScoresSchema = z
  .strictObject({
    accuracy: z.number(),
    weightedF1: z.number(),
    macroF1: z.number(),
    /** Unweighted average recall. */
    uar: z.number(),
    perClass: z.array(
      z.strictObject({
        class: z.string(),
        precision: z.number(),
        recall: z.number(),
        f1: z.number(),
        support: z.number(),
      }),
    ),
    /** [true class][predicted class], in the order of the classes. */
    confusion: z.array(z.array(z.number())),
    calibration: calibrationSchema,
  })
  .refine(({ perClass, confusion }) => isSquare(confusion, perClass.length), {
    path: ['confusion'],
    error: 'must have a row and a column for each class',
  });

const evaluationSchema = z.strictObject({
  split: z.enum(['train', 'valid', 'test']),
  corpus: z.strictObject({
    name: z.string(),
    hash: z.string(),
    synthetic: z.boolean().optional(),
    composed: z.boolean().optional(),
    note: z.string().optional(),
  }),
  /** How the model's epoch was chosen; absent where a checkpoint file does not tell. */
  selection: z.enum(['validation-selected', 'test-selected']).optional(),
  /** Labelled utterances of the split, and its dialogues. */
  utterances: z.number().int(),
  dialogues: z.number().int(),
  classHead: headScoresSchema,
  /** This and the mixtures only with anchors. */
  anchorHead: headScoresSchema.optional(),
  average: headScoresSchema.optional(),
  maximum: headScoresSchema.optional(),
  /** Of each modality's own heads, over the utterances that have it. */
  modalities: z.partialRecord(
    z.enum(MODALITIES),
    z.strictObject({ classHead: headScoresSchema.optional(), anchorHead: headScoresSchema.optional() }),
  ),
  /** The class head's share in the average mixture, and where it comes from. */
  gate: z.strictObject({ share: z.number(), origin: z.string() }).optional(),
});

export const machineSchema = z.strictObject({
  platform: z.string(),
  arch: z.string(),
  cpu: z.string(),
  cores: z.number().int(),
  memoryGb: z.number(),
  node: z.string(),
  onnxruntime: z.string(),
});
export type Machine = z.infer<typeof machineSchema>;

export const codeSchema = z.strictObject({
  /** Of the package. */
  version: z.string(),
  /** SHA-256 over its program files. */
  hash: z.string(),
});
export type Code = z.infer<typeof codeSchema>;

/** How a baseline was made. */
const baselineSchema = z.strictObject({
  /** The split that picked the strength of L2. */
  select: z.enum(['valid', 'test']),
  /** The others only of logistic regression: what it was given, */
  modalities: z.array(z.enum(MODALITIES)).min(1).optional(),
  classWeights: z.enum(['none', 'balanced']).optional(),
  /** the strength of L2 that was kept, and all that were tried with their scores on the selecting split. */
  l2: z.number().optional(),
  tried: z.array(z.strictObject({ l2: z.number(), weightedF1: z.number() })).optional(),
});

const anchorsSchema = z.strictObject({
  /** "visual", or a control: "random", "text", "learned". */
  kind: z.string(),
  /** The file, relative to the run directory where it can be; absent for a control. */
  path: z.string().optional(),
  hash: z.string(),
  /** Hash of the run's own copy, which lacks the classes that the corpus has not. */
  copy: z.string(),
  encoder: z.string().optional(),
  dim: z.number().int(),
});

/**
 * The run card, evaluation.json: the scores of a run's splits, and everything needed to make the run again. Its JSON
 * schema is published with the package as schema/evaluation.schema.json.
 */
export const runCardSchema = z
  .strictObject({
    format: z.literal('vega-merc-evaluation'),
    version: z.literal(2),
    /** "vega", or a baseline: "majority", "logistic regression". */
    model: z.string(),
    selection: z.enum(['validation-selected', 'test-selected']),
    preset: z.string().optional(),
    /** A VEGA run's whole configuration; a baseline has its own settings. */
    training: trainingConfigSchema.optional(),
    baseline: baselineSchema.optional(),
    seed: z.number().int(),
    /** Threads of one operator. */
    threads: z.number().int().min(1),
    /** Where it was trained and scored; absent: on the processor. */
    provider: z.enum(PROVIDERS).optional(),
    classes: z.array(z.string()).min(2),
    corpus: z.strictObject({
      name: z.string(),
      hash: z.string(),
      /** Directory, relative to the run's where it can be. */
      path: z.string().optional(),
    }),
    anchors: anchorsSchema.nullable(),
    /** SHA-256 of model.safetensors; null for a baseline. */
    weights: z.string().nullable(),
    code: codeSchema,
    machine: machineSchema,
    splits: z.partialRecord(z.enum(['train', 'valid', 'test']), evaluationSchema),
  })
  .refine(
    ({ classes, splits }) =>
      Object.values(splits).every((one) => headsOf(one).every((head) => head.perClass.length === classes.length)),
    {
      path: ['splits'],
      error: 'must have scores of every class',
    },
  );
export type RunCard = z.infer<typeof runCardSchema>;

/** The published JSON schema of run cards (draft 2020-12). */
export function runCardJsonSchema(): object {
  return {
    $id: 'https://vega-merc.invalid/schema/evaluation.schema.json',
    title: 'vega-merc run card (evaluation.json)',
    ...z.toJSONSchema(runCardSchema, { io: 'input' }),
  };
}

/** The scores of all heads of a split. */
function headsOf({ classHead, anchorHead, average, maximum, modalities }: z.infer<typeof evaluationSchema>) {
  const own = Object.values(modalities).flatMap((one) => [one.classHead, one.anchorHead]);
  return [classHead, anchorHead, average, maximum, ...own].filter((head) => head !== undefined);
}
