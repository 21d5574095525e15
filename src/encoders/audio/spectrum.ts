import FFT from 'fft.js';

/** Samples of the Fourier transform; frames are padded with zeros to it. */
const FFT_SIZE = 512;
export const BINS = FFT_SIZE / 2 + 1;
/** Keeps the logarithm of digital silence finite: about -100 dB of a full-scale frame. */
const FLOOR = 1e-10;

/**
 * Power spectrum of frames, after a Hann window, scaled so that it does not depend on the frame's length.
 * @param size samples of a frame, at most 512.
 * @returns a function that fills `power` [257]; bin k is k · rate / 512 Hz.
 */
export function createPowerSpectrum(size: number): (frame: Float32Array, power: Float32Array) => void {
  const fft = new FFT(FFT_SIZE);
  const input = new Float64Array(FFT_SIZE);
  const output = fft.createComplexArray();
  const window = Float64Array.from({ length: size }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (size - 1)));
  const scale = 1 / window.reduce((sum, w) => sum + w * w, 0);
  return (frame, power) => {
    for (let n = 0; n < size; n++) input[n] = frame[n] * window[n];
    fft.realTransform(output, input);
    for (let k = 0; k < BINS; k++) power[k] = (output[2 * k] ** 2 + output[2 * k + 1] ** 2) * scale;
  };
}

/**
 * Triangular mel filters (HTK scale: mel = 2595 log10(1 + f / 700)) between two frequencies.
 * @returns a function that fills `bands` [count] with the natural logarithm of each band's energy.
 */
export function createMelBands(
  count: number,
  rate: number,
  lowest: number,
  highest: number,
): (power: Float32Array, bands: Float32Array) => void {
  const mel = (hertz: number) => 2595 * Math.log10(1 + hertz / 700);
  const hertz = (value: number) => 700 * (10 ** (value / 2595) - 1);
  const step = (mel(highest) - mel(lowest)) / (count + 1);
  const edges = Array.from({ length: count + 2 }, (_, i) => hertz(mel(lowest) + i * step));
  // Flat arrays, a filter's bins one after the other: this is the innermost loop of the sound encoder.
  const first = new Int32Array(count);
  const past = new Int32Array(count);
  const weights = Array.from({ length: count }, () => new Float64Array(BINS));
  for (let i = 0; i < count; i++) {
    const [low, centre, high] = edges.slice(i, i + 3);
    first[i] = Math.ceil((low * FFT_SIZE) / rate);
    past[i] = Math.min(BINS, Math.floor((high * FFT_SIZE) / rate) + 1);
    for (let bin = first[i]; bin < past[i]; bin++) {
      const f = (bin * rate) / FFT_SIZE;
      weights[i][bin] = Math.max(0, Math.min((f - low) / (centre - low), (high - f) / (high - centre)));
    }
  }
  return (power, bands) => {
    for (let i = 0; i < count; i++) {
      const weight = weights[i];
      let energy = FLOOR;
      for (let bin = first[i]; bin < past[i]; bin++) energy += weight[bin] * power[bin];
      bands[i] = Math.log(energy);
    }
  };
}

/** What a pre-emphasis x[n] - a x[n-1] does to a power spectrum: a factor for each bin. */
export function preEmphasis(a: number): Float32Array {
  return Float32Array.from({ length: BINS }, (_, k) => 1 + a * a - 2 * a * Math.cos((2 * Math.PI * k) / FFT_SIZE));
}

/** The first `count` coefficients of the orthonormal cosine transform (DCT-II) of `size` values: MFCC of log mel bands. */
export function createCosineTransform(
  size: number,
  count: number,
): (values: Float32Array, coefficients: Float32Array) => void {
  const table = Float64Array.from({ length: count * size }, (_, i) => {
    const [k, n] = [Math.floor(i / size), i % size];
    return Math.sqrt((k === 0 ? 1 : 2) / size) * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * size));
  });
  return (values, coefficients) => {
    for (let k = 0; k < count; k++) {
      let sum = 0;
      for (let n = 0; n < size; n++) sum += table[k * size + n] * values[n];
      coefficients[k] = sum;
    }
  };
}
