import type { Modality } from './modalities.js';

/** Packed utterances of some dialogues: no padding; the utterances of a dialogue stand together, in order. N in all. */
export interface Batch {
  /** Utterances of each dialogue; their sum is N. */
  lengths: number[];
  /** [N] row of the speaker embedding; the model's number of speakers itself = its row for nobody in particular. */
  speakers: Int32Array;
  /** [N, dim] a modality; zero where an utterance lacks it. */
  features: Partial<Record<Modality, Float32Array>>;
  /** [N] 1 = present; a modality without an entry is present everywhere. Only for modalities named in `partial`. */
  presence?: Partial<Record<Modality, Uint8Array>>;
  /** [N] class index, -1 = unlabelled (skipped by every loss). Needed for training only. */
  labels?: Int32Array;
}
