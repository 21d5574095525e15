import type { Modality } from '../base/modalities.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Builder } from './builder.js';
import type { VegaConfig } from './config.js';
import { type Attend, projections } from './encoder.js';
import { HIDDEN_SCORE } from './feeds.js';

const { add, mul, reshape, scale, shift, softmax, split, sub } = ops;

/** What one dialogue's attention is told, as graph inputs or computed in the graph. L utterances. */
export interface DialogueInputs {
  /** Positions 0, 1, … [L]. */
  places(c: Builder): Tensor;
  /** [L, 1]: 1 where an utterance has the modality, 0 where not. */
  present(c: Builder, modality: Modality): Tensor;
}

/**
 * Attention of one dialogue of L utterances to itself: heads are laid out by a transposition, so that no index has to be
 * fed, and masks are computed in the graph. For graphs that other runtimes run: operators of ONNX alone, no gradients.
 */
export function dialogueAttention({ places, present }: DialogueInputs): Attend {
  const masks = new Map<Modality, Mask>();
  return (c, target, source, s, t) => {
    const { hidden, attentionHeads } = c.config;
    const width = hidden / attentionHeads;
    const mask = masks.get(s) ?? maskOf(seen(c.config, places(c), present(c, s)));
    masks.set(s, mask);
    const [q, k, v] = projections(c, target, source, s, t).flatMap(({ rows, parts }) =>
      parts === 1 ? [rows] : split(rows, Array<number>(parts).fill(hidden)),
    ); // each [L, H]
    const laid = (x: Tensor, order: number[]) => transposed(reshape(x, ['utterances', attentionHeads, width]), order);
    const queries = laid(scale(q, 1 / Math.sqrt(width)), [1, 0, 2]); // [heads, L, H/heads]
    const scores = product(queries, laid(k, [1, 2, 0])); // [heads, L, L]
    const weights = mul(softmax(add(scores, mask.added)), mask.any); // [heads, L, L]
    c.attention.push({ target: t, weights: ofBatch(weights) });
    const mixed = product(weights, laid(v, [1, 0, 2])); // [heads, L, H/heads]
    return reshape(transposed(mixed, [1, 0, 2]), ['utterances', hidden]);
  };
}

interface Mask {
  /** Added to scores: 0 for a key that is seen, else `HIDDEN_SCORE`. [L or 1, L] */
  added: Tensor;
  /** 1 where a query sees a key: a softmax over hidden keys alone would show them all. [L or 1, 1] */
  any: Tensor;
}

/** @param seen 1 or 0 */
function maskOf(seen: Tensor): Mask {
  const { graph, shape } = seen;
  const [any] = graph.node('ReduceMax', [seen, graph.integers([1])], [[shape[0], 1]], { keepdims: 1 });
  return { added: scale(shift(seen, -1), -HIDDEN_SCORE), any };
}

/** 1 for a key that a query may see and that is there. @param present [L, 1]; @returns [1, L] with full context, else [L, L]. */
function seen({ context }: VegaConfig, places: Tensor, present: Tensor): Tensor {
  const { graph } = places;
  const there = transposed(present, [1, 0]); // [1, L]
  if (context === 'full') return there;
  const [queries] = graph.node('Unsqueeze', [places, graph.integers([1])], [['utterances', 1]]);
  const [keys] = graph.node('Unsqueeze', [places, graph.integers([0])], [[1, 'utterances']]);
  const ahead = sub(queries, keys); // [L, L]: how far the query is after the key
  const bounds = [graph.constant(0), graph.constant(1)];
  const clipped = (x: Tensor) => graph.node('Clip', [x, ...bounds], [x.shape])[0];
  const allowed = clipped(shift(ahead, 1)); // no key after the query
  if (context === 'causal') return mul(allowed, there);
  return mul(mul(allowed, clipped(shift(scale(ahead, -1), 1))), there);
}

const transposed = (x: Tensor, perm: number[]): Tensor =>
  x.graph.node('Transpose', [x], [perm.map((axis) => x.shape[axis])], { perm })[0];

/** [n, I, K] · [n, K, J] = [n, I, J], by the operator that every runtime has. */
const product = (a: Tensor, b: Tensor): Tensor =>
  a.graph.node('MatMul', [a, b], [[a.shape[0], a.shape[1], b.shape[2]]])[0];

/** [heads, L, L] as those of a batch of one. */
const ofBatch = (x: Tensor): Tensor => x.graph.node('Unsqueeze', [x, x.graph.integers([0])], [[1, ...x.shape]])[0];
