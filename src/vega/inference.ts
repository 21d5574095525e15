import { joinFloats } from '../base/floats.js';
import { type Modality, modalitiesIn, temperatureOf } from '../base/modalities.js';
import { type Graph, ops, type ParameterBlock, type Tensor, type Weight } from '../graph/index.js';
import { type Builder, createBuilder } from './builder.js';
import { checkConfig } from './check.js';
import type { VegaConfig } from './config.js';
import { dialogueAttention } from './dialogue.js';
import { type Forward, forward } from './forward.js';
import { released } from './names.js';
import { parameterBlocks } from './parameters.js';
import { PositionCode } from './position.js';
import type { VegaShape } from './types.js';

const { add, div, mul, scale, softmax, split, sub, sum } = ops;

/** What becomes of a modality's raw row x before the model takes it: (x − mean)/deviation, cut off at ± bound. */
export interface Scaling {
  /** [dim] */
  mean: Float32Array;
  /** [dim] */
  deviation: Float32Array;
  bound?: number;
}

/**
 * A modality whose standardised numbers have a root mean square above its limit, in the utterance or on the mean of the
 * dialogue until then, is left out where the utterance has another one; where it has none, its logits are divided by the
 * power of how many times further than the limit the nearest is.
 */
export interface Trust {
  limits: Partial<Record<Modality, number>>;
  power: number;
}

/** What a model needs beside its weights to take raw rows and to give distributions. */
export interface InferenceParts {
  /** Where rows are standardised. */
  scaling?: Partial<Record<Modality, Scaling>>;
  /** What is too far from training to be judged by; absent: nothing is. */
  trust?: Trust;
  /** Logit of the class head's share in the average mixture. */
  gate: number;
  /** What the class head's logits are divided by to give confidence. */
  temperature: number;
  /** The same for utterances that have some modalities, after some were had: see `presenceKey`. */
  temperatures?: Readonly<Record<string, number>>;
}

/** A graph of ONNX's own operators that takes one dialogue of any length. */
export interface InferenceGraph {
  graph: Graph;
  /** By name. */
  outputs: Map<string, Tensor>;
  /** Gives the values of the graph's initialisers. @param weights by released names; @param anchors [C·k, D], unless learned. */
  values(weights: (name: string) => Weight | undefined, anchors: Float32Array | null): (name: string) => Float32Array;
}

const LENGTH = 'utterances';
const ANCHORS = 'anchors';

/**
 * The model from the raw rows of one dialogue to distributions; standardisation, positions and masks are computed in the
 * graph. Its inputs, of L utterances: each modality [L, dim]; `MODALITY_present` [L], 1 or 0; `speaker` [L] int64, a row
 * of the speaker embedding.
 */
export function inferenceGraph(config: VegaConfig, shape: VegaShape, parts: InferenceParts): InferenceGraph {
  checkConfig(config, shape);
  const blocks = parameterBlocks(config, shape);
  const builder = rawInputs(createBuilder(config, shape, blocks, 'compiled'), blocks, parts);
  const attend = dialogueAttention({
    places: (c) => c.input('places', [LENGTH]),
    present: (c, m) => c.input(`present.${m}`, [LENGTH, 1]),
  });
  const outputs = outputsOf(builder, forward(builder, attend, whoSpeaks), parts);
  dropUnread(builder.graph, outputs);
  return {
    graph: builder.graph,
    outputs,
    values: (weights, anchors) => (name) => {
      if (name === ANCHORS) return anchors as Float32Array;
      return joinFloats((blocks.get(name) as ParameterBlock).parts.map((part) => weights(part.name) as Float32Array));
    },
  };
}

/** The speaker embedding's rows. [L, H] */
function whoSpeaks(c: Builder): Tensor {
  const speaker = c.input('speaker', [LENGTH], 'int64');
  const rows = [c.weight(released.speaker), speaker];
  return c.graph.node('Gather', rows, [[LENGTH, c.config.hidden]], { axis: 0 })[0];
}

