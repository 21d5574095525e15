import type { AnchorBank } from '../anchors/types.js';
import type { Batch } from '../base/batch.js';
import { type Modality, modalitiesIn } from '../base/modalities.js';
import { argmax } from '../metrics/classification.js';
import type { VegaOutputs } from '../vega/types.js';
import { type NearestExemplars, nearestExemplars } from './exemplars.js';
import { headDistributions } from './heads.js';
import type { ReadUtterance } from './read.js';
import type { ByClass, Evidence, NearExemplar, Opinion, Prediction } from './types.js';

/** Utterances that are named as looked at. */
const ATTENDED = 3;

/** What a model's outputs are read with. */
export interface Description {
  classes: readonly string[];
  /** Anchors in the order of the classes, for the nearest exemplars. */
  bank?: AnchorBank;
  /** Logit of the class head's share in the average mixture. */
  gate?: number;
  /** What the class head's logits are divided by to give confidence. */
  temperature: number;
  /** What the model multiplies cosines to anchors by. */
  anchorScale: number;
  /** Whether features are standardised, so that their distance from those of training can be told. */
  standardised: boolean;
}

/** A prediction for each utterance of each conversation of a batch. */
export function describeOutputs(
  outputs: VegaOutputs,
  batch: Batch,
  conversations: readonly (readonly ReadUtterance[])[],
  about: Description,
): Prediction[][] {
  const rows = rowsOf(outputs, about);
  const longest = Math.max(...batch.lengths);
  let n = 0;
  return conversations.map((conversation, d) =>
    conversation.map((read, i) => {
      const at = (d * longest + i) * longest;
      const looked = outputs.evidence?.attention.subarray(at, at + conversation.length);
      return describeRow(rows, outputs, batch, read, { n: n++, looked }, about);
    }),
  );
}

/** The prediction of one utterance that was computed by itself. @param outputs as `LiveDialogue.say` gives them. */
export function describeLive(outputs: VegaOutputs, batch: Batch, read: ReadUtterance, about: Description): Prediction {
  return describeRow(
    rowsOf(outputs, about),
    outputs,
    batch,
    read,
    { n: 0, looked: outputs.evidence?.attention },
    about,
  );
}

function rowsOf(outputs: VegaOutputs, about: Description): Rows {
  const count = about.classes.length;
  const heads = headDistributions(outputs, count, about.gate);
  return {
    heads,
    chosen: argmax(heads.classHead, count),
    nearest: outputs.anchored && about.bank && nearestExemplars(outputs.anchored, about.bank),
    similarity: outputs.anchorLogits?.fused,
  };
}

interface Rows {
  heads: ReturnType<typeof headDistributions>;
  chosen: ArrayLike<number>;
  nearest?: NearestExemplars;
  similarity?: Float32Array;
}

/** Row of the batch, and what its utterance looked at: the weight of each of the conversation's. */
interface Place {
  n: number;
  looked?: Float32Array;
}

function describeRow(
  { heads, chosen, nearest, similarity }: Rows,
  outputs: VegaOutputs,
  batch: Batch,
  read: ReadUtterance,
  place: Place,
  about: Description,
): Prediction {
  const { classes, anchorScale } = about;
  const { n } = place;
  const row = (values: Float32Array) => values.subarray(n * classes.length, (n + 1) * classes.length);
  const named = (values: ArrayLike<number>): ByClass =>
    Object.fromEntries(classes.map((name, c) => [name, digits(values[c])]));
  const distribution = (values: Float32Array | undefined) => values && named(row(values));
  const modalities: Prediction['modalities'] = {};
  for (const modality of modalitiesIn(read.rows)) {
    const [own, anchor] = [heads[modality], heads[`${modality}Anchor`]];
    const leading = own ?? anchor;
    if (leading === undefined) continue;
    const opinion: Opinion = { emotion: classes[argmax(row(leading), classes.length)[0]] };
    if (own) opinion.classHead = named(row(own));
    if (anchor) opinion.anchorHead = named(row(anchor));
    modalities[modality] = opinion;
  }
  const probabilities = named(row(heads.classHead));
  return {
    emotion: classes[chosen[n]],
    probabilities,
    confidence: confidenceOf(row(outputs.logits.fused as Float32Array), about.temperature),
    heads: { classHead: probabilities, ...(heads.anchorHead && { anchorHead: distribution(heads.anchorHead) }) },
    ...(heads.average && {
      mixtures: { average: named(row(heads.average)), maximum: named(row(heads.maximum as Float32Array)) },
    }),
    modalities,
    evidence: {
      ...looks(outputs.evidence, place),
      ...(similarity && { similarity: named(row(similarity).map((logit) => logit / anchorScale)) }),
      ...(nearest && { exemplars: exemplarsAt(nearest, n, about) }),
      distance: about.standardised ? distances(batch, read, n) : {},
    },
    ...(read.missing && { missing: read.missing }),
  };
}

/** Probability of the likeliest class at a temperature. @param logits [C] */
function confidenceOf(logits: Float32Array, temperature: number): number {
  const top = Math.max(...logits);
  return digits(1 / logits.reduce((sum, z) => sum + Math.exp((z - top) / temperature), 0));
}

/** What the fusion and the attention looked at. */
function looks(
  evidence: VegaOutputs['evidence'],
  { n, looked = new Float32Array() }: Place,
): Pick<Evidence, 'shares' | 'attended'> {
  if (evidence === undefined) return { shares: {}, attended: [] };
  const { modalities, shares } = evidence;
  const own = modalities.map((modality, m): [Modality, number] => [modality, shares[n * modalities.length + m]]);
  const attended = Array.from(looked, (weight, index) => ({ index, weight: digits(weight) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, ATTENDED);
  return {
    shares: Object.fromEntries(own.filter(([, share]) => share > 0).map(([name, share]) => [name, digits(share)])),
    attended,
  };
}

function exemplarsAt({ exemplars, cosines, each }: NearestExemplars, n: number, about: Description): NearExemplar[] {
  return Array.from({ length: each }, (_, i) => {
    const at = n * each + i;
    const [c, e] = exemplars.subarray(2 * at, 2 * at + 2);
    const [source, thumbnail] = [about.bank?.sources?.[c]?.[e], about.bank?.thumbnails?.[c]?.[e]];
    return {
      emotion: about.classes[c],
      ...(source && { name: source.name }),
      ...(thumbnail && { thumbnail }),
      cosine: digits(cosines[at]),
    };
  });
}

/** Root mean square of each present modality's standardised numbers. */
function distances({ features }: Batch, { rows }: ReadUtterance, n: number): Evidence['distance'] {
  return Object.fromEntries(
    modalitiesIn(rows).map((modality) => {
      const dim = (rows[modality] as Float32Array).length;
      const own = (features[modality] as Float32Array).subarray(n * dim, (n + 1) * dim);
      return [modality, digits(Math.sqrt(own.reduce((sum, x) => sum + x * x, 0) / dim))];
    }),
  );
}

/** Eight digits: all that a float32 holds. */
const digits = (value: number): number => Number(value.toPrecision(8));
