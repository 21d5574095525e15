/** Turns texts into one row each. */
export interface TextEncoder {
  /** Dimension D of a row. */
  readonly dim: number;
  /** @returns [n, D] in the texts' order; a text's row does not depend on the others. */
  embed(texts: readonly string[]): Promise<Float32Array>;
  /** Frees the model. */
  dispose(): Promise<void>;
}
