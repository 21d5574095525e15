import type { Modality } from '../base/modalities.js';
import type { RunInput } from '../run/format.js';

/** A probability, or a similarity, for each class by name. */
export type ByClass = Record<string, number>;

/** Sound in memory. */
export interface Samples {
  /** Mono, -1 … 1. */
  samples: Float32Array;
  /** Samples a second: 8,000 … 384,000. */
  sampleRate: number;
}

/** A decoded picture, upright: 8-bit RGB [height, width, 3], or RGBA as a canvas gives it (alpha is dropped). */
export interface DecodedPicture {
  width: number;
  height: number;
  data: Uint8Array | Uint8ClampedArray;
}

/** A recording: a path (on Node) or a Blob, whole or from `start` to `end` in seconds. */
export type Media = string | Blob | { file: string | Blob; start?: number; end?: number };

/** Numbers that were made elsewhere: of an encoder that is not named, or with its name. */
export type FeatureRow = Float32Array | readonly number[] | { row: Float32Array | readonly number[]; encoder: string };

/**
 * One turn of a conversation. All of it may be missing: what there is, is used. Rows that are given (`features`) count
 * before raw media, and `audio` and `face` before the sound and the pictures of `video`.
 */
export interface Utterance {
  /** Whoever says it, by a name that means the same person throughout the conversation. */
  speaker?: string;
  text?: string;
  /** The voice. */
  audio?: Samples | Media;
  /** A picture that shows the speaker's face: decoded, a path (on Node) or a Blob. */
  face?: DecodedPicture | string | Blob;
  /** A film of the speaker; its sound is the voice. */
  video?: Media;
  /** Rows of the model's own encoders, made elsewhere. */
  features?: Partial<Record<Modality, FeatureRow>>;
}

/** What one modality alone says of an utterance. */
export interface Opinion {
  emotion: string;
  /** Distributions of the modality's class head and anchor head; absent where the model has no whole such head. */
  classHead?: ByClass;
  anchorHead?: ByClass;
}

/** A face that the utterance lies near. */
export interface NearExemplar {
  emotion: string;
  /** File name in the folder that the anchors were built from, and a JPEG of it, where the anchor file has them. */
  name?: string;
  thumbnail?: Uint8Array;
  /** -1 … 1 */
  cosine: number;
}

/** Where the face of an utterance was seen. */
export interface SpokenFace {
  /** Seconds from the recording's beginning; absent of a single picture. */
  time?: number;
  /** Its box in shares of the picture's width and height: left, top, width, height. */
  box: [number, number, number, number];
  /** The face as the encoder saw it, turned level: a JPEG of at most 64 pixels a side, as a data URL of some 2 kB. */
  thumbnail?: string;
}

/** What a prediction rests on. */
export interface Evidence {
  /**
   * Each present modality's share in the fused representation: the mean over channels of the fusion's softmax gate. They
   * sum to 1.
   */
  shares: Partial<Record<Modality, number>>;
  /**
   * The utterances looked at most, the most first, by their index in the conversation. A weight is the mean of the
   * attention weights over heads and over the encoders of a modality, then over modalities by their shares; all of a
   * conversation's weights sum to 1.
   */
  attended: { index: number; weight: number }[];
  /** Cosine of the fused representation to the anchor of each class, -1 … 1; only with anchors. */
  similarity?: ByClass;
  /** The exemplars nearest to the fused representation, the nearest first; only with anchors that have exemplars. */
  exemplars?: NearExemplar[];
  /**
   * How far each present modality's features are from those of training: the root mean square of the standardised
   * numbers, about 1 there. Only of models that standardise.
   */
  distance: Partial<Record<Modality, number>>;
  /** The face that was taken for the speaker's, where it is largest; only where pictures were given that show one. */
  face?: SpokenFace;
}

interface Answer {
  /** The choice of the head that answers: the class head, zero-shot the anchor head. */
  emotion: string;
  /** That head's distribution over the classes. */
  probabilities: ByClass;
  /**
   * How likely the emotion is right, 0 … 1: its probability at the temperature that was fitted on validation. Where the
   * model was never calibrated (`about.calibrated`), and zero-shot, the probability as it is.
   */
  confidence: number;
  /**
   * Modalities that are unlike anything that the model was trained on: their `evidence.distance` is beyond that of nearly
   * all utterances that it was calibrated on. They are left out of the answer, and `missing` says so. Where the utterance
   * has nothing else they are used after all, and the answer is the less sure the further they are: do not trust it.
   * Only where there are some.
   */
  unfamiliar?: Modality[];
  /** What each modality that the utterance has says by itself; zero-shot empty. */
  modalities: Partial<Record<Modality, Opinion>>;
  evidence: Evidence;
  /** Why a modality that was given is not used: silence, no face, unlike anything in training. */
  missing?: Partial<Record<Modality, string>>;
}

/** An answer among the classes that the model was trained on. */
export interface TrainedPrediction extends Answer {
  zeroShot?: undefined;
  /** Distributions of both heads; the anchor head only with anchors. */
  heads: { classHead: ByClass; anchorHead?: ByClass };
  /** The gated average of both heads, and for each utterance the surer of both; only with anchors. */
  mixtures?: { average: ByClass; maximum: ByClass };
}

/** An answer among classes that faces gave (`open` with `faces`), by the anchor head alone. */
export interface ZeroShotPrediction extends Answer {
  zeroShot: true;
  heads: { classHead?: undefined; anchorHead: ByClass };
  mixtures?: undefined;
}

/** What a model says of one utterance. */
export type Prediction = TrainedPrediction | ZeroShotPrediction;

/** Options of everything that predicts. */
export interface PredictOptions {
  /** Ends the work at the next opportunity; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
  /**
   * What becomes of a file that cannot be read: 'refuse' (default) refuses the conversation with a sentence; 'absent'
   * counts it as missing, and the prediction's `missing` says why.
   */
  unreadable?: 'refuse' | 'absent';
}

/** A conversation that goes on: what was said stays said, and so do the answers. */
export interface LiveConversation {
  /** Utterances so far. */
  readonly length: number;
  /** Adds an utterance, and gives its answer, with its place in the conversation. Calls are taken one after the other. */
  say(utterance: Utterance, options?: PredictOptions): Promise<Prediction & { index: number }>;
}

/** What a reader must know of a model. */
export interface ModelCard {
  /** The corpus that it was trained on; absent for a checkpoint file. */
  corpus?: { name: string; synthetic: boolean; note?: string };
  /** How its epoch was chosen; absent for a checkpoint file. */
  selection?: 'validation-selected' | 'test-selected';
  /** Only where the classes are given by faces alone, which the model need not have been trained on. */
  zeroShot?: true;
  /** False where training has not ended. */
  finished: boolean;
  /** Whether `confidence` is calibrated. */
  calibrated: boolean;
  /** What an utterance sees of its conversation. */
  context: 'full' | 'causal' | 'none';
  /** What the model is told of who speaks. */
  speakers: 'within' | 'known' | 'ignored';
  /** What else must be said, a sentence each. */
  notes: string[];
}

/** What a model takes of each of its modalities: numbers a row, and what made the rows that it was trained on. */
export type ModelInputs = Partial<Record<Modality, RunInput>>;
