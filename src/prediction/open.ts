import { alignAnchors } from '../anchors/bank.js';
import { targetsOf } from '../anchors/prototypes.js';
import { parseAnchorFile } from '../anchors/safetensors.js';
import type { AnchorBank } from '../anchors/types.js';
import { InputError } from '../base/errors.js';
import { modalitiesIn } from '../base/modalities.js';
import { once } from '../base/once.js';
import type { Standardisations } from '../corpus/standardise.js';
import type { Weight } from '../graph/compile.js';
import type { Engine } from '../graph/engine.js';
import { asFloat32 } from '../interchange/ndarray.js';
import { type LocatedTensor, parseSafetensors, type SafetensorsFile } from '../interchange/safetensors.js';
import type { RunFiles } from '../run/files.js';
import {
  type ModelState,
  parseModelState,
  parseRunConfig,
  RUN_FILES,
  type RunConfig,
  type RunDescription,
} from '../run/format.js';
import type { TrainingConfig } from '../run/settings.js';
import { standardisationsIn } from '../run/standardise.js';
import { createLiveModel, type LiveModel } from '../vega/live.js';
import { released } from '../vega/names.js';
import { parameterShapes } from '../vega/parameters.js';
import { createPredictionModel } from '../vega/predict.js';
import { anchorScaleOf } from '../vega/scale.js';
import type { AnchorTargets, VegaShape } from '../vega/types.js';
import { fits } from './checkpoint.js';
import type { Encoders } from './encoders.js';
import { type FaceSource, facesFor, zeroShotCard } from './faces.js';
import { Predictor } from './predictor.js';
import { type SpeakerRule, withMeanSpeaker } from './speakers.js';
import type { ModelCard } from './types.js';

/** What every way of opening a model needs. */
export interface OpenParts {
  /** What computes. */
  engine: Engine;
  /** What makes rows of raw media; without it, only rows are taken. */
  encoders?: Encoders;
  /** Faces that give the classes to answer among; default: the classes that the model was trained on. */
  faces?: FaceSource;
  signal?: AbortSignal;
  /** Compute what predictions rest on (default); where only scores are wanted, it would be dropped. */
  evidence?: boolean;
  /**
   * Gives the tensors of model.safetensors without reading them, for an engine that maps files; asked once for each model
   * that is compiled. Undefined where they must be read after all.
   */
  locate?: () => Promise<LocatedModel | undefined>;
}

/** The tensors of model.safetensors, in a file or in memory. */
export interface LocatedModel {
  metadata: Record<string, string>;
  tensors: ReadonlyMap<string, LocatedTensor>;
  /** Frees what holds them, when the model has been compiled. */
  release?(): void;
}

/** A run that was opened, and what its config.json says. */
export interface OpenedRun {
  predictor: Predictor;
  run: RunConfig;
}

/** What a run's files hold of its model. */
export interface RunParts {
  run: RunConfig;
  state: ModelState;
  standardise?: Standardisations;
  /** Anchors in the order of the classes; absent where the model has none of a file. */
  bank?: AnchorBank;
  /** What the anchor branch compares with. */
  anchors: AnchorTargets;
  speakers: SpeakerRule;
  /** Logit of the class head's share in the average mixture. */
  gate?: number;
  /** Factor on cosines to anchors. */
  anchorScale: number;
  /** The model's parameters by released names. */
  weights: (name: string) => Weight | undefined;
  /** Frees what holds them; nothing may be asked of `weights` afterwards. */
  release(): void;
}

/**
 * Reads a run's model from its named bytes: config.json, model.safetensors, and where the run has them
 * standardise.safetensors and anchors.safetensors. Its corpus is not needed.
 * @throws InputError where a file is missing or damaged.
 */
export async function readRun(
  files: RunFiles,
  { signal, locate }: Pick<OpenParts, 'signal' | 'locate'> = {},
): Promise<RunParts> {
  const take = async (file: keyof typeof RUN_FILES) => {
    signal?.throwIfAborted();
    return files(RUN_FILES[file]);
  };
  const run = parseRunConfig(await take('config'), RUN_FILES.config);
  const model = (await locate?.()) ?? inMemory(parseSafetensors(await take('model'), RUN_FILES.model));
  try {
    return { ...(await readBeside(model, run, take, signal)), release: () => model.release?.() };
  } catch (error) {
    model.release?.();
    throw error;
  }
}

