import { type ExemplarRef, evenPart } from './inspect.js';
import { row } from './rows.js';
import type { AnchorBank } from './types.js';

export type Place = [x: number, y: number];

/** The plane in which points differ most (PCA), and what else lies where on it. */
export interface Plane {
  project(rows: readonly number[][]): Place[];
  /** Share of the variance that each axis holds; absent with fewer than three points. */
  explained?: [number, number];
}

/** @param points the plane is fitted to these; with fewer than three of them, to the centres too. */
export async function planeOf(points: number[][], centres: number[][]): Promise<Plane> {
  const { PCA } = await import('ml-pca');
  const model = new PCA(points.length > 2 ? points : [...points, ...centres], { method: 'NIPALS', nCompNIPALS: 2 });
  const project = (rows: readonly number[][]): Place[] =>
    rows.length === 0
      ? []
      : model
          .predict(rows as number[][], { nComponents: 2 })
          .to2DArray()
          .map(([x, y]) => [x, y ?? 0]);
  if (points.length <= 2) return { project };
  const total = totalVariance(points);
  const places = project(points);
  return {
    project,
    explained: [0, 1].map((axis) => totalVariance(places.map((place) => [place[axis]])) / total) as Place,
  };
}

/** A bank's plane, and where its exemplars (an even part where they are many) and centres lie on it. */
export interface BankPlane extends Plane {
  exemplars: { ref: ExemplarRef; place: Place }[];
  /** One a class. */
  centres: Place[];
}

/** @returns undefined where there are fewer than three points. */
export async function planeOfBank(
  bank: Pick<AnchorBank, 'classes' | 'dim' | 'exemplars' | 'centres'>,
  limit: number,
): Promise<BankPlane | undefined> {
  const { dim, exemplars, centres, classes } = bank;
  const refs = evenPart(
    exemplars.map((rows) => rows.length / dim),
    limit,
  );
  const points = refs.map((ref) => [...row(exemplars[ref.class], dim, ref.index)]);
  const middles = classes.map((_, c) => [...row(centres, dim, c)]);
  if (points.length + middles.length < 3) return undefined;
  const plane = await planeOf(points, middles);
  const places = plane.project(points);
  return {
    ...plane,
    exemplars: refs.map((ref, i) => ({ ref, place: places[i] })),
    centres: plane.project(middles),
  };
}

function totalVariance(rows: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const [d] of rows[0].entries()) {
    const mean = rows.reduce((total, one) => total + one[d], 0) / rows.length;
    sum += rows.reduce((total, one) => total + (one[d] - mean) ** 2, 0);
  }
  return sum;
}
