/** Takes one clip's sound (16 kHz, mono) in pieces; what it keeps does not grow with the clip, or barely. */
export interface SoundStream {
  push(samples: Float32Array): Promise<void>;
  /** @returns [D], or undefined where there is nothing but silence. */
  finish(): Promise<Float32Array | undefined>;
}

/** Turns sound into one row a clip. */
export interface SoundEncoder {
  /** Dimension D of a row. */
  readonly dim: number;
  begin(): SoundStream;
  /** Frees the model. */
  dispose(): Promise<void>;
}
