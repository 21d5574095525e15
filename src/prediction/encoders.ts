import type { Modality } from '../base/modalities.js';
import type { EncoderPart } from '../corpus/encoderPart.js';
import type { DecodedPicture, Media, Samples, SpokenFace } from './types.js';

/** What an encoder is given of one utterance. */
export type RawInput =
  | { text: string }
  | { sound: Samples | Media }
  | { picture: DecodedPicture | string | Blob }
  | { film: Media };

/** What became of it: a row, nothing of the modality in it (silence, no face), or it could not be read. */
export type Encoded = { row: Float32Array; face?: SpokenFace } | { absent: string } | { failed: string };

/** Makes one modality's rows of raw media. */
export interface RowEncoder {
  /**
   * @returns an outcome an input, in their order; the reasons are the rest of a sentence about the input.
   * @throws InputError where nothing can be encoded at all.
   */
  encode(inputs: readonly RawInput[], options: { signal?: AbortSignal }): Promise<Encoded[]>;
  dispose(): Promise<void>;
}

/**
 * Opens what makes rows of raw media, once for a modality, when the first raw input of it comes. On Node the package's own
 * encoders are loaded; in a browser, or for models of one's own encoders, give another.
 */
export interface Encoders {
  /**
   * @param made what made the rows that the model was trained on.
   * @throws InputError where it cannot make such rows, with what to do.
   */
  open(modality: Modality, made: readonly EncoderPart[]): Promise<RowEncoder>;
}
