import { quote } from '../base/words.js';
import { isNdArray, type NumericArray, type PickleValue } from '../interchange/index.js';
import { type ByDialogue, kindOf, listOf } from './tuples.js';
import type { FeatureTable } from './types.js';

type Refuse = (why: string) => never;

/** Features of one dialogue, found but not yet copied: its rows, one after the other or in one piece. */
interface Matrix {
  count: number;
  dim: number;
  pieces: (NumericArray | PickleValue[])[];
}

/** How many utterances each dialogue has, in the order of the corpus. */
export type DialogueSizes = ReadonlyMap<string, number>;

/**
 * One modality's table out of a dictionary by dialogue id, whose entries may be [L, dim], [1, L, dim] or lists of L
 * rows, of any kind of number.
 * @param what what error sentences call the modality
 * @param refuse throws; its argument says what is wrong with the file
 */
export function readTable(entries: ByDialogue, sizes: DialogueSizes, what: string, refuse: Refuse): FeatureTable {
  const matrices: Matrix[] = [];
  let first: { id: string; dim: number } | undefined;
  let utterances = 0;
  for (const [id, size] of sizes) {
    const entry = entries.get(id);
    const where = `the ${what} features of dialogue ${quote(id)}`;
    if (entry === undefined) return refuse(`lacks ${where}`);
    const matrix = findRows(entry, where, refuse);
    if (matrix.count !== size)
      refuse(`has ${matrix.count} rows in ${where}, but the dialogue has ${size} labels; they must be as many`);
    first ??= { id, dim: matrix.dim };
    if (matrix.dim !== first.dim)
      refuse(`has rows of ${matrix.dim} numbers in ${where}, but of ${first.dim} in dialogue ${quote(first.id)}`);
    matrices.push(matrix);
    utterances += size;
  }
  const dim = first?.dim ?? 0;
  const rows = new Float32Array(utterances * dim);
  let at = 0;
  for (const { pieces } of matrices) {
    for (const piece of pieces) {
      copy(piece, rows, at);
      at += piece.length;
    }
  }
  return { dim, rows };
}

/**
 * Marks all-zero rows as absent: feature files have them where an extractor found nothing.
 * @returns undefined where every row is zero, which is how files without a modality fill its place
 */
export function withPresence(table: FeatureTable): FeatureTable | undefined {
  const { rows, dim } = table;
  const presence = new Uint8Array(rows.length / dim);
  for (let row = 0; row < presence.length; row++) {
    presence[row] = rows.subarray(row * dim, (row + 1) * dim).some((x) => x !== 0) ? 1 : 0;
  }
  if (!presence.includes(1)) return undefined;
  return presence.includes(0) ? { ...table, presence } : table;
}

/** Mean of tables of one shape, element by element: the first becomes the result. */
export function meanOf([first, ...others]: readonly FeatureTable[]): FeatureTable {
  if (others.length === 0) return first;
  for (let i = 0; i < first.rows.length; i++) {
    let sum = first.rows[i];
    for (const { rows } of others) sum += rows[i];
    first.rows[i] = sum / (others.length + 1);
  }
  return first;
}

function findRows(entry: PickleValue, where: string, refuse: Refuse): Matrix {
  if (isNdArray(entry)) {
    const shape = entry.shape.length === 3 && entry.shape[0] === 1 ? entry.shape.slice(1) : entry.shape;
    if (shape.length !== 2)
      return refuse(`has an array of shape [${entry.shape.join(', ')}] as ${where}; [utterances, dimension] is needed`);
    return { count: shape[0], dim: shape[1], pieces: [entry.data] };
  }
  if (!Array.isArray(entry)) return refuse(`has ${kindOf(entry)} as ${where}; rows of numbers are needed`);
  if (entry.length === 1 && isNdArray(entry[0]) && entry[0].shape.length === 2)
    return findRows(entry[0], where, refuse);
  const pieces = entry.map((row, i) => {
    const piece = isNdArray(row) ? row.data : listOf(row);
    if (piece === undefined || (Array.isArray(piece) && !piece.every(isNumber)))
      return refuse(`has ${kindOf(row)} as row ${i} of ${where}; a row of numbers is needed`);
    return piece;
  });
  const dim = pieces[0]?.length ?? 0;
  const odd = pieces.findIndex((piece) => piece.length !== dim);
  if (odd >= 0) refuse(`has ${pieces[odd].length} numbers in row ${odd} of ${where}, but ${dim} in row 0`);
  return { count: pieces.length, dim, pieces };
}

function isNumber(value: PickleValue): boolean {
  return typeof value === 'number' || typeof value === 'bigint';
}

function copy(piece: NumericArray | PickleValue[], rows: Float32Array, at: number): void {
  if (Array.isArray(piece) || piece instanceof BigInt64Array || piece instanceof BigUint64Array)
    for (let i = 0; i < piece.length; i++) rows[at + i] = Number(piece[i]);
  else rows.set(piece, at);
}
