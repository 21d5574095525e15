// AssemblyScript, compiled to WebAssembly by the build: what must pass over whole parameter memories every step.
// All pointers are byte offsets into the imported memory; counts are multiples of the stated step.

/**
 * AdamW in place (Loshchilov & Hutter; PyTorch's torch.optim.AdamW), four floats at a time.
 * @param n number of floats, a multiple of 4. @param scale factor on every gradient (for clipping).
 * @param decay 1 - lr * weight decay. @param step lr / (1 - beta1^t). @param correction 1 / sqrt(1 - beta2^t).
 */
export function adamw(
  value: usize, gradient: usize, first: usize, second: usize, n: usize,
  scale: f32, decay: f32, step: f32, correction: f32, beta1: f32, beta2: f32, epsilon: f32,
): void {
  const scales = f32x4.splat(scale);
  const decays = f32x4.splat(decay);
  const steps = f32x4.splat(step);
  const corrections = f32x4.splat(correction);
  const b1 = f32x4.splat(1 - beta1);
  const b2 = f32x4.splat(beta2);
  const c2 = f32x4.splat(1 - beta2);
  const eps = f32x4.splat(epsilon);
  for (let i: usize = 0; i < n << 2; i += 16) {
    const g = f32x4.mul(v128.load(gradient + i), scales);
    let m = v128.load(first + i);
    m = f32x4.add(m, f32x4.mul(b1, f32x4.sub(g, m)));
    v128.store(first + i, m);
    let v = v128.load(second + i);
    v = f32x4.add(f32x4.mul(v, b2), f32x4.mul(c2, f32x4.mul(g, g)));
    v128.store(second + i, v);
    const denominator = f32x4.add(f32x4.mul(f32x4.sqrt(v), corrections), eps);
    const p = f32x4.mul(v128.load(value + i), decays);
    v128.store(value + i, f32x4.sub(p, f32x4.div(f32x4.mul(steps, m), denominator)));
  }
}

/** Sum of squares of n floats (a multiple of 4), in double precision. */
export function sumOfSquares(at: usize, n: usize): f64 {
  let low = f64x2.splat(0);
  let high = f64x2.splat(0);
  for (let i: usize = 0; i < n << 2; i += 16) {
    const x = v128.load(at + i);
    const a = f64x2.promote_low_f32x4(x);
    const b = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 0, 1));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  const both = f64x2.add(low, high);
  return f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
}

/**
 * Are n floats (a multiple of 4) all finite? Those that are not have every bit of the exponent set. Read at four places
 * at once, because memory is faster so.
 */
export function allFinite(at: usize, n: usize): bool {
  const exponent = i32x4.splat(0x7f800000);
  const quarter = (n >> 4) << 4;
  let found = i32x4.splat(0);
  for (let i: usize = at; i < at + quarter; i += 16) {
    const a = i32x4.eq(v128.and(v128.load(i), exponent), exponent);
    const b = i32x4.eq(v128.and(v128.load(i + quarter), exponent), exponent);
    const c = i32x4.eq(v128.and(v128.load(i + 2 * quarter), exponent), exponent);
    const d = i32x4.eq(v128.and(v128.load(i + 3 * quarter), exponent), exponent);
    found = v128.or(found, v128.or(v128.or(a, b), v128.or(c, d)));
  }
  for (let i: usize = at + 4 * quarter; i < at + (n << 2); i += 16) {
    found = v128.or(found, i32x4.eq(v128.and(v128.load(i), exponent), exponent));
  }
  return !v128.any_true(found);
}

// @ts-ignore: decorator
@inline
function highProduct(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(i64x2.extmul_low_i32x4_u(a, b), i64x2.extmul_high_i32x4_u(a, b), 1, 3, 5, 7);
}

/**
 * Sixteen words of Philox4x32-10 at `at`: word w of the blocks 4g to 4g + 3, for w = 0 to 3; the counter is
 * (block, 0, step, site), the key (k0, k1).
 */
// @ts-ignore: decorator
@inline
function philox4(at: usize, g: i32, step: i32, site: i32, k0: i32, k1: i32): void {
  const m0 = i32x4.splat(0xd2511f53);
  const m1 = i32x4.splat(0xcd9e8d57);
  let c0 = i32x4.add(i32x4.splat(g << 2), i32x4(0, 1, 2, 3));
  let c1 = i32x4.splat(0);
  let c2 = i32x4.splat(step);
  let c3 = i32x4.splat(site);
  for (let round = 0; round < 10; round++) {
    const high0 = highProduct(m0, c0);
    const high1 = highProduct(m1, c2);
    const low0 = i32x4.mul(m0, c0);
    const low1 = i32x4.mul(m1, c2);
    c0 = v128.xor(v128.xor(high1, c1), i32x4.splat(k0));
    c1 = low1;
    c2 = v128.xor(v128.xor(high0, c3), i32x4.splat(k1));
    c3 = low0;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  v128.store(at, c0);
  v128.store(at, c1, 16);
  v128.store(at, c2, 32);
  v128.store(at, c3, 48);
}

/**
 * A dropout mask: each float is `kept` with probability (65536 - threshold) / 65536, else 0. Of every 32 floats,
 * float 8w + 2l + h is decided by half h (0 = low) of word w of block l of their philox4 group.
 * @param n number of floats, a multiple of 32.
 */
export function dropoutMask(
  out: usize, n: usize, threshold: i32, kept: f32, step: i32, site: i32, k0: i32, k1: i32,
): void {
  const limit = i32x4.splat(threshold);
  const keep = f32x4.splat(kept);
  const groups = <i32>(n >> 5);
  for (let g: i32 = 0; g < groups; g++) {
    philox4(out + 64, g, step, site, k0, k1);
    for (let w: usize = 0; w < 4; w++) {
      const word = v128.load(out + 64 + (w << 4));
      const even = v128.and(i32x4.ge_s(v128.and(word, i32x4.splat(0xffff)), limit), keep);
      const odd = v128.and(i32x4.ge_s(i32x4.shr_u(word, 16), limit), keep);
      v128.store(out + (w << 5), v128.shuffle<i32>(even, odd, 0, 4, 1, 5));
      v128.store(out + (w << 5), v128.shuffle<i32>(even, odd, 2, 6, 3, 7), 16);
    }
    out += 128;
  }
}

/**
 * Uniform floats in [low, low + range), 24 bits each: float 4w + l of every 16 comes from word w of block l.
 * @param n number of floats, a multiple of 16. @param g number of the first group of 16.
 */
export function uniform(
  out: usize, n: usize, g: i32, low: f32, range: f32, step: i32, site: i32, k0: i32, k1: i32,
): void {
  const lows = f32x4.splat(low);
  const scale = f32x4.splat(range / 16777216);
  const end = out + (n << 2);
  for (; out < end; out += 64) {
    philox4(out, g++, step, site, k0, k1);
    for (let w: usize = 0; w < 64; w += 16) {
      const fraction = f32x4.convert_i32x4_u(i32x4.shr_u(v128.load(out + w), 8));
      v128.store(out + w, f32x4.add(lows, f32x4.mul(fraction, scale)));
    }
  }
}
