import type { Modality } from '../../../entries/web.js';
import type { Answer, Said } from '../thinking/types.js';

/** One turn of the conversation on the screen. */
export interface Turn {
  /** Stays the same while the conversation is edited. */
  id: number;
  speaker: string;
  text: string;
  /** Rows that came with it, or that the local server made of a recording. */
  features?: Said['features'];
  /** Class that somebody gave it, and who did where they said so. */
  label?: string;
  labelledBy?: string;
  /** Seconds into the recording. */
  start?: number;
  end?: number;
  /** The face that was taken for the speaker's, as a data URL. */
  face?: string;
  /** Why the recording gave no row of a modality. */
  missing?: Answer['missing'];
}

/** A recording that is played beside the conversation. */
export interface Recording {
  url: string;
  kind: 'audio' | 'video';
  name: string;
}

export interface Talk {
  name: string;
  turns: Turn[];
  recording?: Recording;
  /** What a reader must know of how it was read. */
  notes: string[];
}

/** Answers to a conversation, by the ids of its turns. */
export interface Answers {
  /** Ids in the order in which the model was given them: what `attended` counts by. */
  order: readonly number[];
  of: ReadonlyMap<number, Answer>;
  /** What was computed with. */
  classes: readonly string[];
}

export const NO_ANSWERS: Answers = { order: [], of: new Map(), classes: [] };

/** What is tried out on the conversation. */
export interface WhatIf {
  off: readonly Modality[];
  dropped: readonly number[];
  words: ReadonlyMap<number, string>;
}

export const NOTHING_CHANGED: WhatIf = { off: [], dropped: [], words: new Map() };
