import type { Modality } from '../../base/modalities.js';
import type { EncoderPart } from '../../corpus/index.js';
import type { Encoders, RowEncoder } from '../encoders.js';

/** The encoders of `vega-merc extract`, each loaded when the first raw input of its modality comes. */
export const packageEncoders: Encoders = {
  async open(modality: Modality, made: readonly EncoderPart[]): Promise<RowEncoder> {
    const { openRowEncoder } = await import('./rows.js');
    return openRowEncoder(modality, made);
  },
};
