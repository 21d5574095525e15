import { matchClasses } from '../base/emotions.js';
import { InputError } from '../base/errors.js';
import { MODALITIES, type Modality } from '../base/modalities.js';
import type { Corpus } from '../corpus/index.js';
import type { VegaShape } from '../vega/index.js';

/** A corpus in the form that a model takes, and what a reader must be told about the difference. */
export interface AdaptedCorpus {
  corpus: Corpus;
  /** Modalities that some utterance lacks. */
  partial: Modality[];
  /** Classes of the corpus that the model does not know. */
  unknownClasses: string[];
  notes: string[];
}

/**
 * Makes a corpus fit a model: modalities that the model was not built for are left out; one that only the corpus lacks
 * counts as missing for every utterance. Labels become the model's, by the meaning of their names; those that the model
 * does not know count as unlabelled.
 * @param classes the model's.
 * @throws InputError where a dimension or the number of speakers does not fit, or no modality of the model is there.
 */
export function adaptCorpus(corpus: Corpus, shape: VegaShape, classes: readonly string[]): AdaptedCorpus {
  const notes: string[] = [];
  const features: Corpus['features'] = {};
  const partial: Modality[] = [];
  for (const modality of MODALITIES) {
    const dim = shape.dims[modality];
    const table = corpus.features[modality];
    if (dim === undefined) {
      if (table !== undefined)
        notes.push(`The model was built without ${modality}; the corpus's ${modality} features are not used.`);
      continue;
    }
    if (table === undefined) {
      notes.push(
        `Corpus "${corpus.name}" has no ${modality}, which the model was trained with; it counts as missing everywhere.`,
      );
      features[modality] = {
        dim,
        rows: new Float32Array(corpus.utterances * dim),
        presence: new Uint8Array(corpus.utterances),
      };
      partial.push(modality);
      continue;
    }
    if (table.dim !== dim) {
      const by = table.encoder === undefined ? '' : ` (${table.encoder})`;
      throw new InputError(
        `Corpus "${corpus.name}" has ${modality} features of dimension ${table.dim}${by}, but the model was trained with ${dim}. ` +
          'Use features of the same encoder as in training.',
      );
    }
    features[modality] = table;
    if (table.presence !== undefined) partial.push(modality);
  }
  if (MODALITIES.every((m) => shape.dims[m] === undefined || corpus.features[m] === undefined)) {
    throw new InputError(
      `Corpus "${corpus.name}" has none of the modalities that the model was trained with: ${Object.keys(shape.dims).join(', ')}.`,
    );
  }
  checkSpeakers(corpus, shape);
  const { indices, missing } = matchClasses(corpus.classes, classes);
  const dialogues = corpus.dialogues.map((dialogue) => ({
    ...dialogue,
    utterances: dialogue.utterances.map((u) => (u.label < 0 ? u : { ...u, label: indices[u.label] })),
  }));
  if (missing.length > 0) {
    notes.push(
      `The model does not know ${missing.join(', ')} of corpus "${corpus.name}"; its classes are ${classes.join(', ')}.`,
    );
  }
  const adapted = { ...corpus, classes: [...classes], dialogues, features };
  return { corpus: adapted, partial, unknownClasses: missing, notes };
}

function checkSpeakers({ name, speakers, dialogues }: Corpus, shape: VegaShape): void {
  if (speakers.length <= shape.speakers) return;
  for (const { id, utterances } of dialogues) {
    const beyond = utterances.findIndex(({ speaker }) => speaker >= shape.speakers);
    if (beyond < 0) continue;
    throw new InputError(
      `Utterance ${beyond} of dialogue "${id}" of corpus "${name}" is spoken by speaker ${utterances[beyond].speaker} ` +
        `("${speakers[utterances[beyond].speaker]}"), but the model knows ${shape.speakers} speakers, numbered from 0. ` +
        'Number the speakers within each dialogue, or train on a corpus with as many speakers.',
    );
  }
}
