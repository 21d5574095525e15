import type { SplitName } from '../../corpus/index.js';
import type { Clip } from '../media/clip.js';

/** One utterance as its owners describe it, before any feature is made. */
export interface SourceUtterance {
  dialogue: string;
  /** A name; undefined where nobody says who speaks. */
  speaker?: string;
  text?: string;
  /** What of these nobody said, but was heard by the program. */
  estimated?: readonly ('speaker' | 'text')[];
  /** A class name; undefined where nobody labelled it. */
  label?: string;
  /** Seconds, where a transcript says when it is said but there is no recording. */
  start?: number;
  end?: number;
  /** Where its voice and its pictures are, usually in one file. */
  sound?: Clip;
  pictures?: Clip;
}

/** What an extraction starts from. */
export interface Source {
  /** Name of the corpus to be. */
  name: string;
  /** In order: the utterances of a dialogue stand together. */
  utterances: SourceUtterance[];
  /** Class names in label order, where the source says them. */
  classes?: string[];
  /** Dialogue ids by split, where the source says them. */
  splits: Partial<Record<SplitName, string[]>>;
  /** The recording whose utterances are still to be heard; until then it is one utterance. */
  unheard?: string;
  /** What a reader must know of where it came from, a sentence each. */
  origin: string[];
}

/** MELD's classes, in its label order. */
export const MELD_CLASSES = ['neutral', 'surprise', 'fear', 'sadness', 'joy', 'disgust', 'anger'];
