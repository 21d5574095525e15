import type { Modality } from '../../base/modalities.js';
import type { FeatureRow, ModelCard, ModelInputs, SpokenFace, UtterancePlace } from '../../prediction/index.js';

/** A model that is served. */
export interface ServedModel {
  /** What requests call it. */
  name: string;
  /** What `open` takes: a run directory, or the name of a model that is installed. */
  model: string;
}

/** What the server must know of a model. */
export interface ModelInfo {
  name: string;
  classes: readonly string[];
  inputs: ModelInputs;
  about: ModelCard;
  /** Why it cannot take part in a conversation that goes on; undefined where it can. */
  notLive?: string;
}

/** An utterance without its media, as a predictor takes it. */
export interface Words {
  speaker?: string;
  text?: string;
  features?: Partial<Record<Modality, FeatureRow>>;
}

/** An utterance whose media were read: what they gave, and why some gave nothing. */
export interface HeardUtterance {
  utterance: Words;
  place: UtterancePlace;
  missing?: Partial<Record<Modality, string>>;
  /** The face that was taken for the speaker's. */
  face?: SpokenFace;
}

/** What a process that predicts is asked for. */
export type PredictTask =
  | { kind: 'open'; model: ServedModel; threads: number }
  | { kind: 'predict'; model: ServedModel; threads: number; conversations: HeardUtterance[][] }
  | { kind: 'say'; threads: number; sayings: Saying[] }
  | { kind: 'forget'; id: string };

/** The next utterance of a conversation that goes on. */
export interface Saying {
  id: string;
  model: ServedModel;
  /** How many utterances were said before. */
  length: number;
  /** They themselves, where the process has lost them. */
  before?: Words[];
  next: HeardUtterance;
}

/** What became of a conversation, or of an utterance: its lines as JSON, or why the model refuses it. */
export type Told = { lines: string[] } | { refused: string } | { forgotten: true };
