import { InputError } from '../base/errors.js';
import { quote } from '../base/words.js';
import { dot, row } from './rows.js';
import type { AnchorBank } from './types.js';

/**
 * Lengths that a vector of a bank may have. Exemplars have length 1 and centres at most that; what is far beyond makes
 * the model's 32-bit squares infinite or zero, and the anchors silently without effect.
 */
const SHORTEST = 1e-6;
const LONGEST = 1e6;

/**
 * Refuses a bank with a vector that has no direction: not finite, zero, or of a length that no mean of embeddings has.
 * @param source what the sentence calls the bank, usually a path
 * @throws InputError naming class and exemplar
 */
export function checkNumbers({ classes, dim, centres, exemplars }: AnchorBank, source: string): void {
  classes.forEach((name, c) => {
    checkVector(row(centres, dim, c), () => `the centre of ${quote(name)}`, source);
    for (let i = 0; i < exemplars[c].length / dim; i++)
      checkVector(row(exemplars[c], dim, i), () => `exemplar ${i} of ${quote(name)}`, source);
  });
}

function checkVector(vector: Float32Array, name: () => string, source: string): void {
  const length = Math.sqrt(dot(vector, vector));
  if (length >= SHORTEST && length <= LONGEST) return;
  const why = Number.isFinite(length)
    ? length === 0
      ? 'is zero, which has no direction'
      : `has the length ${length.toPrecision(3)}, where embeddings have about 1`
    : 'holds a number that is not finite';
  throw new InputError(`${source}: ${name()} ${why}. Build the anchors again; these would have no effect in a model.`);
}
