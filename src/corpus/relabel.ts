import { InputError } from '../base/errors.js';
import { suggestion } from '../base/names.js';
import { createCorpus } from './corpus.js';
import type { Corpus } from './types.js';

/**
 * A corpus with other classes: labels mapped by name, and classes dropped. The utterances of a dropped class stay in
 * their dialogues, unlabelled. Classes keep their order; classes that become one stand where the first of them stood.
 * @param changes.labels old name → new name; @param changes.drop old names.
 * @throws InputError where a name is no class of the corpus, or fewer than two classes are left.
 */
export function relabel(
  corpus: Corpus,
  { labels = {}, drop = [] }: { labels?: Readonly<Record<string, string>>; drop?: readonly string[] },
): Corpus {
  for (const name of [...Object.keys(labels), ...drop]) {
    if (!corpus.classes.includes(name)) {
      throw new InputError(`Corpus "${corpus.name}" has no class "${name}".${suggestion(name, corpus.classes)}`);
    }
  }
  const renamed = corpus.classes.map((name) => (drop.includes(name) ? undefined : (labels[name] ?? name)));
  const classes = [...new Set(renamed.filter((name) => name !== undefined))];
  const indices = renamed.map((name) => (name === undefined ? -1 : classes.indexOf(name)));
  const dialogues = corpus.dialogues.map((dialogue) => ({
    ...dialogue,
    utterances: dialogue.utterances.map((u) => (u.label < 0 ? u : { ...u, label: indices[u.label] })),
  }));
  const said = [
    ...Object.entries(labels).map(([from, to]) => `${from} → ${to}`),
    ...drop.map((name) => `${name} dropped`),
  ];
  const origin = [...(corpus.origin ?? []), `labels changed: ${said.join(', ')}`];
  return createCorpus({ ...corpus, classes, dialogues, origin }, `Corpus "${corpus.name}" with changed labels`);
}
