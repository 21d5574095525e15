/** Maps of faces, in a worker of their own: fitting one takes long, and no answer may wait for it. */
import { expose } from 'comlink';
import { type BankPlane, planeOfBank } from '../../../anchors/plane.js';
import { row } from '../../../anchors/rows.js';
import type { AnchorBank } from '../../../anchors/types.js';
import type { MapInfo } from './types.js';

/** Exemplars on a map: more only hide each other. */
const ON_MAP = 600;

/** What a map needs of a bank. */
export type MapBank = Pick<AnchorBank, 'classes' | 'dim' | 'exemplars' | 'centres'>;

const planes = new Map<string, BankPlane>();

const at = ([x, y]: [number, number]) => ({ x, y });

const mapper = {
  /** Makes the map of some faces, under a key. @returns undefined where there are too few. */
  async make(key: string, bank: MapBank): Promise<MapInfo | undefined> {
    const plane = await planeOfBank(bank, ON_MAP);
    if (plane === undefined) return undefined;
    planes.set(key, plane);
    return {
      exemplars: plane.exemplars.map(({ ref, place }) => ({ class: ref.class, index: ref.index, ...at(place) })),
      centres: plane.centres.map(at),
      ...(plane.explained && { explained: plane.explained }),
    };
  },

  /** Where rows lie on that map. @param rows [n, dim] */
  project(key: string, rows: Float32Array, dim: number): { x: number; y: number }[] {
    const count = rows.length / dim;
    const list = Array.from({ length: count }, (_, n) => [...row(rows, dim, n)]);
    return planes.get(key)?.project(list).map(at) ?? [];
  },
};

export type Mapper = typeof mapper;
expose(mapper);
