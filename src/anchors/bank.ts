import { canonicalEmotion, matchClasses } from '../base/emotions.js';
import { InputError } from '../base/errors.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { sha256 } from '../base/sha256.js';
import { bytesOf, meanRow, normaliseRows } from './rows.js';
import type { AnchorBank, ExemplarSource } from './types.js';

/** The exemplars of one class, as an encoder gave them. */
export interface ClassExemplars {
  name: string;
  /** [n, D] row-major, n >= 1, rows of any length. The bank takes this array over and normalises its rows. */
  embeddings: Float32Array;
  /** File name and hash of each exemplar. */
  sources?: ExemplarSource[];
  thumbnails?: (Uint8Array | undefined)[];
}

/**
 * A bank from exemplar embeddings, as published: every exemplar is L2-normalised, the centre of a class is the mean of
 * its exemplars and is not normalised again.
 * @throws InputError where an embedding is zero or not finite, or a class has no exemplar or another dimension.
 */
export function buildBank(classes: readonly ClassExemplars[], dim: number, encoder?: string): AnchorBank {
  if (classes.length < 2) {
    throw new InputError(
      `Anchors need at least two classes, but there ${classes.length === 1 ? `is only "${classes[0].name}"` : 'is none'}.`,
    );
  }
  const twice = classes.find((one, i) => classes.findIndex((other) => other.name === one.name) !== i);
  if (twice !== undefined) throw new InputError(`The class "${twice.name}" of the anchors is named twice.`);
  const centres = new Float32Array(classes.length * dim);
  const exemplars = classes.map((one, c) => {
    const count = one.embeddings.length / dim;
    if (count < 1 || !Number.isInteger(count)) {
      throw new InputError(
        `The anchor class "${one.name}" has ${one.embeddings.length} numbers, which is no whole number of exemplars of dimension ${dim}.`,
      );
    }
    const rows = one.embeddings;
    normaliseRows(rows, dim, (i) => `exemplar ${one.sources?.[i]?.name ?? i} of "${one.name}"`);
    centres.set(meanRow(rows, dim), c * dim);
    return rows;
  });
  const names = classes.map((one) => one.name);
  const bank: AnchorBank = { classes: names, dim, centres, exemplars, hash: bankHash(names, dim, centres, exemplars) };
  if (encoder !== undefined) bank.encoder = encoder;
  if (classes.every((one) => one.sources !== undefined)) bank.sources = classes.map((one) => one.sources ?? []);
  if (classes.some((one) => one.thumbnails !== undefined)) bank.thumbnails = classes.map((one) => one.thumbnails ?? []);
  return bank;
}

/**
 * SHA-256 over class names, centres and exemplars. It depends neither on the order of the classes nor on which alias
 * names them, so a bank aligned to a corpus keeps the hash of its file.
 */
export function bankHash(
  classes: readonly string[],
  dim: number,
  centres: Float32Array,
  exemplars: readonly Float32Array[],
): string {
  const each = classes.map((name, c) =>
    sha256(
      `${canonicalEmotion(name)}\n${dim}\n${exemplars[c].length / dim}\n`,
      bytesOf(centres.subarray(c * dim, (c + 1) * dim)),
      bytesOf(exemplars[c]),
    ),
  );
  return sha256(each.sort().join('\n'));
}

/** Which class of the anchors met which class of a corpus. */
export interface AlignedAnchors {
  /** The bank in the order, and with the class names, of the corpus. */
  bank: AnchorBank;
  /** For each class of the corpus the name that the anchors use for it. */
  matched: { wanted: string; anchor: string }[];
  /** Anchor classes that the corpus has no use for. */
  unused: string[];
}

/**
 * Puts the classes of a bank into a corpus's order, through the alias table (sad = sadness, happy = joy, …). Anchor
 * classes that the corpus lacks are left out.
 * @param dim dimension that a trained model was built for; undefined accepts any.
 * @throws InputError where a class has no anchor or the dimension is another; names both sides.
 */
export function alignAnchors(bank: AnchorBank, classes: readonly string[], dim?: number): AlignedAnchors {
  if (dim !== undefined && dim !== bank.dim) {
    throw new InputError(
      `The anchors have dimension ${bank.dim}${bank.encoder === undefined ? '' : ` (encoder ${bank.encoder})`}, but the model was built for anchors of dimension ${dim}; use the anchors that it was trained with.`,
    );
  }
  const { indices, missing, unused } = matchClasses(classes, bank.classes);
  if (missing.length > 0) {
    throw new InputError(
      `The anchors have no class for ${missing.join(', ')}. Classes of the corpus: ${classes.join(', ')}; classes of the anchors: ${bank.classes.join(', ')}. Build anchors with a class for each, or rename the anchors' classes.`,
    );
  }
  const names = [...classes];
  const centres = centresFor(bank, indices);
  const exemplars = indices.map((i) => bank.exemplars[i]);
  const aligned: AnchorBank = {
    ...bank,
    classes: names,
    centres,
    exemplars,
    hash: bankHash(names, bank.dim, centres, exemplars),
  };
  if (bank.sources !== undefined) aligned.sources = indices.map((i) => bank.sources?.[i] ?? []);
  if (bank.thumbnails !== undefined) aligned.thumbnails = indices.map((i) => bank.thumbnails?.[i] ?? []);
  return {
    bank: aligned,
    matched: indices.map((i, c) => ({ wanted: classes[c], anchor: bank.classes[i] })),
    unused,
  };
}

/** The centres of some classes. @param order indices into `bank.classes`. @returns [C, D]. */
export function centresFor(bank: AnchorBank, order: readonly number[]): Float32Array {
  const out = new Float32Array(order.length * bank.dim);
  order.forEach((index, c) => {
    out.set(bank.centres.subarray(index * bank.dim, (index + 1) * bank.dim), c * bank.dim);
  });
  return out;
}

/** The encoder name of made-up anchors, so that nobody takes them for faces. */
export const SYNTHETIC_ENCODER = 'synthetic';

/**
 * Made-up anchors for the sample corpus: a random direction a class, and exemplars scattered around it. They hold no
 * face; their encoder is called "synthetic".
 */
export function syntheticAnchors(classes: readonly string[], dim: number, seed: number, perClass = 12): AnchorBank {
  return buildBank(
    classes.map((name, c) => {
      const stream = randomStream(seed, c, RANDOM_SITES.anchors + 1);
      const direction = Float32Array.from({ length: dim }, () => stream.normal());
      const embeddings = Float32Array.from({ length: perClass * dim }, (_, i) => direction[i % dim] + stream.normal());
      return { name, embeddings };
    }),
    dim,
    SYNTHETIC_ENCODER,
  );
}
