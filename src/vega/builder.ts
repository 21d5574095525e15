import { type Modality, modalitiesIn } from '../base/modalities.js';
import { type Dim, Graph, ops, type ParameterBlock, type Tensor } from '../graph/index.js';
import type { VegaConfig } from './config.js';
import type { VegaShape } from './types.js';

/** A place where values are dropped in training: a graph input that holds its mask. */
export interface DropoutSite {
  input: string;
  probability: number;
  shape: readonly Dim[];
  /** For attention weights: rows of padded queries must be zero, and whole dialogues without a key of this source. */
  attention?: Modality;
}

/** What every part of the model needs while a graph is built. N utterances, B dialogues, L the longest of them. */
export interface Builder {
  graph: Graph;
  config: VegaConfig;
  shape: VegaShape;
  modalities: Modality[];
  training: boolean;
  /** A parameter, or stacked parameters: an input that training feeds, or an initialiser. */
  weight(name: string): Tensor;
  /** An input fed with the batch. */
  input(name: string, shape: readonly Dim[], type?: 'float32' | 'int64'): Tensor;
  /** Dropout with inverse scaling, in training only. @param site a name of its own for each place. */
  dropout(x: Tensor, probability: number, site: string): Tensor;
  /** Whether some utterances lack this modality. */
  isPartial(modality: Modality): boolean;
  dropoutSites: DropoutSite[];
  /** Every encoder's attention weights [B, heads, L, L], as they were made. */
  attention: { target: Modality; weights: Tensor }[];
}

/** Where a graph's weights come from: inputs with gradients, inputs that are only read, or values compiled in. */
export type WeightKind = 'trained' | 'fed' | 'compiled';

const { stackRows } = ops;

export function createBuilder(
  config: VegaConfig,
  shape: VegaShape,
  blocks: ReadonlyMap<string, ParameterBlock>,
  weights: WeightKind,
): Builder {
  const training = weights === 'trained';
  const graph = new Graph();
  const inputs = new Map<string, Tensor>();
  const once = (name: string, make: () => Tensor) => {
    const tensor = inputs.get(name) ?? make();
    inputs.set(name, tensor);
    return tensor;
  };
  const dropoutSites: DropoutSite[] = [];
  return {
    graph,
    config,
    shape,
    modalities: modalitiesIn(shape.dims),
    training,
    weight: (name) =>
      once(name, () => {
        const { shape: sizes, parts } = blocks.get(name) as ParameterBlock;
        if (weights !== 'compiled') return graph.input(name, sizes, { trainable: training });
        // The engine joins them once, when it compiles.
        return stackRows(parts.map((part) => graph.initialiser(part.name, part.shape)));
      }),
    input: (name, dims, type = 'float32') => once(name, () => graph.input(name, dims, { type })),
    dropout(x, probability, site) {
      if (!training || probability === 0) return x;
      const input = `drop.${site}`;
      dropoutSites.push({ input, probability, shape: x.shape });
      return ops.mul(x, graph.input(input, x.shape));
    },
    isPartial: (modality) => shape.partial?.includes(modality) ?? false,
    dropoutSites,
    attention: [],
  };
}
