import { alignAnchors } from '../anchors/bank.js';
import type { AnchorBank } from '../anchors/types.js';
import { InputError } from '../base/errors.js';
import { MODALITIES, modalitiesIn } from '../base/modalities.js';
import { once } from '../base/once.js';
import { asFloat32 } from '../interchange/ndarray.js';
import { createLiveModel } from '../vega/live.js';
import { released } from '../vega/names.js';
import { initialParameters, parameterShapes } from '../vega/parameters.js';
import { createPredictionModel } from '../vega/predict.js';
import { anchorScaleOf } from '../vega/scale.js';
import {
  type Checkpoint,
  type CheckpointData,
  completeHeads,
  fits,
  inferModel,
  parseCheckpoint,
} from './checkpoint.js';
import { type OpenParts, ofSpeakers, speakersOf } from './open.js';
import { Predictor } from './predictor.js';

export interface CheckpointOptions {
  data: CheckpointData;
  /** Anchors for a checkpoint that has the anchor projections. */
  anchors?: AnchorBank;
  /** `key=value` for what a checkpoint does not tell, as `attentionHeads=8`. */
  set?: readonly string[];
}

/**
 * Opens a checkpoint as released (`.pth`, `.safetensors`).
 * @param source names the file in sentences, and by its ending the format.
 * @throws InputError where it is none, or classes or anchors do not fit it.
 */
export async function openCheckpoint(
  bytes: Uint8Array,
  source: string,
  { data, anchors, set = [] }: CheckpointOptions,
  { engine, encoders, evidence = true }: OpenParts,
): Promise<Predictor> {
  const checkpoint = parseCheckpoint(bytes, source);
  const aligned = anchors && alignAnchors(anchors, data.classes).bank;
  const { config, shape } = inferModel(checkpoint, data, aligned?.dim, set);
  const shapes = parameterShapes(config, shape);
  const missing = [...shapes.keys()].filter((name) => !checkpoint.has(name));
  for (const [name, sizes] of shapes) {
    const tensor = checkpoint.get(name);
    if (tensor !== undefined && !fits(tensor, sizes))
      throw new InputError(`${source}: tensor "${name}" is [${tensor.shape}], but the model needs [${sizes}].`);
  }
  const initial = initialParameters(config, shape, config.seed, missing);
  const value = (name: string) => {
    const tensor = checkpoint.get(name);
    return tensor === undefined ? initial.get(name) : asFloat32(tensor);
  };
  const bank = shape.anchorDim === undefined ? undefined : aligned;
  const weights = (name: string) => {
    const values = value(name);
    return values && ofSpeakers(name, values, shape);
  };
  const wide = { ...shape, partial: modalitiesIn(shape.dims) };
  return new Predictor({
    model: await createPredictionModel(config, wide, weights, engine, { evidence }),
    liveModel: once(() => createLiveModel(config, wide, weights, engine), 'The model'),
    packing: {
      inputs: Object.fromEntries(MODALITIES.flatMap((m) => (shape.dims[m] ? [[m, { dim: shape.dims[m] }]] : []))),
      speakers: speakersOf('known', shape, data.speakers ?? []),
    },
    description: {
      classes: data.classes,
      bank,
      gate: value(released.mixture)?.[0],
      anchorScale: anchorScaleOf(config, value),
    },
    anchors: bank?.centres ?? null,
    batchSize: config.batchSize,
    heads: { classHead: completeHeads(checkpoint, 'classHead'), anchorHead: completeHeads(checkpoint, 'anchorHead') },
    about: {
      finished: true,
      calibrated: false,
      context: config.context,
      speakers: 'known',
      notes: notesOf(source, data, checkpoint, [...shapes.keys()], missing, bank !== undefined),
    },
    encoders,
  });
}

/** What cannot be known from a checkpoint, or is not in it. */
function notesOf(
  source: string,
  data: CheckpointData,
  checkpoint: Checkpoint,
  names: readonly string[],
  missing: readonly string[],
  anchored: boolean,
): string[] {
  const some = (list: readonly string[]) => `${list.slice(0, 3).join(', ')}${list.length > 3 ? ', …' : ''}`;
  const notes = [
    `${source} names no classes: those of ${data.source} are taken, in their order; features are taken as they are.`,
  ];
  if (!anchored) notes.push('Without anchor projections and anchors only the class head is given.');
  // No output depends on temperatures and idle norms, and a head that is not whole is not shown.
  const needed = missing.filter((name) => !released.isIdle(name) && !released.isOfAnchorHead(name));
  if (needed.length > 0) {
    notes.push(
      `${needed.length} parameters are not in the file and have random initial values, so predictions are not those of a trained model: ${some(needed)}.`,
    );
  }
  const extra = [...checkpoint.keys()].filter((name) => !names.includes(name) && !released.isOfAnchorHead(name));
  if (extra.length > 0)
    notes.push(`${extra.length} tensors of the file are no parameters of the model and are not used: ${some(extra)}.`);
  return notes;
}
