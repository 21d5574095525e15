import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { readAnchors } from '../anchors/files.js';
import { type AnchorBank, alignAnchors } from '../anchors/index.js';
import { InputError } from '../base/errors.js';
import { MODALITIES } from '../base/modalities.js';
import type { Corpus } from '../corpus/index.js';
import { nodeEngine } from '../graph/node.js';
import { readSafetensors } from '../interchange/files.js';
import { asFloat32 } from '../interchange/index.js';
import {
  type AnchorTargets,
  GATE,
  isRunDirectory,
  type RunConfig,
  readRunConfig,
  readStandardisations,
  runFile,
  targetsOf,
  viewOf,
} from '../training/index.js';
import {
  createPredictionModel,
  initialParameters,
  parameterShapes,
  type VegaConfig,
  type VegaShape,
} from '../vega/index.js';
import { adaptCorpus } from './adapt.js';
import { type Checkpoint, completeHeads, fits, inferModel, readCheckpoint } from './checkpoint.js';
import { Predictor } from './predictor.js';

export interface OpenOptions {
  /** What the model is to read. Without it, a run's model takes any dialogue, whichever modalities it lacks. */
  corpus?: Corpus;
  /** Anchors for a checkpoint file that has the anchor projections; a run has its own. */
  anchors?: AnchorBank;
  /** `key=value` for what a checkpoint file does not tell, as `heads=8`; a run tells everything. */
  set?: readonly string[];
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
  /** Where the graph runs, as onnxruntime names it; default "cpu". */
  provider?: string;
}

/** A model ready to predict, and what a reader must be told of it. */
export interface OpenedModel {
  predictor: Predictor;
  /** The given corpus, made to fit the model: what `predictor.predict` takes. */
  corpus?: Corpus;
  /** Corpus classes that the model does not know; their labels count as unlabelled in `corpus`. */
  unknownClasses: string[];
  /** config.json of a run; undefined for a checkpoint file. */
  run?: RunConfig;
  /** False for a run whose training has not ended: its best epoch may change, and its gate is not fitted yet. */
  finished: boolean;
  notes: string[];
}

/**
 * Opens a run directory, or a checkpoint file as released (`.pth`, `.safetensors`).
 * @throws InputError where there is neither, or the corpus or the anchors do not fit.
 */
export async function openPredictor(path: string, options: OpenOptions = {}): Promise<OpenedModel> {
  if (isRunDirectory(path)) return openRun(path, options);
  if (existsSync(path) && statSync(path).isFile()) return openCheckpoint(path, options);
  throw new InputError(
    existsSync(path)
      ? `${path} is no run directory: it has no config.json. "vega-merc train" makes one.`
      : `${path}: there is no such run directory or checkpoint file.`,
  );
}

async function openRun(
  directory: string,
  { corpus, anchors, set, threads, provider }: OpenOptions,
): Promise<OpenedModel> {
  if (anchors !== undefined || set?.length) {
    throw new InputError(
      `${directory} is a run, which has its own anchors and settings; give these with checkpoint files only.`,
    );
  }
  const run = readRunConfig(directory);
  const path = runFile(directory, 'model');
  if (!existsSync(path)) {
    throw new InputError(
      `${directory} has no model.safetensors yet: its first epoch was not completed. Continue it with --resume.`,
    );
  }
  const adapted = corpus && adaptCorpus(viewOf(corpus, run.training), run.shape, run.corpus.classes);
  const shape = withPartial(run.shape, adapted?.partial ?? MODALITIES.filter((m) => run.shape.dims[m] !== undefined));
  const { tensors, metadata } = readSafetensors(path);
  const { values, missing } = load(run.training, shape, run.training.seed, tensors, path);
  if (missing.length > 0) throw new InputError(`${path} has no tensor "${missing[0]}"; the run is damaged.`);
  const targets = run.anchors && runTargets(directory, run, run.anchors.dim);
  const engine = nodeEngine({ threads: threads ?? availableParallelism(), provider });
  const vega = await createPredictionModel(run.training, shape, (name) => values.get(name), engine);
  const predictor = new Predictor({
    vega,
    classes: run.corpus.classes,
    anchors: targets,
    ...(run.training.standardise && { standardise: readStandardisations(directory, run) }),
    gate: values.get(GATE)?.[0],
    anchorScale: run.training.anchorScale,
    batchSize: run.training.batchSize,
  });
  const finished = metadata.training === 'finished';
  const notes = adapted?.notes ?? [];
  if (!finished)
    notes.push(`Training of ${directory} has not ended: its best epoch so far is used, without a fitted gate.`);
  return {
    predictor,
    corpus: adapted?.corpus,
    unknownClasses: adapted?.unknownClasses ?? [],
    run,
    finished,
    notes,
  };
}

