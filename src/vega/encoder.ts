import type { Modality } from '../base/modalities.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Context } from './context.js';
import { released } from './names.js';
import { stacked } from './parameters.js';

const { add, gate, gatherParts, gatherRows, geluTanh, layerNorm, linear, matmul, mul, reshape, softmax } = ops;

const LAYER_NORM_EPSILON = 1e-6;

/**
 * One cross-modal transformer layer and its unimodal gate: queries of the target modality attend to keys and values of
 * the source. No norm before the attention, a norm before the feed-forward, both residual; then sigmoid(W·x) ⊙ x.
 * @param z [N, H] a modality: projected features plus position and speaker.
 * @returns [N, H] the target's utterances, seen through the source.
 */
export function crossEncoder(c: Context, z: Record<Modality, Tensor>, source: Modality, target: Modality): Tensor {
  const { dropout: p } = c.config;
  const place = `${source}>${target}`;
  const drop = (x: Tensor, site: string) => c.dropout(x, p, `${place}.${site}`);
  const feedForward = (part: 'layer_norm' | 'w_1' | 'w_2', kind: 'weight' | 'bias') =>
    c.weight(released.feedForward(source, target, part, kind));
  const through = (x: Tensor, part: 'w_1' | 'w_2') => linear(x, feedForward(part, 'weight'), feedForward(part, 'bias'));

  const queries = drop(z[target], 'target'); // [N, H]
  const keys = source === target ? queries : drop(z[source], 'source'); // [N, H]
  const context = attention(c, queries, keys, source, target); // [N, H]
  const out = linear(
    context,
    c.weight(released.attention(source, target, 'out', 'weight')),
    c.weight(released.attention(source, target, 'out', 'bias')),
  );
  const x = add(queries, drop(out, 'attended')); // [N, H]
  const normed = layerNorm(
    x,
    feedForward('layer_norm', 'weight'),
    feedForward('layer_norm', 'bias'),
    LAYER_NORM_EPSILON,
  );
  const inner = drop(geluTanh(through(normed, 'w_1')), 'inner'); // [N, H]
  const y = add(x, drop(through(inner, 'w_2'), 'outer')); // [N, H]
  return gate(linear(y, c.weight(released.gate(source, target))), y);
}

/**
 * Multi-head attention within each dialogue. Rows come packed, are laid out as [B, heads, L, H/heads] for the two
 * products over positions, and go back packed.
 * @param target [N, H] makes the queries; @param source [N, H] makes keys and values. @returns [N, H].
 */
function attention(c: Context, target: Tensor, source: Tensor, s: Modality, t: Modality): Tensor {
  const { hidden, heads } = c.config;
  const width = hidden / heads;
  const project = (x: Tensor, block: string) => linear(x, c.weight(`${block}.weight`), c.weight(`${block}.bias`));
  const unpack = (x: Tensor, parts: number) => {
    const indices = Array.from({ length: parts }, (_, p) => unpackIndex(c, parts, p));
    return gatherParts(x, indices, packIndex(c), width);
  };
  let q: Tensor; // each [B, heads, L, H/heads]
  let k: Tensor;
  let v: Tensor;
  if (s === t) {
    [q, k, v] = unpack(project(target, stacked.qkv(s, t)), 3);
  } else {
    const weight = c.weight(released.attention(s, t, 'q', 'weight'));
    [q] = unpack(linear(target, weight, c.weight(released.attention(s, t, 'q', 'bias'))), 1);
    [k, v] = unpack(project(source, stacked.kv(s, t)), 2);
  }
  const scores = add(matmul(q, k, { b: true }, 1 / Math.sqrt(width)), keyMask(c, s)); // [B, heads, L, L]
  const weights = keep(c, softmax(scores), s, t);
  const context = matmul(weights, v); // [B, heads, L, H/heads]
  const rows = reshape(context, ['dialogues*heads*length', width]);
  return reshape(gatherRows(rows, packIndex(c), unpackIndex(c, 1, 0)), ['utterances', hidden]);
}

/**
 * Attention weights after dropout. In training the mask also zeroes the rows of padded queries, which keeps what they
 * hold out of every gradient; where a source is missing for a whole dialogue, its weights are zeroed too.
 */
function keep(c: Context, weights: Tensor, source: Modality, target: Modality): Tensor {
  const { dropout: probability, heads } = c.config;
  if (c.training && probability > 0) {
    const input = `drop.${source}>${target}.weights`;
    const shape = ['dialogues', heads, 'length', 'length'];
    c.dropoutSites.push({ input, probability, shape, attention: source });
    return mul(weights, c.input(input, shape));
  }
  if (!c.training && !c.isPartial(source)) return weights;
  return mul(weights, c.input(perSource(c, 'keep', source), ['dialogues', 1, 'length', 'length']));
}

/** Added to scores: 0 for a key that is there, -1e4 for padding, a missing modality, or outside the context. */
const keyMask = (c: Context, source: Modality) =>
  c.input(perSource(c, 'keys', source), ['dialogues', 1, c.config.context === 'full' ? 1 : 'length', 'length']);

/** Sources that are always there share one mask. */
const perSource = (c: Context, name: string, source: Modality) => (c.isPartial(source) ? `${name}.${source}` : name);

/** [B, heads, L]: rows of [N·parts·heads, H/heads] that make part p. */
const unpackIndex = (c: Context, parts: number, part: number) =>
  c.input(`unpack.${parts}.${part}`, ['dialogues', c.config.heads, 'length'], 'int64');

/** [N, heads]: where each utterance's head lies in [B·heads·L]. */
const packIndex = (c: Context) => c.input('pack', ['utterances', c.config.heads], 'int64');
