/**
 * Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a counter-based generator.
 * The same (key, counter) gives the same numbers on every machine, so nothing needs saving for an exact resume.
 */
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

function multiplyHigh(a: number, b: number): number {
  const a0 = a & 0xffff;
  const a1 = a >>> 16;
  const b0 = b & 0xffff;
  const b1 = b >>> 16;
  const mid = a1 * b0 + ((a0 * b0) >>> 16);
  const low = (mid & 0xffff) + a0 * b1;
  return (a1 * b1 + Math.floor(mid / 0x10000) + Math.floor(low / 0x10000)) >>> 0;
}

/** Ten rounds over the counter (c0..c3) with the key (k0, k1): four 32-bit words into `out`. */
export function philox(out: Uint32Array, c0: number, c1: number, c2: number, c3: number, k0: number, k1: number): void {
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(M0, c0);
    const low0 = Math.imul(M0, c0) >>> 0;
    const high1 = multiplyHigh(M1, c2);
    const low1 = Math.imul(M1, c2) >>> 0;
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** A stream of random numbers keyed by what it is for: (seed, step, site). Two keys never share a number. */
export interface RandomStream {
  /** The next 32-bit word. */
  word(): number;
  /** Uniform in [0, 1), 32 bits of precision. */
  uniform(): number;
  /** Uniform integer in [0, n), without bias. */
  integer(n: number): number;
  /** Standard normal (Box–Muller). */
  normal(): number;
  /** Fisher–Yates, in place; returns its argument. */
  shuffle<T>(items: T[]): T[];
}

/** Numbers for sites, so that no two uses of randomness in the program share a stream. */
export const RANDOM_SITES = {
  initialisation: 0x10000,
  shuffle: 0x20000,
  anchors: 0x30000,
  features: 0x40000,
  splits: 0x50000,
  resampling: 0x60000,
  sample: 0x70000,
  drop: 0x80000,
  compose: 0x90000,
  featureDropout: 0xa0000,
  modalities: 0xb0000,
  search: 0xc0000,
} as const;

/**
 * @param seed the run's seed, up to 53 bits; @param step training step, epoch or any counter below 2^32;
 * @param site one of RANDOM_SITES (plus an index below 65,536), or a dropout site below 65,536.
 */
export function randomStream(seed: number, step: number, site: number): RandomStream {
  const k0 = seed >>> 0;
  const k1 = Math.floor(seed / 0x100000000) >>> 0;
  const block = new Uint32Array(4);
  let counter = 0;
  let at = 4;
  const word = () => {
    if (at === 4) {
      philox(block, counter++, 0, step, site, k0, k1);
      at = 0;
    }
    return block[at++];
  };
  const uniform = () => word() / 0x100000000;
  const integer = (n: number) => {
    const limit = 0x100000000 - (0x100000000 % n);
    for (;;) {
      const w = word();
      if (w < limit) return w % n;
    }
  };
  return {
    word,
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle: (items) => {
      for (let i = items.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [items[i], items[j]] = [items[j], items[i]];
      }
      return items;
    },
  };
}
