import { fromEncoders } from '../packages.js';

/**
 * Sound at another rate, by band-limited interpolation (libsamplerate). What the new rate cannot hold is filtered out.
 * @param sound mono. @returns the samples themselves where they have that rate already.
 */
export async function resample(
  { samples, sampleRate }: { samples: Float32Array; sampleRate: number },
  rate: number,
): Promise<Float32Array> {
  if (sampleRate === rate) return samples;
  const purpose = `Sound of ${sampleRate} Hz`;
  const { create, ConverterType } = await fromEncoders(purpose, ({ loadResampler }) => loadResampler());
  const converter = await create(1, sampleRate, rate, { converterType: ConverterType.SRC_SINC_MEDIUM_QUALITY });
  try {
    return converter.simple(samples).slice();
  } finally {
    converter.destroy();
  }
}
