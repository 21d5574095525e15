import { PitchDetector } from 'pitchy';
import { SAMPLE_RATE } from '../media/audio.js';
import { createSpectralShape, SPECTRAL_SHAPE } from './shape.js';
import { BINS, createCosineTransform, createMelBands, createPowerSpectrum, preEmphasis } from './spectrum.js';

/** Frames a second: one each 10 ms. */
export const FRAME_RATE = 100;
const HOP = SAMPLE_RATE / FRAME_RATE;
/** 25 ms for the spectrum, in the middle of 64 ms for pitch: two periods of 32 Hz. */
const SPECTRUM_SIZE = 0.025 * SAMPLE_RATE;
const FRAME_SIZE = 1024;
/** Samples on either side of a frame that its low-passed half needs: results must not depend on how sound comes in pieces. */
const MARGIN = 4;
const MFCCS = 20;
const MEL_BANDS = 40;
const PRE_EMPHASIS = 0.97;
/** The range of speaking voices, anger and fear included. */
const [LOWEST_PITCH, HIGHEST_PITCH] = [60, 600];
/** How periodic (0 to 1, McLeod's clarity) a frame must be to count as voiced. */
const VOICED_CLARITY = 0.8;
/** Quieter frames have no pitch: about -60 dB of full scale. */
const PITCH_LEAST_PEAK = 0.001;

const mfccs = Array.from({ length: MFCCS }, (_, i) => `mfcc${i}`);
const mels = Array.from({ length: MEL_BANDS }, (_, i) => `mel${i}`);

/** What is measured in every frame, by name; a column each of `Descriptors`. */
export const DESCRIPTORS = [
  'level',
  'zeroCrossings',
  ...SPECTRAL_SHAPE,
  ...mfccs,
  ...mels,
  'pitch',
  'harmonicity',
  'peak',
];
const AT = Object.fromEntries(DESCRIPTORS.map((name, i) => [name, i]));

/** Descriptors of a sound, frame by frame. */
export interface Descriptors {
  frames: number;
  /** One descriptor's values [frames]; NaN in `pitch` and `harmonicity` where a frame is unvoiced. */
  column(name: string): Float32Array;
}

/** Takes a sound in pieces, and gives its descriptors. */
export interface DescriptorStream {
  push(samples: Float32Array): void;
  finish(): Descriptors;
}

/**
 * Measures frames of 16 kHz mono sound, one each 10 ms:
 * level (dB of full scale), zero crossings (share of samples), the spectrum's shape (see `createSpectralShape`), 20
 * MFCC and 40 log mel bands (20-8000 Hz, pre-emphasis 0.97), pitch (semitones from 150 Hz, McLeod's method), harmonicity
 * (dB, from the clarity of that pitch) and peak (largest sample). Keeps 300 bytes a frame: 110 MB an hour.
 */
export function describeSound(): DescriptorStream {
  const power = new Float32Array(BINS);
  const shape = new Float32Array(SPECTRAL_SHAPE.length);
  const bands = new Float32Array(MEL_BANDS);
  const coefficients = new Float32Array(MFCCS);
  const spectrumOf = createPowerSpectrum(SPECTRUM_SIZE);
  const shapeOf = createSpectralShape(SAMPLE_RATE);
  const emphasis = preEmphasis(PRE_EMPHASIS);
  const bandsOf = createMelBands(MEL_BANDS, SAMPLE_RATE, 20, SAMPLE_RATE / 2);
  const coefficientsOf = createCosineTransform(MEL_BANDS, MFCCS);
  const pitch = PitchDetector.forFloat32Array(FRAME_SIZE / 2);
  const width = DESCRIPTORS.length;
  let table = new Float32Array(width * 1024);
  let frames = 0;

  /** @param low `samples` at half their rate; FRAME_SIZE samples follow `at`. */
  const measure = (samples: Float32Array, low: Float32Array, at: number) => {
    if ((frames + 1) * width > table.length) table = extended(table, 2 * table.length);
    const row = table.subarray(frames * width, ++frames * width);
    const begin = at + (FRAME_SIZE - SPECTRUM_SIZE) / 2;
    let [square, crossings, peak] = [0, 0, 0];
    let previous = samples[begin - 1];
    for (let n = begin; n < begin + SPECTRUM_SIZE; n++) {
      const x = samples[n];
      square += x * x;
      if (x >= 0 !== previous >= 0) crossings++;
      if (x > peak) peak = x;
      else if (-x > peak) peak = -x;
      previous = x;
    }
    row[AT.level] = 10 * Math.log10(square / SPECTRUM_SIZE + 1e-10);
    row[AT.zeroCrossings] = crossings / SPECTRUM_SIZE;
    row[AT.peak] = peak;
    spectrumOf(samples.subarray(begin, begin + SPECTRUM_SIZE), power);
    shapeOf(power, shape);
    row.set(shape, AT.centroid);
    for (let k = 0; k < BINS; k++) power[k] *= emphasis[k];
    bandsOf(power, bands);
    row.set(bands, AT.mel0);
    coefficientsOf(bands, coefficients);
    row.set(coefficients, AT.mfcc0);
    const [hertz, clarity] =
      peak < PITCH_LEAST_PEAK ? [0, 0] : pitch.findPitch(low.subarray(at / 2, (at + FRAME_SIZE) / 2), SAMPLE_RATE / 2);
    const voiced = clarity >= VOICED_CLARITY && hertz >= LOWEST_PITCH && hertz <= HIGHEST_PITCH;
    row[AT.pitch] = voiced ? 12 * Math.log2(hertz / 150) : Number.NaN;
    row[AT.harmonicity] = voiced ? 10 * Math.log10(clarity / Math.max(1e-3, 1 - clarity)) : Number.NaN;
  };

  // Silence before and after, so that even the shortest sound has a frame, and the first has a middle.
  let held = new Float32Array(MARGIN + FRAME_SIZE / 2);
  const push = (samples: Float32Array) => {
    const all = extended(held, held.length + samples.length);
    all.set(samples, held.length);
    const low = halveRate(all);
    let at = MARGIN;
    for (; at + FRAME_SIZE + MARGIN <= all.length; at += HOP) measure(all, low, at);
    held = all.slice(at - MARGIN);
  };
  return {
    push,
    finish() {
      push(new Float32Array(FRAME_SIZE / 2 + MARGIN));
      return {
        frames,
        column: (name) => {
          const values = new Float32Array(frames);
          for (let i = 0; i < frames; i++) values[i] = table[i * width + AT[name]];
          return values;
        },
      };
    },
  };
}

function extended(values: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const longer = new Float32Array(length);
  longer.set(values);
  return longer;
}

/** Every second sample, after a half-band low-pass of seven taps; enough for pitch, and twice as fast. */
function halveRate(samples: Float32Array): Float32Array {
  const last = samples.length - 1;
  const low = new Float32Array(samples.length >> 1);
  for (let i = 0; i < low.length; i++) {
    const n = 2 * i;
    const [far0, near0] = [samples[Math.max(0, n - 3)], samples[Math.max(0, n - 1)]];
    const [near1, far1] = [samples[Math.min(last, n + 1)], samples[Math.min(last, n + 3)]];
    low[i] = samples[n] / 2 + (9 * (near0 + near1) - far0 - far1) / 32;
  }
  return low;
}
