import { type Branch, modalitiesIn } from '../base/modalities.js';
import {
  type CompiledGraph,
  compileGraph,
  type Engine,
  type Fed,
  type ParameterBlock,
  type Tensor,
  type Weight,
} from '../graph/index.js';
import { createBuilder, type WeightKind } from './builder.js';
import { checkBatch, checkConfig, checkPredictionSize } from './check.js';
import type { VegaConfig } from './config.js';
import { evidenceOf } from './evidence.js';
import { anchorValues, Feeds, layOut } from './feeds.js';
import { type Forward, forward } from './forward.js';
import { parameterBlocks } from './parameters.js';
import { PositionCode } from './position.js';
import type { Batch, PredictionModel, VegaOutputs, VegaShape } from './types.js';

export interface PredictionOptions {
  /** Give the evidence beside every prediction; it costs a few per cent of the time. */
  evidence?: boolean;
}

/**
 * A model for prediction alone: its weights lie in the engine's session, packed once; there are no gradients or moments.
 * @param weights the values of each parameter by released names (see `parameterShapes`), or where they lie in a file for
 * an engine that maps files; read while this runs, and not kept afterwards. @param engine what runs it, as `nodeEngine()`.
 * @throws InputError where config and shape do not fit each other; Error where a parameter is missing.
 */
export async function createPredictionModel(
  config: VegaConfig,
  shape: VegaShape,
  weights: (name: string) => Weight | undefined,
  engine: Engine,
  options: PredictionOptions = {},
): Promise<PredictionModel> {
  checkConfig(config, shape);
  const value = weightValues(parameterBlocks(config, shape), weights);
  const graph = await predictionGraph(config, shape, 'compiled', engine, { ...options, weight: value });
  let disposed = false;
  return {
    shape,
    async predict(batch, anchors) {
      if (disposed) throw new Error('The model was disposed of.');
      return graph.predict(batch, anchors);
    },
    dispose() {
      disposed = true;
      return graph.dispose();
    },
  };
}

/** Refuses values of a size that the model does not have. @param weights of each parameter by released names. */
export function weightValues(
  blocks: ReadonlyMap<string, ParameterBlock>,
  weights: (name: string) => Weight | undefined,
): (name: string) => Weight {
  const sizes = new Map([...blocks.values()].flatMap(({ parts }) => parts.map((p) => [p.name, p.shape])));
  return (name) => {
    const values = weights(name);
    const size = (sizes.get(name) as number[]).reduce((a, b) => a * b, 1);
    if (values?.length === size) return values;
    throw new Error(`Parameter "${name}" has ${values?.length ?? 'no'} values; the model needs ${size}.`);
  };
}

/** A compiled prediction graph. */
export interface PredictionGraph {
  /** @param parameters values of the weights, where they are fed. */
  predict(
    batch: Batch,
    anchors: Float32Array | null,
    parameters?: (block: string) => Fed | undefined,
  ): Promise<VegaOutputs>;
  dispose(): Promise<void>;
}

/** @param options.weight values of the weights, where they are compiled in. */
export async function predictionGraph(
  config: VegaConfig,
  shape: VegaShape,
  kind: Exclude<WeightKind, 'trained'>,
  engine: Engine,
  { evidence = false, weight }: PredictionOptions & { weight?: (name: string) => Weight } = {},
): Promise<PredictionGraph> {
  const blocks = parameterBlocks(config, shape);
  const builder = createBuilder(config, shape, blocks, kind);
  const outputs = outputsOf(forward(builder), evidence);
  const compiled: CompiledGraph = await compileGraph(engine, builder.graph, outputs, weight);
  const feeds = new Feeds(config, shape, new PositionCode(config.hidden));
  return {
    async predict(batch, anchors, parameters = () => undefined) {
      checkBatch(batch, shape);
      const layout = layOut(batch);
      checkPredictionSize(layout, config);
      const given = anchorValues(anchors, shape);
      const results = await compiled.run(
        Object.fromEntries(
          compiled.inputs.map((name) => [name, given[name] ?? parameters(name) ?? feeds.value(name, layout)]),
        ),
      );
      const floats = (name: string) => results[name].data as Float32Array;
      const take = (prefix: string) =>
        Object.fromEntries(branches(shape).map((branch) => [branch, floats(`${prefix}.${branch}`)]));
      return {
        logits: take('logits'),
        ...(shape.anchorDim === undefined ? {} : { anchorLogits: take('anchorLogits'), anchored: floats('anchored') }),
        fused: floats('fused'),
        ...(evidence && {
          evidence: evidenceOf(layout, builder.modalities, floats('shares'), (m) => floats(`attention.${m}`)),
        }),
      };
    },
    dispose: () => compiled.dispose(),
  };
}

export const branches = (shape: VegaShape): Branch[] => [...modalitiesIn(shape.dims), 'fused'];

/** What a prediction graph computes, by name. */
export function outputsOf(model: Forward, evidence: boolean): Map<string, Tensor> {
  const outputs = new Map([['fused', model.fused]]);
  if (model.anchored) outputs.set('anchored', model.anchored);
  for (const [branch, z] of model.logits) outputs.set(`logits.${branch}`, z);
  for (const [branch, z] of model.anchorLogits) outputs.set(`anchorLogits.${branch}`, z);
  if (evidence) {
    outputs.set('shares', model.shares);
    for (const [modality, weights] of model.attention) outputs.set(`attention.${modality}`, weights);
  }
  return outputs;
}
