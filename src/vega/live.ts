import { InputError } from '../base/errors.js';
import type { Modality } from '../base/modalities.js';
import {
  type CompiledGraph,
  compileGraph,
  type Engine,
  ops,
  type Tensor,
  type Values,
  type Weight,
} from '../graph/index.js';
import { type Builder, createBuilder } from './builder.js';
import { checkBatch, checkConfig } from './check.js';
import type { VegaConfig } from './config.js';
import { type Attend, projections } from './encoder.js';
import { mixAttention } from './evidence.js';
import { anchorValues, Feeds, HIDDEN_SCORE, layOut } from './feeds.js';
import { forward } from './forward.js';
import { GrowingRows } from './growing.js';
import { parameterBlocks } from './parameters.js';
import { PositionCode } from './position.js';
import { branches, outputsOf, weightValues } from './predict.js';
import type { Batch, Evidence, VegaOutputs, VegaShape } from './types.js';

const { add, matmul, mul, reduceSum, reshape, softmax, split, transpose } = ops;

/** A model for conversations that go on: an utterance costs its own row, and a look at what was said before. */
export interface LiveModel {
  readonly shape: VegaShape;
  /** A conversation of its own; several may go on at once. */
  begin(): LiveDialogue;
  /** Frees session and memory; conversations cannot go on afterwards. */
  dispose(): Promise<void>;
}

/** A conversation that goes on. */
export interface LiveDialogue {
  /** Utterances so far. */
  readonly length: number;
  /**
   * Adds an utterance. The next may be said when this one was answered.
   * @param utterance a batch of one utterance; @param anchors as `PredictionModel.predict` takes them.
   * @returns its outputs (N = 1). `evidence.attention` is [length]: what it looked at, itself last.
   */
  say(utterance: Batch, anchors: Float32Array | null): Promise<VegaOutputs & { evidence: Evidence }>;
}

/**
 * A model that answers utterance by utterance. With one encoder layer and causal context, keys and values of what was
 * said depend on nothing that comes later: they are kept, and only the new row is computed.
 * @param weights and @param engine as `createPredictionModel` takes them.
 * @throws InputError where the model was made for full context.
 */
export async function createLiveModel(
  config: VegaConfig,
  shape: VegaShape,
  weights: (name: string) => Weight | undefined,
  engine: Engine,
): Promise<LiveModel> {
  checkConfig(config, shape);
  if (config.context === 'full') {
    throw new InputError('A model with full context cannot answer live: what is said later changes what it says.');
  }
  const blocks = parameterBlocks(config, shape);
  const builder = oneUtterance(createBuilder(config, shape, blocks, 'compiled'));
  const fresh = new Map<string, Tensor>();
  const outputs = outputsOf(forward(builder, attendToPast(fresh)), true);
  for (const [name, row] of fresh) outputs.set(name, row);
  const compiled = await compileGraph(engine, builder.graph, outputs, weightValues(blocks, weights));
  const feeds = new Feeds(config, shape, new PositionCode(config.hidden));
  let disposed = false;
  return {
    shape,
    begin() {
      if (disposed) throw new Error('The model was disposed of.');
      return liveDialogue(config, shape, builder.modalities, compiled, feeds, [...fresh.keys()]);
    },
    dispose() {
      disposed = true;
      return compiled.dispose();
    },
  };
}

/** Inputs of N utterances, for N = 1. */
const oneUtterance = (c: Builder): Builder => ({
  ...c,
  input: (name, dims, type) =>
    c.input(
      name,
      dims.map((dim) => (dim === 'utterances' ? 1 : dim)),
      type,
    ),
});

/** Graph inputs and outputs of one encoder's keys or values: "past.keys.text>audio". */
const rowsOf = (what: 'keys' | 'values', source: Modality, target: Modality) => `${what}.${source}>${target}`;

/**
 * Attention of one new utterance to itself and to those before it. Heads stay side by side in a row of H: where a query
 * is zero outside of its own head, its product with whole rows is that head's, and nothing has to be laid out anew.
 * @param fresh is given the new utterance's keys and values [1, H], which the next ones need.
 */
function attendToPast(fresh: Map<string, Tensor>): Attend {
  return (c, target, source, s, t) => {
    const { hidden, attentionHeads } = c.config;
    const own = headMask(c); // [heads, H]
    const [q, k, v] = projections(c, target, source, s, t).flatMap(({ rows, parts }) =>
      split(rows, Array<number>(parts).fill(hidden)),
    ); // each [1, H]
    fresh.set(rowsOf('keys', s, t), k);
    fresh.set(rowsOf('values', s, t), v);
    const past = (what: 'keys' | 'values') => c.input(`past.${rowsOf(what, s, t)}`, ['past', hidden]);
    const queries = mul(q, own); // [heads, H]
    const factor = 1 / Math.sqrt(hidden / attentionHeads);
    // Keys first: a product lays its second factor out anew, and the keys of all that was said are the larger one.
    const scores = [past('keys'), k].map((keys) => transpose(matmul(keys, queries, { b: true }, factor))); // [heads, P], [heads, 1]
    const seen = softmax(add(side(scores), c.input(perSource(c, 'seen', s), [1, 'past+1']))); // [heads, P + 1]
    const weights = c.isPartial(s) ? mul(seen, c.input(`any.${s}`, [1, 1])) : seen;
    c.attention.push({ target: t, weights: reshape(weights, [1, attentionHeads, 1, 'past+1']) });
    const [before, now] = cut(weights); // [heads, P], [heads, 1]
    const mixed = add(matmul(before, past('values')), matmul(now, v)); // [heads, H]
    return reduceSum(mul(mixed, own), [0], true); // [1, H]
  };
}

