import type { AnchorBank } from '../anchors/types.js';
import { type Modality, modalitiesIn, temperatureOf } from '../base/modalities.js';
import { argmax } from '../metrics/classification.js';
import type { RunCalibration } from '../run/format.js';
import type { VegaOutputs } from '../vega/types.js';
import { type NearestExemplars, nearestExemplars } from './exemplars.js';
import { cosinesToCentres, distributionOfCosines } from './faces.js';
import type { JudgedUtterance } from './familiar.js';
import { type Head, headDistributions } from './heads.js';
import type { ByClass, Evidence, NearExemplar, Opinion, Prediction } from './types.js';

/** Utterances that are named as looked at. */
const ATTENDED = 3;

/** What a model's outputs are read with. */
export interface Description {
  classes: readonly string[];
  /** Anchors in the order of the classes, for the nearest exemplars. */
  bank?: AnchorBank;
  /** The bank gave the classes: the anchor head answers among them, alone. */
  zeroShot?: boolean;
  /** Logit of the class head's share in the average mixture. */
  gate?: number;
  /** Gives confidence; absent of models that were never calibrated. */
  calibration?: RunCalibration;
  /** What the model multiplies cosines to anchors by. */
  anchorScale: number;
}

/** A prediction for each utterance of each conversation that was computed together. */
export function describeOutputs(
  outputs: VegaOutputs,
  conversations: readonly (readonly JudgedUtterance[])[],
  about: Description,
): Prediction[][] {
  const rows = rowsOf(outputs, conversations.flat(), about);
  const longest = Math.max(...conversations.map(({ length }) => length));
  let n = 0;
  return conversations.map((conversation, d) => {
    const had = new Set<Modality>();
    return conversation.map((read, i) => {
      const at = (d * longest + i) * longest;
      const looked = outputs.evidence?.attention.subarray(at, at + conversation.length);
      for (const modality of modalitiesIn(read.rows)) had.add(modality);
      return describeRow(rows, outputs, read, { n: n++, looked, had: [...had] }, about);
    });
  });
}

/**
 * The prediction of one utterance that was computed by itself.
 * @param outputs as `LiveDialogue.say` gives them; @param had the modalities that it or those before it have.
 */
export function describeLive(
  outputs: VegaOutputs,
  read: JudgedUtterance,
  had: readonly Modality[],
  about: Description,
): Prediction {
  const place = { n: 0, looked: outputs.evidence?.attention, had };
  return describeRow(rowsOf(outputs, [read], about), outputs, read, place, about);
}

function rowsOf(outputs: VegaOutputs, utterances: readonly JudgedUtterance[], about: Description): Rows {
  const { anchored } = outputs;
  const { classes, bank, gate, anchorScale } = about;
  const nearest = anchored && bank && nearestExemplars(anchored, bank);
  const trusted = (logits: Float32Array) => logits.map((z, i) => z * utterances[Math.floor(i / classes.length)].trust);
  if (about.zeroShot) {
    if (anchored === undefined || bank === undefined) throw new Error('Faces need a model with an anchor branch.');
    const similarity = cosinesToCentres(anchored, bank);
    const anchorHead = distributionOfCosines(trusted(similarity), classes.length, anchorScale);
    return { heads: { anchorHead }, answering: anchorHead, nearest, similarity };
  }
  const each = (all: VegaOutputs['logits'] = {}) =>
    Object.fromEntries(Object.entries(all).map(([branch, logits]) => [branch, trusted(logits)]));
  const logits = each(outputs.logits);
  const anchorLogits = outputs.anchorLogits && each(outputs.anchorLogits);
  const heads = headDistributions({ logits, anchorLogits }, classes.length, gate);
  const similarity = outputs.anchorLogits?.fused?.map((logit) => logit / anchorScale);
  return { heads, answering: heads.classHead, fused: logits.fused, nearest, similarity };
}

