import { describe, expect, it } from 'vitest';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from '../../src/interchange/halves.js';

const patterns = Uint16Array.from({ length: 65536 }, (_, i) => i);

describe('16-bit floats', () => {
  it('half: every bit pattern survives widening and narrowing', () => {
    const back = floatToHalf(halfToFloat(patterns));
    const changed = patterns.filter((bits) => {
      const notANumber = (bits & 0x7fff) > 0x7c00;
      return notANumber ? (back[bits] & 0x7fff) <= 0x7c00 : back[bits] !== bits;
    });
    expect(changed).toHaveLength(0);
  });

  it('half: rounds to nearest, ties to even, and overflows to infinity', () => {
    // Values by numpy: np.float16(x).view(np.uint16).
    const cases: [number, number][] = [
      [1 / 3, 0x3555],
      [1 + 2 ** -11, 0x3c00],
      [1 + 3 * 2 ** -11, 0x3c02],
      [65519, 0x7bff],
      [65520, 0x7c00],
      [1e9, 0x7c00],
      [-1e9, 0xfc00],
      [2 ** -25, 0x0000],
      [2 ** -25 * 1.0001, 0x0001],
      [6.1e-5, 0x03ff],
      [2 ** -14, 0x0400],
      [-0, 0x8000],
    ];
    expect(Array.from(floatToHalf(cases.map(([value]) => value)))).toEqual(cases.map(([, bits]) => bits));
  });

  it('bfloat16: every bit pattern survives, and narrowing rounds to even', () => {
    const back = floatToBfloat(bfloatToFloat(patterns));
    const changed = patterns.filter((bits) => {
      const notANumber = (bits & 0x7fff) > 0x7f80;
      return notANumber ? (back[bits] & 0x7fff) <= 0x7f80 : back[bits] !== bits;
    });
    expect(changed).toHaveLength(0);
    expect(Array.from(floatToBfloat([1 + 2 ** -8, 1 + 3 * 2 ** -8, 3.4e38]))).toEqual([0x3f80, 0x3f82, 0x7f80]);
  });
});
