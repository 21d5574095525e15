import { BINS } from './spectrum.js';

const FLOOR = 1e-12;

/** Names of what `createSpectralShape` measures, in its order. */
export const SPECTRAL_SHAPE = [
  'centroid',
  'spread',
  'rolloff',
  'flatness',
  'entropy',
  'flux',
  'alphaRatio',
  'hammarbergIndex',
] as const;

/**
 * Shape of a power spectrum, independent of its level:
 * - centroid and spread (Hz): mean and deviation of frequency, weighted by power;
 * - rolloff (Hz): 85 % of the power lies below;
 * - flatness (dB): geometric over arithmetic mean; entropy (0 to 1) of the power's distribution;
 * - flux: Euclidean distance of unit-norm magnitude spectra of this frame and the one before;
 * - alphaRatio (dB): power in 50-1000 Hz over 1-5 kHz; hammarbergIndex (dB): strongest bin in 0-2 kHz over 2-5 kHz.
 * The last two as in eGeMAPS (Eyben et al., IEEE Transactions on Affective Computing 7, 2016).
 */
export function createSpectralShape(rate: number): (power: Float32Array, out: Float32Array) => void {
  const width = rate / 2 / (BINS - 1);
  const bin = (hertz: number) => Math.min(BINS - 1, Math.round(hertz / width));
  const [at50, at1000, at2000, at5000] = [50, 1000, 2000, 5000].map(bin);
  let before = new Float64Array(BINS);
  let now = new Float64Array(BINS);
  let first = true;
  const between = (power: Float32Array, from: number, to: number) => {
    let sum = FLOOR;
    for (let k = from; k < to; k++) sum += power[k];
    return sum;
  };
  const strongest = (power: Float32Array, from: number, to: number) => {
    let most = FLOOR;
    for (let k = from; k < to; k++) most = Math.max(most, power[k]);
    return most;
  };
  return (power, out) => {
    const total = between(power, 0, BINS);
    let [mean, square, logs, entropy] = [0, 0, 0, 0];
    for (let k = 0; k < BINS; k++) {
      const share = power[k] / total;
      const f = k * width;
      mean += share * f;
      square += share * f * f;
      logs += Math.log(power[k] + FLOOR);
      if (share > 0) entropy -= share * Math.log(share);
      now[k] = Math.sqrt(share);
    }
    let [rolloff, below] = [0, 0];
    while (rolloff < BINS - 1 && below + power[rolloff] < 0.85 * total) below += power[rolloff++];
    let flux = 0;
    if (!first) for (let k = 0; k < BINS; k++) flux += (now[k] - before[k]) ** 2;
    first = false;
    [before, now] = [now, before];
    out[0] = mean;
    out[1] = Math.sqrt(Math.max(0, square - mean * mean));
    out[2] = rolloff * width;
    out[3] = (10 / Math.LN10) * (logs / BINS - Math.log(total / BINS));
    out[4] = entropy / Math.log(BINS);
    out[5] = Math.sqrt(flux);
    out[6] = 10 * Math.log10(between(power, at50, at1000) / between(power, at1000, at5000));
    out[7] = 10 * Math.log10(strongest(power, 0, at2000) / strongest(power, at2000, at5000));
  };
}
