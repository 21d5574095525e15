import { InputError } from '../base/errors.js';
import { MODALITIES } from '../base/modalities.js';
import type { Corpus } from '../corpus/index.js';
import type { TrainingConfig } from './config.js';

/**
 * What a run's model is given of a corpus: some of its modalities, and its speakers as one where they are ignored. The
 * hash stays the whole corpus's.
 * @throws InputError where the corpus has none of the modalities.
 */
export function viewOf(
  corpus: Corpus,
  { modalities, speakers }: Pick<TrainingConfig, 'modalities' | 'speakers'>,
): Corpus {
  const wanted = modalities === 'all' ? MODALITIES : modalities;
  const features = Object.fromEntries(
    MODALITIES.filter((m) => wanted.includes(m) && corpus.features[m]).map((m) => [m, corpus.features[m]]),
  ) as Corpus['features'];
  if (Object.keys(features).length === 0) {
    const has = MODALITIES.filter((m) => corpus.features[m]);
    throw new InputError(
      `Corpus "${corpus.name}" has no ${wanted.join(' or ')} features, which are all that the model is to see; it has ` +
        `${has.join(', ') || 'none'}.`,
    );
  }
  if (speakers === 'known') return { ...corpus, features };
  const dialogues = corpus.dialogues.map((dialogue) => ({
    ...dialogue,
    utterances: dialogue.utterances.map((utterance) => ({ ...utterance, speaker: 0 })),
  }));
  return { ...corpus, features, dialogues, speakers: ['anyone'] };
}