/** A builder whose inputs are raw: what `Feeds` computes of a batch is computed in the graph. */
function rawInputs(
  c: Builder,
  blocks: ReadonlyMap<string, ParameterBlock>,
  { scaling = {}, trust }: Pick<InferenceParts, 'scaling' | 'trust'>,
): Builder {
  const made = new Map<string, Tensor>();
  const once = (name: string, make: () => Tensor): Tensor => {
    const tensor = made.get(name) ?? make();
    made.set(name, tensor);
    return tensor;
  };
  const raw = (m: Modality) => c.input(m, [LENGTH, c.shape.dims[m] as number]);
  const make = (name: string, dims: Parameters<Builder['input']>[1]): Tensor | undefined => {
    const [kind, rest] = name.split('.');
    const m = rest as Modality;
    switch (kind) {
      case 'features':
        return trust
          ? there(whole.input(`scaled.${m}`, dims), whole.input(`present.${m}`, [LENGTH, 1]))
          : whole.input(`scaled.${m}`, dims);
      case 'scaled':
        return there(scaled(raw(m), scaling[m]), whole.input(`given.${m}`, [LENGTH, 1]));
      case 'given':
        return column(c.input(`${m}_present`, [LENGTH]));
      case 'present':
        return present(whole, m, trust);
      case 'beyond':
        return beyond(whole, m, trust);
      case 'places':
        return placesOf(raw(c.modalities[0]));
      case 'position':
        return positionCodes(whole.input('places', [LENGTH]), c.config.hidden);
      case ANCHORS:
        return c.graph.initialiser(ANCHORS, dims as number[]);
    }
  };
  const whole: Builder = {
    ...c,
    shape: { ...c.shape, partial: modalitiesIn(c.shape.dims) },
    isPartial: () => true,
    weight: (name) => once(name, () => c.graph.initialiser(name, (blocks.get(name) as ParameterBlock).shape)),
    input: (name, dims, type) => once(name, () => make(name, dims) ?? c.input(name, dims, type)),
  };
  return whole;
}

/** [L] as [L, 1]. */
const column = (x: Tensor): Tensor => x.graph.node('Unsqueeze', [x, x.graph.integers([1])], [[LENGTH, 1]])[0];

/** Rows standardised. [L, dim] */
function scaled(x: Tensor, by: Scaling | undefined): Tensor {
  const { graph, shape } = x;
  const row = (values: Float32Array) => graph.constant([...values], [1, values.length]);
  let y = x;
  if (by !== undefined) y = div(sub(x, row(by.mean)), row(by.deviation));
  if (by?.bound !== undefined)
    y = graph.node('Clip', [y, graph.constant(-by.bound), graph.constant(by.bound)], [shape])[0];
  return y;
}

/** Rows where a modality is there, else zero, whatever stands there. @param x [L, dim]; @param is [L, 1] 1 or 0 */
function there(x: Tensor, is: Tensor): Tensor {
  const [condition] = x.graph.node('Cast', [is], [is.shape], { to: 9 }, { type: 'bool' }); // TensorProto.BOOL
  return x.graph.node('Where', [condition, x, x.graph.constant(0)], [x.shape])[0];
}

/** Beyond what any row can be: the distance of what is not there. */
const NOWHERE = 1e9;

/**
 * How many times further than its limit a modality is, by itself or on the mean of the dialogue until then, whichever is
 * more; 1 within, NOWHERE where it is absent. [L, 1]
 */
function beyond(c: Builder, m: Modality, trust: Trust | undefined): Tensor {
  const { graph } = c;
  const given = c.input(`given.${m}`, [LENGTH, 1]);
  const limit = trust?.limits[m];
  let times = given;
  if (limit !== undefined) {
    const x = c.input(`scaled.${m}`, [LENGTH, c.shape.dims[m] as number]);
    const [mean] = graph.node('ReduceMean', [mul(x, x), graph.integers([1])], [[LENGTH, 1]]);
    const [distance] = graph.node('Sqrt', [mean], [[LENGTH, 1]]);
    const own = scale(distance, 1 / limit); // zero where it is absent, as the rows are
    const soFar = (values: Tensor) => graph.node('CumSum', [values, graph.integers([0], [])], [[LENGTH, 1]])[0];
    const [count] = graph.node('Max', [soFar(given), graph.constant(1)], [[LENGTH, 1]]);
    [times] = graph.node('Max', [own, div(soFar(own), count), graph.constant(1)], [[LENGTH, 1]]);
  }
  const [condition] = graph.node('Cast', [given], [given.shape], { to: 9 }, { type: 'bool' }); // TensorProto.BOOL
  return graph.node('Where', [condition, times, graph.constant(NOWHERE)], [[LENGTH, 1]])[0];
}

