import { type CompiledGraph, compileGraph, type Engine, gradients, MaskSource, type Values } from '../graph/index.js';
import { type Builder, createBuilder } from './builder.js';
import { checkBatch, checkConfig, checkParameterMemory, checkTrainingSize } from './check.js';
import type { VegaConfig } from './config.js';
import { anchorValues, Feeds, type Layout, layOut } from './feeds.js';
import { forward } from './forward.js';
import { losses } from './losses.js';
import { once } from './once.js';
import { createParameters } from './parameters.js';
import { PositionCode } from './position.js';
import { predictionGraph } from './predict.js';
import type { Batch, LossTerms, TrainStepOptions, Vega, VegaOutputs, VegaShape } from './types.js';

/**
 * Builds a model for training: its parameters now, the graph for training and the one for prediction when first used.
 * To use a trained model, `createPredictionModel` needs a quarter of the memory and is faster.
 * @param config hyper-parameters; @param shape what the data decides; @param engine what runs it, as `nodeEngine()`.
 * @param options.seed of the initial parameters.
 */
export function createVega(
  config: VegaConfig,
  shape: VegaShape,
  engine: Engine,
  { seed = 1 }: { seed?: number } = {},
): Vega {
  checkConfig(config, shape);
  checkParameterMemory(config, shape);
  const { memory, store } = createParameters(config, shape, seed);
  const feeds = new Feeds(config, shape, new PositionCode(config.hidden));
  const masks = new MaskSource();
  const blocks = new Map(memory.blocks.map((b) => [b.name, b.shape]));
  const training = once(
    () =>
      trainingGraph(createBuilder(config, shape, new Map(memory.blocks.map((b) => [b.name, b])), 'trained'), engine),
    'The model',
  );
  let stepping = false;
  const prediction = once(() => predictionGraph(config, shape, 'fed', engine), 'The model');

  const parameterValues = (name: string): Values | undefined => {
    const dims = blocks.get(name);
    return dims && { data: memory.view('value', name), dims };
  };

  /** This step's dropout masks, by graph input. */
  function dropoutMasks(builder: Builder, layout: Layout, seed: number, step: number): Record<string, Values> {
    const sites = builder.dropoutSites.map((site) => ({ site, dims: feeds.siteDims(site, layout) }));
    const requests = sites.map(({ site, dims }, i) => ({
      site: i,
      probability: site.probability,
      size: dims.reduce((a, b) => a * b, 1),
    }));
    const made = masks.generate(seed, step, requests);
    return Object.fromEntries(
      sites.map(({ site, dims }, i) => {
        if (site.attention) feeds.clearIdleRows(made[i], layout, config.attentionHeads, site.attention);
        return [site.input, { data: made[i], dims }];
      }),
    );
  }

  async function stepOnce(batch: Batch, anchors: Float32Array | null, step: TrainStepOptions): Promise<LossTerms> {
    const { compiled, builder, termNames, trained } = await training.get();
    const layout = layOut(batch);
    checkTrainingSize(layout, builder.dropoutSites, config);
    const given: Record<string, Values> = {
      ...dropoutMasks(builder, layout, step.seed, step.step),
      ...anchorValues(anchors, shape, { dialogue: layout.b, utterance: layout.n }),
      anchorWeight: { data: Float32Array.of(step.anchorWeight ?? 1), dims: [] },
    };
    const fed = compiled.inputs.map((name) => [
      name,
      given[name] ?? parameterValues(name) ?? feeds.value(name, layout, step.classWeights),
    ]);
    const into: [string, Values][] = [
      ...trained.map((name): [string, Values] => [
        gradientName(name),
        { data: memory.view('gradient', name), dims: memory.shape(name) },
      ]),
      ...termNames.map((name): [string, Values] => [name, { data: new Float32Array(1), dims: [] }]),
    ];
    const results = await compiled.run(Object.fromEntries(fed), Object.fromEntries(into));
    const terms = Object.fromEntries(termNames.map((name) => [name, (results[name].data as Float32Array)[0]]));
    if (!Object.values(terms).every(Number.isFinite)) return terms;
    const norm = memory.gradientNorm();
    if (!Number.isFinite(norm)) return { ...terms, gradient: norm };
    memory.adamw({
      learningRate: step.learningRate,
      weightDecay: step.weightDecay,
      step: step.step,
      scale: step.clipNorm && norm > step.clipNorm ? step.clipNorm / (norm + 1e-6) : 1,
    });
    return terms;
  }

  return {
    shape,
    parameters: store,

    async trainStep(batch: Batch, anchors: Float32Array | null, step: TrainStepOptions): Promise<LossTerms> {
      checkBatch(batch, shape);
      if (!batch.labels) throw new Error('A training batch needs labels.');
      // Masks and gradients lie in memory that both steps would use.
      if (stepping) throw new Error('A training step was begun before the one before it had ended.');
      stepping = true;
      try {
        return await stepOnce(batch, anchors, step);
      } finally {
        stepping = false;
      }
    },

    async predict(batch: Batch, anchors: Float32Array | null): Promise<VegaOutputs> {
      return (await prediction.get()).predict(batch, anchors, parameterValues);
    },

    async dispose(): Promise<void> {
      await Promise.all([training.dispose(), prediction.dispose()]);
    },
  };
}

interface TrainingGraph {
  compiled: CompiledGraph;
  builder: Builder;
  termNames: string[];
  /** Parameter blocks that have a gradient. */
  trained: string[];
  dispose(): Promise<void>;
}

const gradientName = (block: string) => `gradient.${block}`;

async function trainingGraph(builder: Builder, engine: Engine): Promise<TrainingGraph> {
  const { terms, total } = losses(builder, forward(builder));
  terms.set('total', total);
  const weights = builder.graph.inputs.filter((t) => t.trainable);
  const outputs = new Map(terms);
  gradients(total, weights).forEach((gradient, i) => {
    if (!gradient) throw new Error(`The loss does not depend on ${weights[i].name}.`);
    outputs.set(gradientName(weights[i].name), gradient);
  });
  const compiled = await compileGraph(engine, builder.graph, outputs);
  const trained = weights.map((t) => t.name);
  return { compiled, builder, termNames: [...terms.keys()], trained, dispose: () => compiled.dispose() };
}
