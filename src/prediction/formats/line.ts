import type { Modality } from '../../base/modalities.js';
import type { ModelCard, NearExemplar, Prediction } from '../types.js';

/** Where an utterance stands and what it says: what a reader of its prediction wants beside it. */
export interface UtterancePlace {
  dialogue: string;
  /** Position in the dialogue, from 0. */
  index: number;
  speaker?: string;
  text?: string;
  /** What of these nobody said, but was heard by the program. */
  estimated?: readonly ('speaker' | 'text')[];
  /** Seconds into its recording. */
  start?: number;
  end?: number;
  /** The true class, where somebody said it. */
  label?: string;
  /** Who corrected the label, where somebody did. */
  labelledBy?: string;
}

/** A prediction as files hold it: it says where it belongs, and what a reader of it alone must know of the model. */
export interface PredictionLine extends UtterancePlace, Omit<Prediction, 'evidence' | 'zeroShot'> {
  /** Only where the classes were given by faces alone. */
  zeroShot?: true;
  /** Only where the model was selected on test. */
  selection?: 'test-selected';
  /** Only where the model was trained on a synthetic corpus. */
  synthetic?: true;
  evidence: Omit<Prediction['evidence'], 'exemplars'> & { exemplars?: Omit<NearExemplar, 'thumbnail'>[] };
}

/** What captions and tables say of modalities that the model does not know: "unfamiliar voice". */
export function unfamiliarNote({ unfamiliar }: Pick<Prediction, 'unfamiliar'>): string | undefined {
  return unfamiliar && `unfamiliar ${unfamiliar.map((modality) => SAID[modality]).join(' and ')}`;
}

const SAID: Readonly<Record<Modality, string>> = { text: 'words', audio: 'voice', visual: 'face' };

/** @param place fields that are undefined are left out. */
export function predictionLine(place: UtterancePlace, prediction: Prediction, about: ModelCard): PredictionLine {
  const { exemplars, ...evidence } = prediction.evidence;
  const { dialogue, index, ...rest } = place;
  const said = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return {
    ...(about.selection === 'test-selected' && { selection: about.selection }),
    ...(about.corpus?.synthetic && { synthetic: true }),
    ...(prediction.zeroShot && { zeroShot: true }),
    dialogue,
    index,
    ...said,
    ...prediction,
    evidence: { ...evidence, ...(exemplars && { exemplars: exemplars.map(({ thumbnail: _, ...one }) => one) }) },
  };
}
