import type { FeatureRow, Modality, ModelCard, ModelInputs, Prediction } from '../../../entries/web.js';

/** An utterance as the page gives it to the model: words and rows. */
export interface Said {
  speaker: string;
  text?: string;
  features?: Partial<Record<Modality, FeatureRow>>;
}

/** What the page must know of an opened model. */
export interface ModelInfo {
  classes: readonly string[];
  about: ModelCard;
  inputs: ModelInputs;
  /** Faces that it compares with, a class each; absent without anchors of faces. */
  faces?: { encoder?: string; classes: { name: string; exemplars: FaceInfo[] }[] };
}

/** An exemplar: its file name and its picture as a data URL, where the model's files have them. */
export interface FaceInfo {
  name?: string;
  picture?: string;
}

/** An answer whose thumbnails are data URLs, as a page shows them. */
export type Answer = Omit<Prediction, 'evidence'> & {
  evidence: Omit<Prediction['evidence'], 'exemplars'> & {
    exemplars?: { emotion: string; name?: string; picture?: string; cosine: number }[];
  };
};

/** Exemplars and centres on the plane in which the exemplars differ most. */
export interface MapInfo {
  exemplars: { class: number; index: number; x: number; y: number }[];
  centres: { x: number; y: number }[];
  explained?: [number, number];
}

/** Which faces stand for which class: of the model's own, and rows that an image encoder made of other pictures. */
export interface FaceClass {
  name: string;
  own: { class: number; index: number }[];
  given: { name: string; row: number[]; picture: string }[];
}

export type Device = 'wasm' | 'webgpu';
