import { once } from '../base/once.js';
import {
  type CompiledGraph,
  compileGraph,
  type Engine,
  type Fed,
  gradients,
  MaskSource,
  type Tensor,
  type Values,
} from '../graph/index.js';
import { type Builder, createBuilder } from './builder.js';
import { checkBatch, checkConfig, checkParameterMemory, checkTrainingSize } from './check.js';
import type { VegaConfig } from './config.js';
import { anchorValues, Feeds, type Layout, layOut } from './feeds.js';
import { forward } from './forward.js';
import { losses } from './losses.js';
import { createParameters } from './parameters.js';
import { PositionCode } from './position.js';
import { predictionGraph } from './predict.js';
import { adamwFeeds, NORM, Resident, updates } from './resident.js';
import type { Batch, LossTerms, ParameterStore, TrainStepOptions, Vega, VegaOutputs, VegaShape } from './types.js';

/**
 * Builds a model for training: its parameters now, the graph for training and the one for prediction when first used.
 * To use a trained model, `createPredictionModel` needs a quarter of the memory and is faster.
 * @param config hyper-parameters; @param shape what the data decides; @param engine what runs it, as `nodeEngine()`.
 * Where the engine can keep values on its device, parameters, moments and AdamW are there: see `Vega.readBack`.
 * @param options.seed of the initial parameters. @param options.gradients let the store have each step's gradients also
 * where nothing else needs them on the host.
 */
export function createVega(
  config: VegaConfig,
  shape: VegaShape,
  engine: Engine,
  { seed = 1, gradients: wanted = !engine.keeps }: { seed?: number; gradients?: boolean } = {},
): Vega {
  checkConfig(config, shape);
  checkParameterMemory(config, shape);
  const { memory, store } = createParameters(config, shape, seed);
  const feeds = new Feeds(config, shape, new PositionCode(config.hidden));
  const masks = new MaskSource();
  const resident = engine.keeps ? new Resident(memory) : undefined;
  const blocks = new Map(memory.blocks.map((b) => [b.name, b]));
  const training = once(
    () =>
      trainingGraph(createBuilder(config, shape, blocks, 'trained'), engine, {
        wanted,
        resident: resident !== undefined,
      }),
    'The model',
  );
  let stepping = false;
  const prediction = once(() => predictionGraph(config, shape, 'fed', engine), 'The model');

  const parameterValues = (name: string): Fed | undefined => {
    if (resident) return resident.fed(name);
    const block = blocks.get(name);
    return block && { data: memory.view('value', name), dims: block.shape };
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
    const { compiled, builder, termNames, fetched } = await training.get();
    const layout = layOut(batch);
    checkTrainingSize(layout, builder.dropoutSites, config);
    const given: Record<string, Values> = {
      ...dropoutMasks(builder, layout, step.seed, step.step),
      ...anchorValues(anchors, shape, { dialogue: layout.b, utterance: layout.n }),
      ...(resident && adamwFeeds(step)),
      anchorWeight: { data: Float32Array.of(step.anchorWeight ?? 1), dims: [] },
    };
    const fed = compiled.inputs.map((name) => [
      name,
      given[name] ?? parameterValues(name) ?? feeds.value(name, layout, step.classWeights),
    ]);
    const into: [string, Values][] = [
      ...fetched.map((name): [string, Values] => [
        gradientName(name),
        { data: memory.view('gradient', name), dims: memory.shape(name) },
      ]),
      ...termNames.map((name): [string, Values] => [name, { data: new Float32Array(1), dims: [] }]),
    ];
    const termsOf = (results: Record<string, Values>): LossTerms =>
      Object.fromEntries(termNames.map((name) => [name, (results[name].data as Float32Array)[0]]));
    if (resident && compiled.runKeeping) {
      const { values, kept } = await compiled.runKeeping(Object.fromEntries(fed), Object.fromEntries(into));
      resident.keep(kept);
      const { [NORM]: norm, ...terms } = termsOf(values);
      return Number.isFinite(norm) || !Object.values(terms).every(Number.isFinite)
        ? terms
        : { ...terms, gradient: norm };
    }
    const terms = termsOf(await compiled.run(Object.fromEntries(fed), Object.fromEntries(into)));
    if (!Object.values(terms).every(Number.isFinite)) return terms;
    const norm = step.clipNorm || !memory.gradientIsFinite() ? memory.gradientNorm() : 0;
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
    parameters: resident ? onceReadBack(store, resident) : store,

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

    async readBack(): Promise<void> {
      await resident?.readBack();
    },

    async predict(batch: Batch, anchors: Float32Array | null): Promise<VegaOutputs> {
      return (await prediction.get()).predict(batch, anchors, parameterValues);
    },

    async dispose(): Promise<void> {
      resident?.release();
      await Promise.all([training.dispose(), prediction.dispose()]);
    },
  };
}

interface TrainingGraph {
  compiled: CompiledGraph;
  builder: Builder;
  termNames: string[];
  /** Parameter blocks whose gradients are fetched. */
  fetched: string[];
  dispose(): Promise<void>;
}

const gradientName = (block: string) => `gradient.${block}`;

/** @param wanted fetch gradients; @param resident update the parameters in the graph, and keep them on the device. */
async function trainingGraph(
  builder: Builder,
  engine: Engine,
  { wanted, resident }: { wanted: boolean; resident: boolean },
): Promise<TrainingGraph> {
  const { graph } = builder;
  const { terms, total } = losses(builder, forward(builder));
  terms.set('total', total);
  const weights = graph.inputs.filter((t) => t.trainable);
  const found = gradients(total, weights).map((gradient, i): [Tensor, Tensor] => {
    if (!gradient) throw new Error(`The loss does not depend on ${weights[i].name}.`);
    return [weights[i], gradient];
  });
  const outputs = new Map(terms);
  if (wanted) for (const [{ name }, gradient] of found) outputs.set(gradientName(name), gradient);
  const kept: string[] = [];
  if (resident) {
    const { next, norm } = updates(new Map(found), [...terms.values()]);
    outputs.set(NORM, norm);
    for (const [name, tensor] of next) outputs.set(name, tensor);
    kept.push(...next.keys());
  }
  const compiled = await compileGraph(engine, graph, outputs, undefined, kept);
  return {
    compiled,
    builder,
    termNames: [...terms.keys(), ...(resident ? [NORM] : [])],
    fetched: wanted ? weights.map((t) => t.name) : [],
    dispose: () => compiled.dispose(),
  };
}

/** A store that refuses to show what has moved on where it cannot see. */
function onceReadBack(store: ParameterStore, resident: Resident): ParameterStore {
  const look = (view: (name: string) => Float32Array) => (name: string) => {
    if (resident.isAhead)
      throw new Error('The parameters are on the device; read them back before they are looked at.');
    return view(name);
  };
  return {
    ...store,
    value: look(store.value),
    firstMoment: look(store.firstMoment),
    secondMoment: look(store.secondMoment),
  };
}
