import { RANDOM_SITES, randomStream } from '../base/random.js';
import type { ExemplarRef } from './inspect.js';
import { type Place, planeOf } from './plane.js';
import { dot, row } from './rows.js';
import type { AnchorBank } from './types.js';

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
  const { project, explained } = await planeOf(points, centres);
  return { name: 'PCA', exemplars: project(points), centres: project(centres), ...(explained && { explained }) };
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
