import type { Picture } from './imagePicture.js';

/** Turns pictures into embeddings. */
export interface ImageEncoder {
  /** What made the embeddings, as anchor files and corpora record it. */
  readonly name: string;
  /** Dimension D of an embedding. */
  readonly dim: number;
  /** @returns [n, D], not normalised, in the pictures' order. */
  embed(pictures: readonly Picture[]): Promise<Float32Array>;
  /** Frees the model. */
  dispose(): Promise<void>;
}
