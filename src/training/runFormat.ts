import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { check, parseJson } from '../base/json.js';
import { MODALITIES } from '../base/modalities.js';
import { SPLITS, type Standardisations } from '../corpus/index.js';
import { asFloat32, type NdArray, parseSafetensors } from '../interchange/index.js';
import { parseConfig, trainingConfigSchema } from './config.js';

/** The files of a run. */
export const RUN_FILES = {
  config: 'config.json',
  model: 'model.safetensors',
  anchors: 'anchors.safetensors',
  standardise: 'standardise.safetensors',
  state: 'state.safetensors',
  metrics: 'metrics.jsonl',
  evaluation: 'evaluation.json',
} as const;

export const RUN_FORMAT = 'vega-merc-run';
export const RUN_VERSION = 1;

/** Numbers a feature row or an anchor may have: beyond, a file only wants memory. */
const MOST_DIMENSIONS = 65_536;

const modality = z.enum(MODALITIES);
const dimension = z.number().int().min(1).max(MOST_DIMENSIONS);
const runConfigSchema = z.strictObject({
  format: z.literal(RUN_FORMAT),
  version: z.literal(RUN_VERSION),
  preset: z.string(),
  training: trainingConfigSchema,
  /** How the kept epoch was chosen; every output repeats it. */
  selection: z.enum(['validation-selected', 'test-selected']),
  corpus: z.strictObject({
    name: z.string(),
    /** Relative to the run directory, where it can be. */
    path: z.string(),
    hash: z.string(),
    classes: z.array(z.string()).min(2),
    speakers: z.array(z.string()).min(1),
    synthetic: z.boolean().optional(),
    composed: z.boolean().optional(),
    note: z.string().optional(),
  }),
  /** Dialogues set aside from train for validation, because the corpus has no validation split. */
  madeValidation: z.array(z.string()).optional(),
  /** Dialogues of every split, because the corpus has none. */
  madeSplits: z.partialRecord(z.enum(SPLITS), z.array(z.string())).optional(),
  shape: z.strictObject({
    classes: z.number().int().min(2),
    speakers: z.number().int().min(1).max(1_000_000),
    dims: z.partialRecord(modality, dimension),
    anchorDim: dimension.optional(),
    prototypes: z.number().int().min(1).max(100).optional(),
    anchorDraw: z.enum(['batch', 'dialogue', 'utterance']).optional(),
    learnedAnchors: z.boolean().optional(),
    partial: z.array(modality).optional(),
  }),
  /** [C], as used. */
  classWeights: z.array(z.number()),
  anchors: z
    .strictObject({
      /** The file, relative to the run directory where it can be, or the control: random, text, learned. */
      path: z.string(),
      hash: z.string(),
      dim: z.number().int(),
      encoder: z.string().optional(),
      /** For each class of the corpus the anchors' name for it. */
      matched: z.array(z.strictObject({ wanted: z.string(), anchor: z.string() })),
      unused: z.array(z.string()),
      /** What the mixture of class head and anchor head is worth. */
      gate: z.string(),
    })
    .nullable(),
  /** Threads of one operator: another number may round otherwise. */
  threads: z.number().int().min(1),
});
/** config.json of a run directory: everything that decided the run. Never changes once written. */
export type RunConfig = z.infer<typeof runConfigSchema>;

/** A run's config.json without the fields that are always the same. */
export type RunDescription = Omit<RunConfig, 'format' | 'version'>;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Reads a run's config.json.
 * @param source what error sentences call the bytes, usually a path
 * @throws InputError where they describe no run, or one that this program does not understand.
 */
export function parseRunConfig(bytes: Uint8Array, source: string): RunConfig {
  const value = parseJson(z.unknown(), utf8.decode(bytes), source);
  const { format, version, training } = (value ?? {}) as Record<string, unknown>;
  if (format !== RUN_FORMAT)
    throw new InputError(`${source} does not describe a run: its field "format" is not "${RUN_FORMAT}".`);
  if (version !== RUN_VERSION) {
    throw new InputError(
      `${source} has version ${JSON.stringify(version)} of the format, but this program reads version ${RUN_VERSION}.`,
    );
  }
  parseConfig(training, source);
  const run = check(runConfigSchema, value, source);
  if (run.shape.classes !== run.corpus.classes.length) {
    throw new InputError(
      `${source}: the field "shape.classes" is ${run.shape.classes}, but the corpus has ${run.corpus.classes.length} classes.`,
    );
  }
  return run;
}

/** The tensors of a run's standardise.safetensors: `MODALITY.mean` and `MODALITY.deviation` [dim]. */
export function standardisationTensors(standardise: Standardisations): Map<string, NdArray> {
  const tensors = new Map<string, NdArray>();
  for (const name of MODALITIES) {
    const table = standardise[name];
    if (table === undefined) continue;
    const { mean, deviation } = table;
    tensors.set(`${name}.mean`, { shape: [mean.length], dtype: 'float32', data: mean });
    tensors.set(`${name}.deviation`, { shape: [deviation.length], dtype: 'float32', data: deviation });
  }
  return tensors;
}

/** The other way round. @throws InputError where a modality of the run has none. */
export function parseStandardisations(
  bytes: Uint8Array,
  { shape }: Pick<RunConfig, 'shape'>,
  source: string,
): Standardisations {
  const { tensors } = parseSafetensors(bytes, source);
  const standardise: Standardisations = {};
  for (const name of MODALITIES) {
    if (shape.dims[name] === undefined) continue;
    const [mean, deviation] = ['mean', 'deviation'].map((what) => {
      const tensor = tensors.get(`${name}.${what}`);
      if (tensor?.shape.length === 1 && tensor.shape[0] === shape.dims[name]) return asFloat32(tensor);
      throw new InputError(
        `${source} has no tensor "${name}.${what}" of length ${shape.dims[name]}; the run is damaged.`,
      );
    });
    standardise[name] = { mean, deviation };
  }
  return standardise;
}