/** What belongs to a run's model. @param take reads one of its files. */
async function readBeside(
  model: LocatedModel,
  run: RunConfig,
  take: (file: keyof typeof RUN_FILES) => Promise<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Omit<RunParts, 'release'>> {
  const { training, shape, corpus } = run;
  const state = parseModelState(model.metadata, RUN_FILES.model);
  const standardise = training.standardise
    ? standardisationsIn(
        parseSafetensors(await take('standardise'), RUN_FILES.standardise).tensors,
        run,
        RUN_FILES.standardise,
      )
    : undefined;
  const bank =
    run.anchors && !shape.learnedAnchors ? bankOf(await take('anchors'), corpus.classes, run.anchors.dim) : undefined;
  const weights = weightsOf(model.tensors, training, shape);
  const gate = model.tensors.get(released.mixture);
  signal?.throwIfAborted();
  return {
    run,
    state,
    standardise,
    bank,
    anchors: shape.learnedAnchors ? 'learned' : bank === undefined ? null : targetsOf(bank, training),
    speakers: speakersOf(training.speakers, shape, corpus.speakers),
    gate: gate?.read()[0],
    anchorScale: anchorScaleOf(training, (name) => model.tensors.get(name)?.read()),
    weights,
  };
}

/**
 * Opens a run's model from its named bytes: those of `readRun` and, for faces, anchor-space.safetensors.
 * @throws InputError where a file is missing or damaged, or the faces do not fit the model.
 */
export async function openRun(files: RunFiles, parts: OpenParts): Promise<OpenedRun> {
  const { engine, encoders, faces, evidence = true } = parts;
  const { run, state, standardise, bank, anchors, speakers, gate, anchorScale, weights, release } = await readRun(
    files,
    parts,
  );
  const { training, corpus } = run;
  const shape = { ...run.shape, partial: modalitiesIn(run.shape.dims) };
  const opened = (async () => {
    const given = faces && (await facesFor(run, faces, () => files(RUN_FILES.anchorSpace)));
    return { given, model: await createPredictionModel(training, shape, weights, engine, { evidence }) };
  })();
  const { given, model } = await opened.finally(release);
  const card = aboutRun(run, state);
  const predictor = new Predictor({
    model,
    // The weights are read again, so that they need not be kept for what may never be asked for.
    liveModel: once(async () => createLive(await readRun(files, { locate: parts.locate }), shape, engine), 'The model'),
    packing: { inputs: run.inputs, standardise, speakers },
    description: {
      classes: given?.bank.classes ?? corpus.classes,
      bank: given?.bank ?? bank,
      zeroShot: given !== undefined,
      gate,
      calibration: state.calibration,
      anchorScale,
    },
    anchors,
    batchSize: training.batchSize,
    about: given ? zeroShotCard(card, corpus.classes, given) : card,
    encoders,
  });
  return { predictor, run };
}

/** @param shape as the model is used. */
async function createLive({ run, weights, release }: RunParts, shape: VegaShape, engine: Engine): Promise<LiveModel> {
  return createLiveModel(run.training, shape, weights, engine).finally(release);
}

function bankOf(bytes: Uint8Array, classes: readonly string[], dim: number): AnchorBank {
  return alignAnchors(parseAnchorFile(bytes, RUN_FILES.anchors), classes, dim).bank;
}

export function speakersOf(kind: SpeakerRule['kind'], { speakers }: VegaShape, names: readonly string[]): SpeakerRule {
  return { kind, count: speakers, ...(kind === 'known' && { names }) };
}

function inMemory({ metadata, tensors }: SafetensorsFile): LocatedModel {
  const located = [...tensors].map(([name, tensor]): [string, LocatedTensor] => [
    name,
    { shape: tensor.shape, read: () => asFloat32(tensor) },
  ]);
  return { metadata, tensors: new Map(located) };
}

/**
 * A model's parameters out of a file's tensors.
 * @throws InputError where one is missing or has another size.
 */
function weightsOf(
  tensors: ReadonlyMap<string, LocatedTensor>,
  config: TrainingConfig,
  shape: VegaShape,
): (name: string) => Weight | undefined {
  for (const [name, sizes] of parameterShapes(config, shape)) {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new InputError(`${RUN_FILES.model} has no tensor "${name}"; the run is damaged.`);
    if (!fits(tensor, sizes)) {
      throw new InputError(
        `${RUN_FILES.model}: tensor "${name}" is [${tensor.shape}], but the model needs [${sizes}]; the run is damaged.`,
      );
    }
  }
  return (name) => {
    const tensor = tensors.get(name);
    if (tensor?.range && name !== released.speaker) return tensor.range;
    return tensor && ofSpeakers(name, tensor.read(), shape);
  };
}

/** The speaker embedding gets a row for people of whom nothing is known; all else stays as it is. */
export function ofSpeakers(name: string, values: Float32Array, { speakers }: VegaShape): Float32Array {
  if (name !== released.speaker) return values;
  const embedding = values.slice();
  withMeanSpeaker(embedding, speakers);
  return embedding;
}

/** What a reader must know of a run's model. */
export function aboutRun(run: RunDescription, { finished, calibration }: ModelState): ModelCard {
  const { training, corpus, selection, program } = run;
  const notes = [
    ...(finished ? [] : ['Training has not ended: the best epoch so far is used, without a fitted gate.']),
    ...(program === null
      ? ['The run was written by an earlier version, which did not say what made the features that it was trained on.']
      : []),
    ...(corpus.composed
      ? [
          'It was trained on a composed corpus: words, voices and faces of different people that show the same emotion. How well it understands one person with all three is not known.',
        ]
      : []),
    ...(finished && !calibration ? ['The run has no calibration: confidence is the probability as it is.'] : []),
  ];
  return {
    corpus: { name: corpus.name, synthetic: corpus.synthetic ?? false, ...(corpus.note && { note: corpus.note }) },
    selection,
    finished,
    calibrated: calibration !== undefined,
    context: training.context,
    speakers: training.speakers,
    notes,
  };
}
