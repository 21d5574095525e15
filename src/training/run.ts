import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { diskError, isTemporary, writeFileAtomic } from '../base/files.js';
import { MODALITIES } from '../base/modalities.js';
import type { Standardisations } from '../corpus/index.js';
import { asFloat32, type NdArray, readSafetensors, writeSafetensors } from '../interchange/index.js';
import { CONFIG_KEYS, parseConfig, type TrainingConfig, trainingConfigSchema } from './config.js';

/** The files of a run directory. */
export const RUN_FILES = {
  config: 'config.json',
  model: 'model.safetensors',
  anchors: 'anchors.safetensors',
  standardise: 'standardise.safetensors',
  state: 'state.safetensors',
  metrics: 'metrics.jsonl',
  evaluation: 'evaluation.json',
} as const;

const FORMAT = 'vega-merc-run';
const VERSION = 1;

const modality = z.enum(MODALITIES);
const runConfigSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
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
    note: z.string().optional(),
  }),
  /** Dialogues set aside from train for validation, because the corpus has no validation split. */
  madeValidation: z.array(z.string()).optional(),
  shape: z.strictObject({
    classes: z.number().int(),
    speakers: z.number().int(),
    dims: z.partialRecord(modality, z.number().int()),
    anchorDim: z.number().int().optional(),
    prototypes: z.number().int().optional(),
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

export function runFile(directory: string, file: keyof typeof RUN_FILES): string {
  return join(directory, RUN_FILES[file]);
}

/** Is this a directory with a run in it? */
export function isRunDirectory(directory: string): boolean {
  return existsSync(runFile(directory, 'config'));
}

/** A path as config.json remembers it: relative to the run directory, or absolute where there is no way between. */
export function rememberPath(directory: string, path: string): string {
  const way = relative(resolve(directory), resolve(path));
  return isAbsolute(way) ? way : way.replaceAll('\\', '/');
}

/** The other way round. */
export function recallPath(directory: string, remembered: string): string {
  return resolve(directory, remembered);
}

/**
 * Refuses a directory that a run cannot be written to.
 * @param resume whether a run may be there already; temporary files that a killed run left are then removed.
 */
export function checkRunDirectory(directory: string, resume: boolean): void {
  if (!existsSync(directory)) return;
  let entries: string[];
  try {
    entries = readdirSync(directory);
  } catch (error) {
    throw diskError(directory, error);
  }
  if (!resume && entries.length > 0) {
    throw new InputError(
      isRunDirectory(directory)
        ? `${directory} already holds a run. Continue it with --resume, or give --out a new directory.`
        : `${directory} is not empty. Give --out a new directory, so that nothing gets mixed up.`,
    );
  }
  const leftovers = entries.filter(isTemporary);
  if (!isRunDirectory(directory) && entries.length > leftovers.length) {
    throw new InputError(`${directory} is not empty and holds no run (no ${RUN_FILES.config}) that could be resumed.`);
  }
  for (const name of leftovers) rmSync(join(directory, name), { force: true });
}

export function writeRunConfig(directory: string, run: RunDescription): void {
  const config: RunConfig = { format: FORMAT, version: VERSION, ...run };
  writeFileAtomic(runFile(directory, 'config'), `${JSON.stringify(config, null, 2)}\n`);
}

/** @throws InputError where the directory holds no run, or one that this program does not understand. */
export function readRunConfig(directory: string): RunConfig {
  const path = runFile(directory, 'config');
  if (!existsSync(path)) {
    throw new InputError(
      `${directory} is no run directory: it has no ${RUN_FILES.config}. "vega-merc train" makes one.`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new InputError(`${path} is not valid JSON: ${error.message}.`);
    throw diskError(path, error);
  }
  const { format, version, training } = (value ?? {}) as Record<string, unknown>;
  if (format !== FORMAT)
    throw new InputError(`${path} does not describe a run: its field "format" is not "${FORMAT}".`);
  if (version !== VERSION) {
    throw new InputError(
      `${path} has version ${JSON.stringify(version)} of the format, but this program reads version ${VERSION}.`,
    );
  }
  parseConfig(training, path);
  const result = runConfigSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new InputError(`${path}: ${issue.path.join('.') || 'the file'}: ${issue.message}.`);
}

/**
 * Refuses to resume a run with other settings, data or anchors than it was started with.
 * @param wanted as it would be written now; paths may differ, for hashes decide.
 */
export function checkSameRun(directory: string, stored: RunConfig, wanted: RunDescription): void {
  const refuse = (what: string, had: unknown, have: unknown) => {
    throw new InputError(
      `${directory} cannot be resumed: ${what} was ${JSON.stringify(had)} and is now ${JSON.stringify(have)}. ` +
        'Resume with what the run was started with, or start another with a new --out.',
    );
  };
  for (const key of CONFIG_KEYS) {
    const [had, have] = [valueAt(stored.training, key), valueAt(wanted.training, key)];
    if (JSON.stringify(had) !== JSON.stringify(have)) refuse(key, had, have);
  }
  if (stored.corpus.hash !== wanted.corpus.hash)
    refuse('the corpus (by its hash)', stored.corpus.hash, wanted.corpus.hash);
  if (stored.anchors?.hash !== wanted.anchors?.hash) {
    refuse('the anchors (by their hash)', stored.anchors?.hash ?? 'none', wanted.anchors?.hash ?? 'none');
  }
  if (stored.threads !== wanted.threads) refuse('threads', stored.threads, wanted.threads);
}

function valueAt(config: TrainingConfig, key: string): unknown {
  return key.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], config);
}

/** Writes `MODALITY.mean` and `MODALITY.deviation` [dim]; a run without standardisation has no such file. */
export function writeStandardisations(directory: string, standardise: Standardisations): void {
  const tensors = new Map<string, NdArray>();
  for (const name of MODALITIES) {
    const table = standardise[name];
    if (table === undefined) continue;
    const { mean, deviation } = table;
    tensors.set(`${name}.mean`, { shape: [mean.length], dtype: 'float32', data: mean });
    tensors.set(`${name}.deviation`, { shape: [deviation.length], dtype: 'float32', data: deviation });
  }
  writeSafetensors(runFile(directory, 'standardise'), tensors);
}

/** @throws InputError where a modality of the run has none. */
export function readStandardisations(directory: string, { shape }: RunConfig): Standardisations {
  const path = runFile(directory, 'standardise');
  const { tensors } = readSafetensors(path);
  const standardise: Standardisations = {};
  for (const name of MODALITIES) {
    if (shape.dims[name] === undefined) continue;
    const [mean, deviation] = ['mean', 'deviation'].map((what) => {
      const tensor = tensors.get(`${name}.${what}`);
      if (tensor?.shape.length === 1 && tensor.shape[0] === shape.dims[name]) return asFloat32(tensor);
      throw new InputError(
        `${path} has no tensor "${name}.${what}" of length ${shape.dims[name]}; the run is damaged.`,
      );
    });
    standardise[name] = { mean, deviation };
  }
  return standardise;
}
