import { InputError } from '../base/errors.js';
import { MODALITIES } from '../base/modalities.js';
import type { Corpus, CorpusView, Utterance } from '../corpus/index.js';
import type { TrainingConfig } from '../run/index.js';
import { numberedWithin } from '../run/speakers.js';

/**
 * What a run's model is given of a corpus: some of its modalities, and its speakers as the setting says.
 * @throws InputError where the corpus has none of the modalities.
 */
export function viewOf(
  corpus: Corpus,
  { modalities, speakers }: Pick<TrainingConfig, 'modalities' | 'speakers'>,
): CorpusView {
  const { hash: _, origin: __, ...parts } = corpus;
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
  if (speakers === 'known') return { ...parts, features };
  const number = speakers === 'within' ? numberedWithin : (all: readonly number[]) => all.map(() => 0);
  const dialogues = corpus.dialogues.map((dialogue) => ({
    ...dialogue,
    utterances: renumbered(dialogue.utterances, number),
  }));
  const most = dialogues.flatMap(({ utterances }) => utterances).reduce((max, u) => Math.max(max, u.speaker), 0);
  const names = Array.from({ length: most + 1 }, (_, i) => `speaker ${i + 1}`);
  return { ...parts, features, dialogues, speakers: speakers === 'ignored' ? ['anyone'] : names };
}

function renumbered(utterances: readonly Utterance[], number: (speakers: readonly number[]) => number[]): Utterance[] {
  const numbers = number(utterances.map(({ speaker }) => speaker));
  return utterances.map((utterance, i) => ({ ...utterance, speaker: numbers[i] }));
}
