import type { Encoders } from '../encoders.js';

/**
 * The encoders of `vega-merc extract`, each loaded when the first raw input of its modality comes.
 * @param jobs processes that share many clips of files; with 1, all is done in this one.
 */
export function encodersOf(jobs: number): Encoders {
  return {
    async open(modality, made) {
      const { openRowEncoder } = await import('./rows.js');
      return openRowEncoder(modality, made, jobs);
    },
  };
}

/** They work in this process: what is embedded in a program starts no others. */
export const packageEncoders = encodersOf(1);