/** How many times further than its limit the nearest modality of each utterance is. [L, 1] */
function nearest(c: Builder): Tensor {
  const all = c.modalities.map((m) => c.input(`beyond.${m}`, [LENGTH, 1]));
  return all.length === 1 ? all[0] : c.graph.node('Min', all, [[LENGTH, 1]])[0];
}

/** 1 where a modality is given, and near enough or the utterance has no other that is; else 0. [L, 1] */
function present(c: Builder, m: Modality, trust: Trust | undefined): Tensor {
  const given = c.input(`given.${m}`, [LENGTH, 1]);
  if (trust === undefined) return given;
  const { graph } = c;
  const within = (x: Tensor) => {
    const [is] = graph.node('LessOrEqual', [x, graph.constant(1)], [[LENGTH, 1]], {}, { type: 'bool' });
    return graph.node('Cast', [is], [[LENGTH, 1]], { to: 1 })[0]; // TensorProto.FLOAT
  };
  const own = within(c.input(`beyond.${m}`, [LENGTH, 1]));
  const other = sub(graph.constant([1], [1, 1]), within(nearest(c)));
  return mul(given, graph.node('Max', [own, other], [[LENGTH, 1]])[0]);
}

/** Positions 0, 1, … of the rows of x. [L] */
function placesOf(x: Tensor): Tensor {
  const { graph } = x;
  const int64 = { type: 'int64' } as const;
  const [sizes] = graph.node('Shape', [x], [[2]], {}, int64);
  const [length] = graph.node('Gather', [sizes, graph.integers([0], [])], [[]], { axis: 0 }, int64);
  const bounds = [graph.integers([0], []), length, graph.integers([1], [])];
  const [places] = graph.node('Range', bounds, [[LENGTH]], {}, int64);
  return graph.node('Cast', [places], [[LENGTH]], { to: 1 })[0]; // TensorProto.FLOAT
}

/** The rows of `PositionCode`. @param places [L]; @returns [L, H] */
function positionCodes(places: Tensor, hidden: number): Tensor {
  const { graph } = places;
  const { frequencies } = new PositionCode(hidden);
  const row = (value: (i: number) => number) =>
    graph.constant(
      Array.from({ length: hidden }, (_, i) => value(i)),
      [1, hidden],
    );
  const angles = mul(
    column(places),
    row((i) => frequencies[i >> 1]),
  );
  const wave = (op: 'Sin' | 'Cos', odd: number) =>
    mul(
      graph.node(op, [angles], [angles.shape])[0],
      row((i) => (i % 2 === odd ? 1 : 0)),
    );
  return add(wave('Sin', 0), wave('Cos', 1));
}

/** The outputs by their names; docs/export.md says what each is. */
function outputsOf(c: Builder, model: Forward, { gate, trust, ...calibration }: InferenceParts): Map<string, Tensor> {
  const { logits, anchorLogits, fused, anchored, shares } = model;
  const trusted = (z: Tensor) => (trust === undefined ? z : mul(z, trustOf(c, trust)));
  const classLogits = trusted(logits.get('fused') as Tensor);
  const probabilities = softmax(classLogits);
  const outputs = new Map([
    ['probabilities', probabilities],
    ['confidence', largest(softmax(tempered(c, classLogits, calibration)))],
  ]);
  const similar = anchorLogits.get('fused');
  if (similar !== undefined) {
    const anchorProbabilities = softmax(trusted(similar));
    const share = 1 / (1 + Math.exp(-gate));
    outputs.set('anchor_probabilities', anchorProbabilities);
    outputs.set('mixture_probabilities', add(scale(probabilities, share), scale(anchorProbabilities, 1 - share)));
  }
  for (const [branch, z] of logits) outputs.set(branch === 'fused' ? 'logits' : `${branch}_logits`, z);
  for (const [branch, z] of anchorLogits)
    outputs.set(branch === 'fused' ? 'anchor_logits' : `${branch}_anchor_logits`, z);
  outputs.set('fused', fused);
  if (anchored) outputs.set('anchored', anchored);
  outputs.set('shares', shares);
  outputs.set('attention', mixedAttention(c, model));
  return outputs;
}