/** [heads, H]: 1 where a channel belongs to the head. */
function headMask(c: Builder): Tensor {
  const { hidden, attentionHeads } = c.config;
  const width = hidden / attentionHeads;
  const mask = Array.from({ length: attentionHeads * hidden }, (_, i) =>
    Math.floor((i % hidden) / width) === Math.floor(i / hidden) ? 1 : 0,
  );
  return c.graph.constant(mask, [attentionHeads, hidden]);
}

const perSource = (c: Builder, name: string, source: Modality) => (c.isPartial(source) ? `${name}.${source}` : name);

/** [heads, P] and [heads, 1] side by side. */
function side([before, now]: Tensor[]): Tensor {
  return before.graph.node('Concat', [before, now], [[before.shape[0], 'past+1']], { axis: 1 })[0];
}

/** The other way round. */
function cut(x: Tensor): [Tensor, Tensor] {
  const { graph, shape } = x;
  const slice = (from: number, to: number, width: 'past' | 1) =>
    graph.node('Slice', [x, graph.integers([from]), graph.integers([to]), graph.integers([1])], [[shape[0], width]])[0];
  return [slice(0, -1, 'past'), slice(-1, Number.MAX_SAFE_INTEGER, 1)];
}

function liveDialogue(
  config: VegaConfig,
  shape: VegaShape,
  modalities: readonly Modality[],
  compiled: CompiledGraph,
  feeds: Feeds,
  kept: readonly string[],
): LiveDialogue {
  const { hidden, context } = config;
  const past = new Map(kept.map((name) => [name, new GrowingRows(hidden)]));
  /** For each utterance so far whether it had the modality. */
  const present = new Map(modalities.map((m) => [m, [] as boolean[]]));
  let length = 0;

  /** Rows before the new one. Where there is none, a hidden row stands in: engines dislike matrices without rows. */
  const pastRows = (name: string): Values => {
    const rows = past.get(name) as GrowingRows;
    return rows.length === 0
      ? { data: new Float32Array(hidden), dims: [1, hidden] }
      : { data: rows.view(), dims: [rows.length, hidden] };
  };

  /** [1, P + 1] added to scores: 0 for an utterance that is seen and has the source. */
  function seen(source: Modality | undefined, now: boolean): Values {
    const kept = context === 'causal' ? length : 0;
    const data = new Float32Array(Math.max(kept, 1) + 1).fill(HIDDEN_SCORE);
    const had = source === undefined ? undefined : present.get(source);
    for (let i = 0; i < kept; i++) if (had === undefined || had[i]) data[i] = 0;
    if (now) data[data.length - 1] = 0;
    return { data, dims: [1, data.length] };
  }

  return {
    get length() {
      return length;
    },
    async say(utterance, anchors) {
      checkBatch(utterance, shape);
      const layout = layOut(utterance);
      if (layout.n !== 1) throw new Error(`One utterance is said at a time, not ${layout.n}.`);
      const isThere = (m: Modality) => utterance.presence?.[m]?.[0] !== 0;
      const given: Record<string, Values> = {
        ...anchorValues(anchors, shape),
        position: { data: feeds.position.row(length), dims: [1, hidden] },
      };
      for (const name of compiled.inputs) {
        const [kind, ...rest] = name.split('.');
        const source = rest[0] as Modality | undefined;
        if (kind === 'past') given[name] = pastRows(rest.join('.'));
        else if (kind === 'seen') given[name] = seen(source, source === undefined || isThere(source));
        else if (kind === 'any') {
          const had = context === 'causal' && present.get(source as Modality)?.includes(true);
          given[name] = { data: Float32Array.of(had || isThere(source as Modality) ? 1 : 0), dims: [1, 1] };
        } else given[name] ??= feeds.value(name, layout);
      }
      const results = await compiled.run(given);
      const floats = (name: string) => results[name].data as Float32Array;
      // With no context nobody looks back: nothing needs keeping.
      if (context === 'causal') for (const [name, rows] of past) rows.append(floats(name));
      for (const [m, had] of present) had.push(isThere(m));
      length++;
      return answer(shape, modalities, floats, length);
    },
  };
}

/** @param length utterances so far, this one included. */
function answer(
  shape: VegaShape,
  modalities: readonly Modality[],
  floats: (name: string) => Float32Array,
  length: number,
): VegaOutputs & { evidence: Evidence } {
  const take = (prefix: string) =>
    Object.fromEntries(branches(shape).map((branch) => [branch, floats(`${prefix}.${branch}`)]));
  const shares = floats('shares');
  const looked = modalities.map((m) => floats(`attention.${m}`));
  // Without context, and at the first utterance, the rows looked at are a hidden one and itself.
  const attention = new Float32Array(length);
  const seen = Math.min(length, looked[0].length);
  const shown = attention.subarray(length - seen);
  mixAttention(
    shown,
    shares,
    looked.map((row) => row.subarray(row.length - seen)),
  );
  return {
    logits: take('logits'),
    ...(shape.anchorDim === undefined ? {} : { anchorLogits: take('anchorLogits'), anchored: floats('anchored') }),
    fused: floats('fused'),
    evidence: { modalities: [...modalities], shares, attention },
  };
}
