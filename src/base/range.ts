/** Little-endian float32 values that lie in a file: an engine that can maps them, and nobody holds them in memory. */
export interface FileRange {
  path: string;
  /** Bytes before the first value. */
  offset: number;
  /** How many values. */
  length: number;
}
