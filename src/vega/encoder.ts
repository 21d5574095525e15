import type { Modality } from '../base/modalities.js';
import { ops, type Tensor } from '../graph/index.js';
import type { Builder } from './builder.js';
import { released } from './names.js';
import { stacked } from './parameters.js';

const { add, gate, gatherParts, gatherRows, geluTanh, layerNorm, linear, matmul, mul, reshape, softmax } = ops;

const LAYER_NORM_EPSILON = 1e-6;

/**
 * How the rows of a target look at those of a source, in one encoder. The default is `packedAttention`; another one may
 * take keys and values from elsewhere, as of utterances already computed.
 * @param target [N, H] makes the queries; @param source [N, H] makes keys and values. @returns [N, H].
 */
export type Attend = (c: Builder, target: Tensor, source: Tensor, s: Modality, t: Modality) => Tensor;

/**
 * One cross-modal transformer layer and its unimodal gate: queries of the target modality attend to keys and values of
 * the source. No norm before the attention, a norm before the feed-forward, both residual; then sigmoid(W·x) ⊙ x.
 * @param z [N, H] a modality: projected features plus position and speaker.
 * @returns [N, H] the target's utterances, seen through the source.
 */
export function crossEncoder(
  c: Builder,
  z: Record<Modality, Tensor>,
  source: Modality,
  target: Modality,
  attend: Attend,
): Tensor {
  const { dropout: p } = c.config;
  const place = `${source}>${target}`;
  const drop = (x: Tensor, site: string) => c.dropout(x, p, `${place}.${site}`);
  const feedForward = (part: 'layer_norm' | 'w_1' | 'w_2', kind: 'weight' | 'bias') =>
    c.weight(released.feedForward(source, target, part, kind));
  const through = (x: Tensor, part: 'w_1' | 'w_2') => linear(x, feedForward(part, 'weight'), feedForward(part, 'bias'));

  const queries = drop(z[target], 'target'); // [N, H]
  const keys = source === target ? queries : drop(z[source], 'source'); // [N, H]
  const context = attend(c, queries, keys, source, target); // [N, H]
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
 * Queries, keys and values of one encoder, as few products as their inputs allow: from one product side by side where
 * the target looks at itself, else queries apart from keys and values.
 * @returns the products' results and how many parts each holds: [[N, 3H] of 3] or [[N, H] of 1, [N, 2H] of 2].
 */
export function projections(
  c: Builder,
  target: Tensor,
  source: Tensor,
  s: Modality,
  t: Modality,
): { rows: Tensor; parts: number }[] {
  const project = (x: Tensor, block: string) => linear(x, c.weight(`${block}.weight`), c.weight(`${block}.bias`));
  if (s === t) return [{ rows: project(target, stacked.qkv(s, t)), parts: 3 }];
  const weight = c.weight(released.attention(s, t, 'q', 'weight'));
  return [
    { rows: linear(target, weight, c.weight(released.attention(s, t, 'q', 'bias'))), parts: 1 },
    { rows: project(source, stacked.kv(s, t)), parts: 2 },
  ];
}

/**
 * Scaled dot-product attention of laid-out heads. @param q [B, heads, Lq, H/heads]; @param k and @param v [B, heads, Lk,
 * H/heads]; @param mask added to the scores; @param keep what becomes of the weights [B, heads, Lq, Lk].
 * @returns [B, heads, Lq, H/heads].
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor, keep: (weights: Tensor) => Tensor): Tensor {
  const width = q.shape[3] as number;
  const scores = add(matmul(q, k, { b: true }, 1 / Math.sqrt(width)), mask); // [B, heads, Lq, Lk]
  return matmul(keep(softmax(scores)), v);
}

/**
 * Multi-head attention within each dialogue. Rows come packed, are laid out as [B, heads, L, H/heads] for the two
 * products over positions, and go back packed.
 */
export function packedAttention(c: Builder, target: Tensor, source: Tensor, s: Modality, t: Modality): Tensor {
  const { hidden, attentionHeads } = c.config;
  const width = hidden / attentionHeads;
  const [q, k, v] = projections(c, target, source, s, t).flatMap(({ rows, parts }) => {
    const indices = Array.from({ length: parts }, (_, p) => unpackIndex(c, parts, p));
    return gatherParts(rows, indices, packIndex(c), width);
  }); // each [B, heads, L, H/heads]
  const context = attention(q, k, v, keyMask(c, s), (weights) => {
    const kept = keep(c, weights, s, t);
    c.attention.push({ target: t, weights: kept });
    return kept;
  }); // [B, heads, L, H/heads]
  const rows = reshape(context, ['dialogues*heads*length', width]);
  return reshape(gatherRows(rows, packIndex(c), unpackIndex(c, 1, 0)), ['utterances', hidden]);
}

/**
 * Attention weights after dropout. In training the mask also zeroes the rows of padded queries, which keeps what they
 * hold out of every gradient; where a source is missing for a whole dialogue, its weights are zeroed too.
 */
function keep(c: Builder, weights: Tensor, source: Modality, target: Modality): Tensor {
  const { dropout: probability, attentionHeads } = c.config;
  if (c.training && probability > 0) {
    const input = `drop.${source}>${target}.weights`;
    const shape = ['dialogues', attentionHeads, 'length', 'length'];
    c.dropoutSites.push({ input, probability, shape, attention: source });
    return mul(weights, c.input(input, shape));
  }
  if (!c.training && !c.isPartial(source)) return weights;
  return mul(weights, c.input(perSource(c, 'keep', source), ['dialogues', 1, 'length', 'length']));
}

/** Added to scores: 0 for a key that is there, -1e4 for padding, a missing modality, or outside the context. */
const keyMask = (c: Builder, source: Modality) =>
  c.input(perSource(c, 'keys', source), ['dialogues', 1, c.config.context === 'full' ? 1 : 'length', 'length']);

/** Sources that are always there share one mask. */
const perSource = (c: Builder, name: string, source: Modality) => (c.isPartial(source) ? `${name}.${source}` : name);

/** [B, heads, L]: rows of [N·parts·heads, H/heads] that make part p. */
const unpackIndex = (c: Builder, parts: number, part: number) =>
  c.input(`unpack.${parts}.${part}`, ['dialogues', c.config.attentionHeads, 'length'], 'int64');

/** [N, heads]: where each utterance's head lies in [B·heads·L]. */
const packIndex = (c: Builder) => c.input('pack', ['utterances', c.config.attentionHeads], 'int64');
