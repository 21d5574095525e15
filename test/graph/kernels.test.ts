import { describe, expect, it } from 'vitest';
import { philox, randomStream } from '../../src/base/random.js';
import { fillUniform, MaskSource, ParameterMemory } from '../../src/graph/index.js';

const word = (block: number, w: number, step: number, site: number, seed: number) => {
  const out = new Uint32Array(4);
  philox(out, block, 0, step, site, seed >>> 0, Math.floor(seed / 2 ** 32));
  return out[w];
};

describe('Philox', () => {
  it('gives the known answers of its authors', () => {
    const out = new Uint32Array(4);
    philox(out, 0, 0, 0, 0, 0, 0);
    expect([...out]).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
    philox(out, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff);
    expect([...out]).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
    philox(out, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0);
    expect([...out]).toEqual([0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
  });
});

describe('dropout masks', () => {
  const seed = 5 * 2 ** 32 + 17;
  it('follow the documented order of random bits', () => {
    const [mask] = new MaskSource().generate(seed, 3, [{ site: 9, probability: 0.3, size: 70 }]);
    const threshold = Math.round(0.3 * 65536);
    for (let i = 0; i < 70; i++) {
      const [group, w, l, half] = [i >> 5, (i >> 3) & 3, (i >> 1) & 3, i & 1];
      const bits = (word(group * 4 + l, w, 3, 9, seed) >>> (16 * half)) & 0xffff;
      expect(mask[i]).toBe(bits >= threshold ? Math.fround(1 / 0.7) : 0);
    }
  });
  it('depend on seed, step and site alone, and keep the stated share', () => {
    const make = (s: number, step: number, site: number, others = 0) =>
      Float32Array.from(
        new MaskSource()
          .generate(s, step, [
            ...Array.from({ length: others }, () => ({ site: 1, probability: 0.5, size: 45 })),
            { site, probability: 0.53, size: 40000 },
          ])
          .at(-1) as Float32Array,
      );
    const mask = make(1, 1, 2);
    expect(make(1, 1, 2, 3)).toEqual(mask);
    expect(make(2, 1, 2)).not.toEqual(mask);
    expect(make(1, 2, 2)).not.toEqual(mask);
    expect(make(1, 1, 3)).not.toEqual(mask);
    const share = mask.filter((v) => v > 0).length / mask.length;
    expect(Math.abs(share - 0.47)).toBeLessThan(0.01);
  });
});

describe('fillUniform', () => {
  it('is uniform, reproducible, and the same whatever the length', () => {
    const long = new Float32Array(600_001);
    fillUniform(long, -2, 3, 4, 5, 6);
    const short = new Float32Array(77);
    fillUniform(short, -2, 3, 4, 5, 6);
    expect(long.subarray(0, 77)).toEqual(short);
    expect(short[5]).toBeCloseTo(-2 + (5 * (word(1, 1, 5, 6, 4) >>> 8)) / 2 ** 24, 5);
    expect(Math.min(...short)).toBeGreaterThanOrEqual(-2);
    const mean = long.reduce((a, b) => a + b, 0) / long.length;
    expect(mean).toBeCloseTo(0.5, 1);
  });
});

describe('AdamW', () => {
  it('agrees with the formula over several steps, on a length that is no multiple of four', () => {
    const blocks = [
      { name: 'a', shape: [7], parts: [{ name: 'a', shape: [7] }] },
      {
        name: 'bc',
        shape: [3, 5],
        parts: [
          { name: 'b', shape: [1, 5] },
          { name: 'c', shape: [2, 5] },
        ],
      },
    ];
    const memory = new ParameterMemory(blocks);
    const stream = randomStream(1, 0, 0);
    const names = ['a', 'b', 'c'];
    const want = new Map(names.map((n) => [n, { p: [] as number[], m: [] as number[], v: [] as number[] }]));
    for (const n of names) {
      const value = memory.view('value', n);
      for (let i = 0; i < value.length; i++) value[i] = stream.normal();
      want.set(n, { p: [...value], m: [...value].fill(0), v: [...value].fill(0) });
    }
    for (let step = 1; step <= 5; step++) {
      for (const n of names) {
        const g = memory.view('gradient', n);
        const w = want.get(n) as { p: number[]; m: number[]; v: number[] };
        for (let i = 0; i < g.length; i++) {
          g[i] = stream.normal();
          w.m[i] = 0.9 * w.m[i] + 0.1 * g[i];
          w.v[i] = 0.999 * w.v[i] + 0.001 * g[i] ** 2;
          const mHat = w.m[i] / (1 - 0.9 ** step);
          const vHat = w.v[i] / (1 - 0.999 ** step);
          w.p[i] = w.p[i] * (1 - 0.01 * 0.1) - (0.01 * mHat) / (Math.sqrt(vHat) + 1e-8);
        }
      }
      memory.adamw({ learningRate: 0.01, weightDecay: 0.1, step });
    }
    for (const n of names) {
      const w = want.get(n) as { p: number[] };
      for (const [i, v] of memory.view('value', n).entries()) expect(v).toBeCloseTo(w.p[i], 5);
    }
    expect([...memory.view('value', 'bc')]).toEqual([...memory.view('value', 'b'), ...memory.view('value', 'c')]);
  });
  it('measures the norm of the gradient', () => {
    const memory = new ParameterMemory([{ name: 'a', shape: [5], parts: [{ name: 'a', shape: [5] }] }]);
    memory.view('gradient', 'a').set([1, 2, 3, 4, 5]);
    expect(memory.gradientNorm()).toBeCloseTo(Math.sqrt(55), 12);
  });

  it('finds a number of the gradient that is not finite, wherever it stands', () => {
    for (const n of [1, 5, 16, 67]) {
      const memory = new ParameterMemory([{ name: 'a', shape: [n], parts: [{ name: 'a', shape: [n] }] }]);
      const gradient = memory.view('gradient', 'a').fill(3.4e38);
      memory.view('first', 'a').fill(Number.NaN);
      expect(memory.gradientIsFinite()).toBe(true);
      for (let i = 0; i < n; i++) {
        for (const broken of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          gradient[i] = broken;
          expect(memory.gradientIsFinite(), `${broken} at ${i} of ${n}`).toBe(false);
        }
        gradient[i] = -1;
      }
    }
  });
});
