import type { Modality } from '../base/modalities.js';
import type { EncoderPart } from './encoderPart.js';

/** One turn of a conversation. */
export interface Utterance {
  /** Index of the speaker, 0 … speakers - 1 of the corpus. */
  speaker: number;
  /** Class index, or -1 where nobody labelled it. */
  label: number;
  /** Who corrected the label, where somebody did. */
  labelledBy?: string;
  text?: string;
  /** What of these nobody said, but a program heard. */
  estimated?: ('speaker' | 'text')[];
  /** Media file, relative to the corpus directory, with the utterance's start and end in seconds. */
  media?: string;
  start?: number;
  end?: number;
  /** Where each modality was taken from, in corpora made of others: "CORPUS/DIALOGUE/INDEX". */
  from?: Partial<Record<Modality, string>>;
}

/** A conversation: its utterances are rows `offset … offset + utterances.length - 1` of every feature table. */
export interface Dialogue {
  id: string;
  offset: number;
  utterances: Utterance[];
}

/** Features of one modality for every utterance of a corpus. */
export interface FeatureTable {
  dim: number;
  /** [utterances, dim], row-major. */
  rows: Float32Array;
  /** [utterances], 1 where the utterance has this modality; undefined when every utterance has it. */
  presence?: Uint8Array;
  /** What made the features, e.g. "face-expression"; free text. */
  encoder?: string;
  /** The same for programs, where it is known. */
  parts?: readonly EncoderPart[];
}

export type SplitName = 'train' | 'valid' | 'test';

export interface Corpus {
  name: string;
  /** Class names in label order. */
  classes: string[];
  /** Names of the speakers, in index order; how many speaker embeddings the model needs. */
  speakers: string[];
  dialogues: Dialogue[];
  /** Number of utterances: rows of every feature table. */
  utterances: number;
  /** A modality that the whole corpus lacks has no table. */
  features: Partial<Record<Modality, FeatureTable>>;
  /** Dialogue ids a split; what no split names belongs to none. */
  splits: Partial<Record<SplitName, string[]>>;
  /** SHA-256 over labels, speakers, splits and features: what a run or an experiment ran on. */
  hash: string;
  /** True where the corpus was generated, to be said wherever a number from it is shown. */
  synthetic?: boolean;
  /** True where words, voices and faces of different people were put together, to be said in the same places. */
  composed?: boolean;
  /** Anything a reader must be told next to a number from this corpus, e.g. "artificial dialogues". */
  note?: string;
  /** Where it came from and what was decided on the way, a sentence an entry. */
  origin?: string[];
}

/**
 * What a model is given of a corpus: perhaps some of its modalities alone, or its speakers counted otherwise. It has no
 * hash, for that is the whole corpus's.
 */
export type CorpusView = Omit<Corpus, 'hash' | 'origin'>;
