import { RANDOM_SITES, randomStream } from '../base/random.js';
import type { ExemplarRef } from './inspect.js';
import { dot, row } from './rows.js';
import type { AnchorBank } from './types.js';

export type Place = [x: number, y: number];

/** Exemplars and centres in two dimensions. */
export interface AnchorMap {
  name: 'PCA' | 'UMAP';
  /** In the order of the exemplars asked for. */
  exemplars: Place[];
  /** One a class. */
  centres: Place[];
  /** PCA: share of the variance that each axis holds. */
  explained?: [number, number];
}

/**
 * Maps exemplars and centres to the plane: PCA of the exemplars, and UMAP (McInnes et al., 2018) of exemplars and
 * centres together, seeded. Fewer than five points have no UMAP; fewer than three no map at all.
 */
export async function mapAnchors(bank: AnchorBank, shown: readonly ExemplarRef[]): Promise<AnchorMap[]> {
  const points = shown.map((ref) => [...row(bank.exemplars[ref.class], bank.dim, ref.index)]);
  const centres = bank.classes.map((_, c) => [...row(bank.centres, bank.dim, c)]);
  // Without exemplars the centres are all there is to see.
  const maps: AnchorMap[] = [];
  if (points.length + centres.length >= 3) maps.push(await pca(points, centres));
  if (points.length + centres.length >= 5) maps.push(await umap(points, centres));
  return maps;
}

async function pca(points: number[][], centres: number[][]): Promise<AnchorMap> {
  const { PCA } = await import('ml-pca');
  const model = new PCA(points.length > 2 ? points : [...points, ...centres], { method: 'NIPALS', nCompNIPALS: 2 });
  const project = (rows: number[][]): Place[] =>
    rows.length === 0
      ? []
      : model
          .predict(rows, { nComponents: 2 })
          .to2DArray()
          .map(([x, y]) => [x, y ?? 0]);
  const map: AnchorMap = { name: 'PCA', exemplars: project(points), centres: project(centres) };
  if (points.length > 2) {
    const total = totalVariance(points);
    map.explained = [0, 1].map((axis) => totalVariance(map.exemplars.map((place) => [place[axis]])) / total) as Place;
  }
  return map;
}

function totalVariance(rows: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const [d] of rows[0].entries()) {
    const mean = rows.reduce((total, one) => total + one[d], 0) / rows.length;
    sum += rows.reduce((total, one) => total + (one[d] - mean) ** 2, 0);
  }
  return sum;
}

/** Rounds of the layout: less than half of the library's default, and the eye sees no difference. */
const EPOCHS = 200;

async function umap(points: number[][], centres: number[][]): Promise<AnchorMap> {
  const { UMAP } = await import('umap-js');
  // Centres are shorter than exemplars, which are of unit length; only their direction matters to the model.
  const directions = centres.map((centre) => {
    const norm = Math.sqrt(dot(Float32Array.from(centre), Float32Array.from(centre)));
    return centre.map((value) => value / Math.max(norm, 1e-12));
  });
  const all = [...points, ...directions];
  const stream = randomStream(1, 0, RANDOM_SITES.anchors + 4);
  const places = new UMAP({
    nNeighbors: Math.min(15, all.length - 1),
    minDist: 0.15,
    nEpochs: EPOCHS,
    random: stream.uniform,
  }).fit(all);
  const place = ([x, y]: number[]): Place => [x, y];
  return {
    name: 'UMAP',
    exemplars: places.slice(0, points.length).map(place),
    centres: places.slice(points.length).map(place),
  };
}