interface Rows {
  heads: Partial<Record<Head, Float32Array>>;
  /** [N, C] the distribution of the head that answers. */
  answering: Float32Array;
  /** [N, C] the class head's logits, by how far each utterance can be trusted. */
  fused?: Float32Array;
  nearest?: NearestExemplars;
  /** [N, C] cosines to the anchors. */
  similarity?: Float32Array;
}

/** Row of the batch, and what its utterance looked at: the weight of each of the conversation's. */
interface Place {
  n: number;
  looked?: Float32Array;
  /** The modalities that this utterance or those before it have. */
  had: readonly Modality[];
}

function describeRow(
  { heads, answering, fused, nearest, similarity }: Rows,
  outputs: VegaOutputs,
  read: JudgedUtterance,
  place: Place,
  about: Description,
): Prediction {
  const { classes } = about;
  const { n } = place;
  const row = (values: Float32Array) => values.subarray(n * classes.length, (n + 1) * classes.length);
  const named = (values: Float32Array): ByClass =>
    Object.fromEntries(classes.map((name, c) => [name, digits(row(values)[c])]));
  const chosen = (values: Float32Array) => argmax(row(values), classes.length)[0];
  const probabilities = named(answering);
  const answer = { emotion: classes[chosen(answering)], probabilities };
  const { distance, unfamiliar } = read;
  const rest = {
    ...(unfamiliar.length > 0 && { unfamiliar }),
    modalities: opinionsOf(heads, read, named, (values) => classes[chosen(values)]),
    evidence: {
      ...looks(outputs.evidence, place),
      ...(similarity && { similarity: named(similarity) }),
      ...(nearest && { exemplars: exemplarsAt(nearest, n, about) }),
      distance,
      ...(read.face && { face: read.face }),
    },
    ...(read.missing && { missing: read.missing }),
  };
  if (about.zeroShot)
    return {
      zeroShot: true,
      ...answer,
      confidence: probabilities[answer.emotion],
      heads: { anchorHead: probabilities },
      ...rest,
    };
  return {
    ...answer,
    confidence: confidenceOf(
      row(fused as Float32Array),
      about.calibration ? temperatureOf(about.calibration, modalitiesIn(read.rows), place.had) : 1,
    ),
    heads: { classHead: probabilities, ...(heads.anchorHead && { anchorHead: named(heads.anchorHead) }) },
    ...(heads.average && {
      mixtures: { average: named(heads.average), maximum: named(heads.maximum as Float32Array) },
    }),
    ...rest,
  };
}

/** What each modality that an utterance has says by itself, where the model has a head of its own for it. */
function opinionsOf(
  heads: Rows['heads'],
  { rows }: JudgedUtterance,
  named: (values: Float32Array) => ByClass,
  chosen: (values: Float32Array) => string,
): Prediction['modalities'] {
  const modalities: Prediction['modalities'] = {};
  for (const modality of modalitiesIn(rows)) {
    const [own, anchor] = [heads[modality], heads[`${modality}Anchor`]];
    const leading = own ?? anchor;
    if (leading === undefined) continue;
    const opinion: Opinion = { emotion: chosen(leading) };
    if (own) opinion.classHead = named(own);
    if (anchor) opinion.anchorHead = named(anchor);
    modalities[modality] = opinion;
  }
  return modalities;
}

/** Probability of the likeliest class at a temperature. @param logits [C] */
function confidenceOf(logits: Float32Array, temperature: number): number {
  const top = Math.max(...logits);
  return digits(1 / logits.reduce((sum, z) => sum + Math.exp((z - top) / temperature), 0));
}

/** What the fusion and the attention looked at. */
function looks(
  evidence: VegaOutputs['evidence'],
  { n, looked = new Float32Array() }: Pick<Place, 'n' | 'looked'>,
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

/** Eight digits: all that a float32 holds. */
const digits = (value: number): number => Number(value.toPrecision(8));
