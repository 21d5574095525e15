import { MODALITIES } from '../../base/modalities.js';
import { isCorpusDirectory, readCorpus } from '../../corpus/files.js';
import { type Corpus, countLabels, countUtterances, SPLITS, splitDialogues } from '../../corpus/index.js';
import { type Cell, count } from '../output.js';
import type { Description, Recogniser } from './description.js';

export const corpusRecogniser: Recogniser = {
  recognises: ({ path, directory }) => directory && isCorpusDirectory(path),
  describe: (path) => corpusDescription(readCorpus(path)),
};

/** What is in a corpus: its splits by class, its modalities, where it came from. */
export function corpusDescription(corpus: Corpus): Description {
  const { name, classes, speakers, dialogues, utterances, splits, synthetic, note, origin = [], hash } = corpus;
  const unnamed = dialogues.length - SPLITS.reduce((sum, split) => sum + (splits[split]?.length ?? 0), 0);
  const facts: [string, Cell][] = [
    ['name', name],
    ...(note === undefined ? [] : ([['note', note]] as [string, Cell][])),
    ['dialogues', count(dialogues.length)],
    ['utterances', count(utterances)],
    ['speakers', `${speakers.length} (${speakers.slice(0, 12).join(', ')}${speakers.length > 12 ? ', …' : ''})`],
    ['hash', hash],
    ...origin.map((sentence, i): [string, Cell] => [i === 0 ? 'origin' : '', sentence]),
  ];
  if (splits.valid === undefined)
    facts.push(['valid', 'no such split; training sets one aside from train, by dialogue, and records it']);
  if (unnamed > 0) facts.push(['no split', `${count(unnamed)} dialogues`]);
  const parts = SPLITS.filter((split) => splits[split] !== undefined).map((split) => {
    const indices = splitDialogues(corpus, split);
    return {
      split,
      dialogues: indices.length,
      utterances: countUtterances(corpus, indices),
      labels: countLabels(corpus, indices),
    };
  });
  return {
    kind: synthetic ? 'a synthetic corpus' : 'a corpus',
    facts,
    tables: [
      {
        title: 'Utterances by split and class',
        head: ['split', 'dialogues', 'utterances', ...classes],
        rows: parts.map(({ split, dialogues, utterances, labels }) => [
          split,
          count(dialogues),
          count(utterances),
          ...labels.map(count),
        ]),
      },
      {
        title: 'Modalities',
        head: ['modality', 'dimension', 'present', 'encoder'],
        rows: MODALITIES.map((modality) => {
          const table = corpus.features[modality];
          if (table === undefined) return [modality, '–', 'missing', '–'];
          return [modality, count(table.dim), count(present(corpus, table.presence)), table.encoder ?? 'not said'];
        }),
      },
    ],
    json: {
      name,
      synthetic: synthetic === true,
      note,
      origin,
      classes,
      speakers,
      dialogues: dialogues.length,
      utterances,
      splits: Object.fromEntries(
        parts.map(({ split, labels, ...sizes }) => [
          split,
          { ...sizes, labels: Object.fromEntries(classes.map((one, i) => [one, labels[i]])) },
        ]),
      ),
      modalities: Object.fromEntries(
        MODALITIES.map((modality) => {
          const table = corpus.features[modality];
          return [
            modality,
            table && { dim: table.dim, encoder: table.encoder, present: present(corpus, table.presence) },
          ].map((entry) => entry ?? null);
        }),
      ),
      hash,
    },
  };
}

function present({ utterances }: Corpus, presence: Uint8Array | undefined): number {
  return presence === undefined ? utterances : presence.reduce((sum, value) => sum + value, 0);
}
