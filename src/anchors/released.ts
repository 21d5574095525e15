import { InputError } from '../base/errors.js';
import { quote } from '../base/words.js';
import { asFloat32, encodeTorch, isNdArray, type NdArray, parseTorch, type TorchValue } from '../interchange/index.js';
import { bankHash } from './bank.js';
import { checkNumbers } from './numbers.js';
import { dot, normaliseRows, row } from './rows.js';
import type { AnchorBank } from './types.js';

/**
 * Reads anchors as the published implementation keeps them: `torch.save` of {anchor_center [C, D], anchor_img_dict
 * {class: {feature [n, D]}}}. The classes stand in the order of the dict, which is that of the centres' rows. The file
 * names no encoder and no pictures.
 * @param source what error sentences call the bytes, usually a path
 * @throws InputError naming the entry that is not as it should be.
 */
export function parseReleasedAnchors(bytes: Uint8Array, source: string): AnchorBank {
  const refuse = (why: string) =>
    new InputError(
      `${source} is no anchor file as released: ${why}. It needs "anchor_center" [classes, D] and "anchor_img_dict" {class: {"feature": [exemplars, D]}}.`,
    );
  const root = parseTorch(bytes, source);
  if (!(root instanceof Map)) throw refuse('it holds no dict');
  const centres = root.get('anchor_center');
  if (!isMatrix(centres)) throw refuse('its "anchor_center" is missing or no matrix of numbers');
  const pictures = root.get('anchor_img_dict');
  if (!(pictures instanceof Map)) throw refuse('its "anchor_img_dict" is missing or no dict');
  const [count, dim] = centres.shape;
  if (pictures.size !== count || count === 0) {
    throw refuse(`it has ${count} centres but exemplars of ${pictures.size} classes`);
  }
  const classes: string[] = [];
  const exemplars: Float32Array[] = [];
  for (const [name, entry] of pictures) {
    const feature = entry instanceof Map ? entry.get('feature') : undefined;
    if (typeof name !== 'string') throw refuse(`the class ${String(name)} has no name`);
    if (!isMatrix(feature) || feature.shape[1] !== dim) {
      throw refuse(`the "feature" of class ${quote(name)} is missing or no matrix of ${dim} columns`);
    }
    classes.push(name);
    exemplars.push(unitRows(asFloat32(feature), dim, (i) => `exemplar ${i} of ${quote(name)} in ${source}`));
  }
  const values = Float32Array.from(asFloat32(centres));
  const bank = { classes, dim, centres: values, exemplars, hash: bankHash(classes, dim, values, exemplars) };
  checkNumbers(bank, source);
  return bank;
}

/** The bytes that `parseReleasedAnchors` reads. Encoder, sources and thumbnails have no place in that format. */
export function encodeReleasedAnchors(bank: AnchorBank): Uint8Array {
  const pictures = bank.classes.map((name, c): [string, TorchValue] => {
    const data = bank.exemplars[c];
    return [name, new Map([['feature', { shape: [data.length / bank.dim, bank.dim], dtype: 'float32', data }]])];
  });
  const centres: NdArray = { shape: [bank.classes.length, bank.dim], dtype: 'float32', data: bank.centres };
  const root: [string, TorchValue][] = [
    ['anchor_center', centres],
    ['anchor_img_dict', new Map(pictures)],
  ];
  return encodeTorch(new Map(root));
}

function isMatrix(value: unknown): value is NdArray {
  return isNdArray(value) && value.shape.length === 2 && value.shape[1] > 0;
}

/** Rows of unit length, a copy; rows that have it already keep every bit, so that a file converts back to itself. */
function unitRows(rows: Float32Array, dim: number, describe: (i: number) => string): Float32Array {
  const unit = Float32Array.from(rows);
  normaliseRows(unit, dim, describe);
  for (let i = 0; i < rows.length / dim; i++) {
    const given = row(rows, dim, i);
    if (Math.abs(dot(given, given) - 1) < 1e-5) unit.set(given, i * dim);
  }
  return unit;
}