/** What logits are multiplied by: 1, and less where all that an utterance has is too far from training. [L, 1] */
function trustOf(c: Builder, { power }: Trust): Tensor {
  const { graph } = c;
  const times = nearest(c);
  const [some] = graph.node('Less', [times, graph.constant(NOWHERE)], [[LENGTH, 1]], {}, { type: 'bool' });
  const [trust] = graph.node('Pow', [times, graph.constant(-power)], [[LENGTH, 1]]);
  return graph.node('Where', [some, trust, graph.constant(1)], [[LENGTH, 1]])[0];
}

/**
 * Logits over the temperature of what each utterance has, and of what it or those before it had. Both sets of modalities
 * are numbers of a bit each, which find the temperature in a table. @param logits [L, C]; @returns the same shape.
 */
function tempered(
  c: Builder,
  logits: Tensor,
  { temperature, temperatures }: Pick<InferenceParts, 'temperature' | 'temperatures'>,
): Tensor {
  if (temperatures === undefined) return scale(logits, 1 / temperature);
  const { graph, modalities } = c;
  const sets = 1 << modalities.length;
  const membersOf = (set: number) => modalities.filter((_, i) => (set >> i) & 1);
  const inverse = Array.from({ length: sets * sets }, (_, at) => {
    return 1 / temperatureOf({ temperature, temperatures }, membersOf(at % sets), membersOf(Math.floor(at / sets)));
  });
  const place = sum(
    modalities.map((m, i) => {
      const own = c.input(`present.${m}`, [LENGTH, 1]); // [L, 1]
      const [count] = graph.node('CumSum', [own, graph.integers([0], [])], [[LENGTH, 1]]);
      const [had] = graph.node('Min', [count, graph.constant(1)], [[LENGTH, 1]]);
      return add(scale(own, 1 << i), scale(had, sets << i));
    }),
  );
  const [at] = graph.node('Cast', [place], [[LENGTH, 1]], { to: 7 }, { type: 'int64' }); // TensorProto.INT64
  const table = graph.constant(inverse, [inverse.length]);
  return mul(logits, graph.node('Gather', [table, at], [[LENGTH, 1]], { axis: 0 })[0]);
}

/** [L, C] to [L], the largest of each row. */
const largest = (x: Tensor): Tensor =>
  x.graph.node('ReduceMax', [x, x.graph.integers([1])], [[LENGTH]], { keepdims: 0 })[0];

/** The targets' attention weights, each by its share, as parts of 1 (see `mixAttention`). [L, L] */
function mixedAttention(c: Builder, { shares, attention }: Forward): Tensor {
  const { graph, modalities } = c;
  const own = modalities.length === 1 ? [shares] : split(shares, Array<number>(modalities.length).fill(1)); // [L, 1] each
  const weights = sum(
    modalities.map((m, i) => {
      const [flat] = graph.node('Squeeze', [attention.get(m) as Tensor, graph.integers([0])], [[LENGTH, LENGTH]]);
      return mul(own[i], flat);
    }),
  );
  const total = ops.reduceSum(weights, [1], true);
  return div(weights, graph.node('Max', [total, graph.constant(1e-30)], [total.shape])[0]);
}

/** Runtimes may lack what an operator can give besides, as the mean of a layer norm: it is not asked for. */
function dropUnread(graph: Graph, outputs: ReadonlyMap<string, Tensor>): void {
  const read = new Set([
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...[...outputs.values()].map(({ name }) => name),
  ]);
  for (const node of graph.nodes)
    while (node.outputs.length > 1 && !read.has((node.outputs.at(-1) as Tensor).name)) node.outputs.pop();
}
