import { matchClasses } from '../base/emotions.js';
import { InputError } from '../base/errors.js';
import { MODALITIES, type Modality, modalitiesIn } from '../base/modalities.js';
import { splitDialogues } from '../corpus/corpus.js';
import { encoderName, sameEncoder } from '../corpus/encoder.js';
import { SPLITS, splitsOf } from '../corpus/splits.js';
import type { Corpus, SplitName } from '../corpus/types.js';
import type { RunConfig } from '../run/format.js';
import type { ModelInputs, Utterance } from './types.js';

/** What there is to say of a corpus that a model is to read. */
export interface CorpusFit {
  /** Class of the model for each class of the corpus, by the meaning of their names; -1 = the model does not know it. */
  labels: number[];
  unknownClasses: string[];
  notes: string[];
}

/**
 * Whether a corpus's features are what a model takes. A modality that the corpus lacks counts as missing everywhere, one
 * that the model lacks is not used.
 * @param classes the model's; @param run where its settings left out modalities on purpose, nothing is said of them.
 * @throws InputError where features are of another dimension or another encoder, or none of the model's modalities is there.
 */
export function fitCorpus(corpus: Corpus, inputs: ModelInputs, classes: readonly string[], run?: RunConfig): CorpusFit {
  const notes: string[] = [];
  const seen = run?.training.modalities ?? 'all';
  for (const modality of MODALITIES) {
    const [input, table] = [inputs[modality], corpus.features[modality]];
    if (input === undefined) {
      if (table !== undefined && (seen === 'all' || seen.includes(modality)))
        notes.push(`The model was built without ${modality}; the corpus's ${modality} features are not used.`);
      continue;
    }
    if (table === undefined) {
      notes.push(
        `Corpus "${corpus.name}" has no ${modality}, which the model was trained with; it counts as missing everywhere.`,
      );
      continue;
    }
    if (table.dim !== input.dim) {
      throw new InputError(
        `Corpus "${corpus.name}" has ${modality} features of dimension ${table.dim}${by(table.encoder)}, but the model was ` +
          `trained with ${input.dim}${by(input.encoder)}. Use features of the same encoder as in training.`,
      );
    }
    if (!sameEncoder(input, table)) {
      throw new InputError(
        `Corpus "${corpus.name}" has ${modality} features of ${nameOf(table)}, but the model was trained with those of ` +
          `${nameOf(input)}. Use features of the same encoder as in training.`,
      );
    }
    if (table.encoder !== input.encoder && table.encoder !== undefined && input.encoder !== undefined)
      notes.push(
        `The ${modality} features are of ${nameOf(table)}; the model was trained with those of ${nameOf(input)}.`,
      );
  }
  if (modalitiesIn(inputs).every((modality) => corpus.features[modality] === undefined)) {
    throw new InputError(
      `Corpus "${corpus.name}" has none of the modalities that the model was trained with: ${modalitiesIn(inputs).join(', ')}.`,
    );
  }
  const { indices, missing } = matchClasses(corpus.classes, classes);
  if (missing.length > 0) {
    notes.push(
      `The model does not know ${missing.join(', ')} of corpus "${corpus.name}"; its classes are ${classes.join(', ')}.`,
    );
  }
  return { labels: indices, unknownClasses: missing, notes };
}

const by = (encoder: string | undefined) => (encoder === undefined ? '' : ` (${encoder})`);

function nameOf({
  encoder,
  parts,
}: NonNullable<ModelInputs[Modality]> | (Corpus['features'][Modality] & object)): string {
  return encoder ?? parts?.map(encoderName).join(' + ') ?? 'an encoder that is not named';
}

/** A dialogue of a corpus as a conversation: who speaks, and rows of what is there. */
export function conversationOf({ dialogues, features, speakers }: Corpus, index: number): Utterance[] {
  const { offset, utterances } = dialogues[index];
  return utterances.map(({ speaker }, i) => {
    const rows: NonNullable<Utterance['features']> = {};
    for (const modality of modalitiesIn(features)) {
      const { dim, rows: table, presence } = features[modality] as NonNullable<Corpus['features'][Modality]>;
      const row = offset + i;
      if (presence?.[row] !== 0) rows[modality] = table.subarray(row * dim, (row + 1) * dim);
    }
    return { speaker: speakers[speaker], features: rows };
  });
}

/**
 * Dialogue indices of a split. The splits that a run made of its own corpus count as its.
 * @throws InputError where the corpus has no such split.
 */
export function dialoguesOf(corpus: Corpus, split: SplitName, run?: RunConfig): number[] {
  const splits = splitsOf(corpus.splits, run?.corpus.hash === corpus.hash ? run : undefined);
  const indices = splitDialogues({ dialogues: corpus.dialogues, splits }, split);
  if (indices.length > 0) return indices;
  const has = SPLITS.filter((name) => splits[name]?.length);
  throw new InputError(
    `Corpus "${corpus.name}" has no ${split} split; ${has.length > 0 ? `it has ${has.join(' and ')}` : 'it has no splits'}.`,
  );
}
