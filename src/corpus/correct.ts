import { InputError } from '../base/errors.js';
import { suggestion } from '../base/names.js';
import { quote } from '../base/words.js';
import { createCorpus } from './corpus.js';
import type { Corpus } from './types.js';

/** A label that somebody gives an utterance. */
export interface LabelCorrection {
  dialogue: string;
  /** Position in the dialogue, from 0. */
  index: number;
  /** A class of the corpus; null: the utterance has none. */
  label: string | null;
}

/**
 * A corpus with other labels for some of its utterances, which say who gave them; its origin says so too.
 * @param by name of who corrects. @throws InputError where there is no such utterance or class, or nobody says who it is.
 */
export function correctLabels(corpus: Corpus, corrections: readonly LabelCorrection[], by: string): Corpus {
  if (by.trim() === '') throw new InputError('Labels are corrected by somebody: give your name or initials.');
  const wanted = new Map(corrections.map((one) => [`${one.index} ${one.dialogue}`, one]));
  const numberOf = (label: string | null): number => {
    const number = label === null ? -1 : corpus.classes.indexOf(label);
    if (label === null || number >= 0) return number;
    throw new InputError(`Corpus "${corpus.name}" has no class ${quote(label)}.${suggestion(label, corpus.classes)}`);
  };
  const dialogues = corpus.dialogues.map(({ id, utterances }) => ({
    id,
    utterances: utterances.map((utterance, index) => {
      const correction = wanted.get(`${index} ${id}`);
      wanted.delete(`${index} ${id}`);
      return correction ? { ...utterance, label: numberOf(correction.label), labelledBy: by.trim() } : utterance;
    }),
  }));
  const [unknown] = wanted.values();
  if (unknown !== undefined)
    throw new InputError(`Corpus "${corpus.name}" has no utterance ${unknown.index} in ${quote(unknown.dialogue)}.`);
  const origin = [...(corpus.origin ?? []), `labels corrected by ${by.trim()}: ${corrections.length}`];
  return createCorpus({ ...corpus, dialogues, origin }, `Corpus "${corpus.name}" with corrected labels`);
}
