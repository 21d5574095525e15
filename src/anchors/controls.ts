import { canonicalEmotion } from '../base/emotions.js';
import { InputError } from '../base/errors.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { buildBank } from './bank.js';
import { dot, row } from './rows.js';
import type { AnchorBank } from './types.js';

/** Site of the random numbers behind controls, next to that of sampling. */
const SITE = RANDOM_SITES.anchors + 2;

/**
 * The control "random": orthonormal targets without any face, one a class. What visual anchors gain over these is what
 * faces give.
 * @throws InputError where more classes than dimensions leave no room for that.
 */
export function randomAnchors(classes: readonly string[], dim: number, seed: number): AnchorBank {
  if (classes.length > dim) {
    throw new InputError(
      `Random anchors of ${classes.length} classes need at least ${classes.length} dimensions to be orthonormal, not ${dim}.`,
    );
  }
  return oneEach(classes, dim, orthonormal(classes.length, dim, seed), 'random');
}

/**
 * The control "learned": the values that anchors start from when they are parameters; directions drawn uniformly.
 * Training changes them.
 */
export function initialLearnedAnchors(classes: readonly string[], dim: number, seed: number): AnchorBank {
  const values = new Float32Array(classes.length * dim);
  for (let c = 0; c < classes.length; c++) {
    const stream = randomStream(seed, c, SITE);
    for (let d = 0; d < dim; d++) values[c * dim + d] = stream.normal();
  }
  return oneEach(classes, dim, values, 'learned');
}

/** The text tower of CLIP, as src/encoders opens it. */
export interface TextEncoder {
  name: string;
  dim: number;
  /** @returns [n, D], not normalised. */
  embed(texts: readonly string[]): Promise<Float32Array>;
}

/** What CLIP's text tower is asked a class; the wording of CLIP's own zero-shot prompts. */
export function emotionPrompt(name: string): string {
  const emotion = canonicalEmotion(name);
  return `a photo of a face that shows ${emotion === 'neutral' ? 'no emotion' : emotion}`;
}

/** The control "text": the embedding of a prompt a class, in the space of the same CLIP model that sees faces. */
export async function textAnchors(classes: readonly string[], encoder: TextEncoder): Promise<AnchorBank> {
  const embeddings = await encoder.embed(classes.map(emotionPrompt));
  return oneEach(classes, encoder.dim, embeddings, `text: ${encoder.name}`);
}

/** A bank with one exemplar a class, which then is the class's centre. @param rows [C, D]. */
function oneEach(classes: readonly string[], dim: number, rows: Float32Array, encoder: string): AnchorBank {
  return buildBank(
    classes.map((name, c) => ({ name, embeddings: row(rows, dim, c) })),
    dim,
    encoder,
  );
}

/** Rows of unit length, each orthogonal to all others: Gram–Schmidt on normal draws, twice for accuracy. */
function orthonormal(count: number, dim: number, seed: number): Float32Array {
  const rows = new Float32Array(count * dim);
  for (let c = 0; c < count; c++) {
    const stream = randomStream(seed, c, SITE);
    const current = row(rows, dim, c);
    for (let d = 0; d < dim; d++) current[d] = stream.normal();
    for (let pass = 0; pass < 2; pass++) {
      for (let other = 0; other < c; other++) {
        const earlier = row(rows, dim, other);
        const along = dot(current, earlier);
        for (let d = 0; d < dim; d++) current[d] -= along * earlier[d];
      }
      const norm = Math.sqrt(dot(current, current));
      for (let d = 0; d < dim; d++) current[d] /= norm;
    }
  }
  return rows;
}