async function openCheckpoint(
  path: string,
  { corpus, anchors, set = [], threads, provider }: OpenOptions,
): Promise<OpenedModel> {
  if (corpus === undefined) throw new InputError(`${path} is a checkpoint file, which needs a corpus to be read with.`);
  const checkpoint = readCheckpoint(path);
  const aligned = anchors && alignAnchors(anchors, corpus.classes).bank;
  const { config, shape } = inferModel(checkpoint, corpus, aligned?.dim, set);
  const adapted = adaptCorpus(corpus, shape, corpus.classes);
  const fitted = withPartial(shape, adapted.partial);
  const { values, missing } = load(config, fitted, config.seed, checkpoint, path);
  const engine = nodeEngine({ threads: threads ?? availableParallelism(), provider });
  const vega = await createPredictionModel(config, fitted, (name) => values.get(name), engine);
  const heads = {
    classHead: completeHeads(checkpoint, 'classHead'),
    anchorHead: completeHeads(checkpoint, 'anchorHead'),
  };
  const predictor = new Predictor({
    vega,
    classes: corpus.classes,
    anchors: shape.anchorDim === undefined || aligned === undefined ? null : aligned.centres,
    gate: values.get(GATE)?.[0],
    anchorScale: config.anchorScale,
    batchSize: config.batchSize,
    heads,
  });
  const notes = [...adapted.notes, ...checkpointNotes(path, checkpoint, [...values.keys()], missing, predictor)];
  return { predictor, corpus: adapted.corpus, unknownClasses: [], finished: true, notes };
}

/** What a run's anchor branch compares with: its own copy of the anchors, or what it learned. */
function runTargets(directory: string, run: RunConfig, dim: number): AnchorTargets {
  if (run.shape.learnedAnchors) return 'learned';
  const { bank } = alignAnchors(readAnchors(runFile(directory, 'anchors')), run.corpus.classes, dim);
  return targetsOf(bank, run.training);
}

function withPartial(shape: VegaShape, partial: VegaShape['partial'] = []): VegaShape {
  const { partial: _, ...rest } = shape;
  return partial.length > 0 ? { ...rest, partial } : rest;
}

/**
 * A model's parameters as a checkpoint has them.
 * @returns values of all, and the names of those that the checkpoint lacks, which have their initial values.
 * @throws InputError where a tensor has another size.
 */
function load(
  config: VegaConfig,
  shape: VegaShape,
  seed: number,
  checkpoint: Checkpoint,
  path: string,
): { values: Map<string, Float32Array>; missing: string[] } {
  const shapes = parameterShapes(config, shape);
  const missing = [...shapes.keys()].filter((name) => !checkpoint.has(name));
  const values = initialParameters(config, shape, seed, missing);
  for (const [name, sizes] of shapes) {
    const tensor = checkpoint.get(name);
    if (tensor === undefined) continue;
    if (!fits(tensor, sizes)) {
      throw new InputError(`${path}: tensor "${name}" is [${tensor.shape}], but the model needs [${sizes}].`);
    }
    values.set(name, asFloat32(tensor));
  }
  return { values, missing };
}

/** What cannot be known from a checkpoint, or is not in it. */
function checkpointNotes(
  path: string,
  checkpoint: Checkpoint,
  names: readonly string[],
  missing: readonly string[],
  predictor: Predictor,
): string[] {
  const some = (list: readonly string[]) => `${list.slice(0, 3).join(', ')}${list.length > 3 ? ', …' : ''}`;
  const notes = [
    `${path} names no classes: those of the corpus are taken, in its order; features are taken as they are.`,
  ];
  if (predictor.gate === undefined) {
    notes.push('Without anchor projections and anchors only the class head is given.');
  }
  // No output depends on temperatures and idle norms, and a head that is not whole is not shown.
  const needed = missing.filter(
    (name) => !/_temp$|_clip_proj\.|transformer_inter\.0\.layer_norm|^prob_gate_logit$/.test(name),
  );
  if (needed.length > 0) {
    notes.push(
      `${needed.length} parameters are not in the file and have random initial values, so predictions are not those of a trained model: ${some(needed)}.`,
    );
  }
  const extra = [...checkpoint.keys()].filter((name) => !names.includes(name) && !/_clip_proj\./.test(name));
  if (extra.length > 0)
    notes.push(`${extra.length} tensors of the file are no parameters of the model and are not used: ${some(extra)}.`);
  return notes;
}
