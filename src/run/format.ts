import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { check, parseJson } from '../base/json.js';
import { MODALITIES } from '../base/modalities.js';
import { encoderPartSchema } from '../corpus/encoderPart.js';
import { SPLITS } from '../corpus/splits.js';
import { PROVIDERS } from '../graph/providers.js';
import type { VegaShape } from '../vega/types.js';
import { parseConfig, trainingConfigSchema } from './settings.js';

/** The files of a run directory. */
export const RUN_FILES = {
  config: 'config.json',
  model: 'model.safetensors',
  anchors: 'anchors.safetensors',
  /** How anchors were moved before they were compared, so that others can be; absent where they were not. */
  anchorSpace: 'anchor-space.safetensors',
  standardise: 'standardise.safetensors',
  state: 'state.safetensors',
  metrics: 'metrics.jsonl',
  evaluation: 'evaluation.json',
} as const;

export const RUN_FORMAT = 'vega-merc-run';
/** Version that this program writes. It reads version 1 too, which does not say what made its corpus's features. */
export const RUN_VERSION = 2;

const modality = z.enum(MODALITIES);
/** Numbers that a feature row or an anchor may have: beyond, a file only wants memory. */
const dimension = z.number().int().min(1).max(65_536);

const inputSchema = z.strictObject({
  /** Numbers a row. */
  dim: z.number().int().min(1),
  /** What made the corpus's features, for people; absent where the corpus did not say. */
  encoder: z.string().optional(),
  /** The same for programs: packages, versions and settings, enough to make such features again. */
  parts: z.array(encoderPartSchema).optional(),
});
/** What a model takes of one modality. */
export type RunInput = z.infer<typeof inputSchema>;

const programSchema = z.strictObject({
  /** Versions of this package, of Node and of onnxruntime. */
  version: z.string(),
  node: z.string(),
  onnxruntime: z.string(),
});

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
  /** What the model takes, a modality each. */
  inputs: z.partialRecord(modality, inputSchema),
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
  /** Where it was trained; absent: on the processor. */
  provider: z.enum(PROVIDERS).optional(),
  /** What trained it; null in runs of version 1, which do not say. */
  program: programSchema.nullable(),
});
/** config.json of a run directory: everything that decided the run. Never changes once written. */
export type RunConfig = z.infer<typeof runConfigSchema>;

/** A run's config.json without the fields that are always the same. */
export type RunDescription = Omit<RunConfig, 'format' | 'version'>;

/**
 * A run's config.json. One of version 1 is read as one that does not say which encoders and program made it.
 * @param source what error sentences call it.
 * @throws InputError where it is none that this program understands.
 */
export function parseRunConfig(bytes: Uint8Array, source: string): RunConfig {
  const value = parseJson(z.unknown(), utf8.decode(bytes), source);
  const { format, version, training } = (value ?? {}) as Record<string, unknown>;
  if (format !== RUN_FORMAT)
    throw new InputError(`${source} does not describe a run: its field "format" is not "${RUN_FORMAT}".`);
  if (version !== 1 && version !== RUN_VERSION) {
    throw new InputError(
      `${source} has version ${JSON.stringify(version)} of the format, but this program reads versions 1 and ${RUN_VERSION}.`,
    );
  }
  const settings = { ...(value as object), training: parseConfig(training, source) };
  const run = check(runConfigSchema, version === 1 ? ofVersion1(settings) : settings, source);
  if (run.shape.classes !== run.corpus.classes.length) {
    throw new InputError(
      `${source}: the field "shape.classes" is ${run.shape.classes}, but the corpus has ${run.corpus.classes.length} classes.`,
    );
  }
  return run;
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function ofVersion1(config: object): object {
  const { dims } = ((config as { shape?: unknown }).shape ?? {}) as Partial<VegaShape>;
  const inputs = Object.fromEntries(Object.entries(dims ?? {}).map(([name, dim]) => [name, { dim }]));
  return { ...config, version: RUN_VERSION, inputs, program: null };
}

/** How far confidence can be believed: fitted after training, kept in the metadata of model.safetensors. */
const calibrationSchema = z.strictObject({
  /** Logits of the class head are divided by it (Guo et al., 2017). */
  temperature: z.number().positive(),
  /** The split that it was fitted on, and how many labelled utterances that has. */
  split: z.enum(['valid', 'test']),
  utterances: z.number().int().min(1),
  /**
   * Temperatures of utterances that have just these modalities in a conversation that had just those ("text", "text of
   * text,visual", …: see `presenceKey`): a model is not equally sure of itself whatever it is given. Only where that split
   * has enough of them, and of more than one kind.
   */
  temperatures: z.record(z.string(), z.number().positive()).optional(),
  /** Of each modality the distance from training (see `distanceOf`) that 49 of 50 different rows of that split stay within. */
  familiar: z.partialRecord(modality, z.number().min(0)).optional(),
});
export type RunCalibration = z.infer<typeof calibrationSchema>;

/** What the metadata of model.safetensors say beside its tensors. */
export interface ModelState {
  /** False while training goes on: the best epoch may change, and gate and temperature are not fitted yet. */
  finished: boolean;
  /** Absent in runs that were trained before it was fitted. */
  calibration?: RunCalibration;
}

/** @param metadata of model.safetensors. @throws InputError where its calibration is none. */
export function parseModelState(metadata: Readonly<Record<string, string>>, source: string): ModelState {
  const finished = metadata.training === 'finished';
  if (metadata.calibration === undefined) return { finished };
  const where = `${source}, its metadata field "calibration"`;
  return { finished, calibration: parseJson(calibrationSchema, metadata.calibration, where) };
}
