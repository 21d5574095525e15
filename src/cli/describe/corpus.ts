import { MODALITIES } from '../../base/modalities.js';
import { isCorpusDirectory, readCorpus } from '../../corpus/files.js';
import { type Corpus, corpusKind, countLabels, countUtterances, SPLITS, splitDialogues } from '../../corpus/index.js';
import { type Cell, count } from '../output.js';
import type { Description, Recogniser } from './description.js';

export const corpusRecogniser: Recogniser = {
  recognises: ({ path, directory }) => directory && isCorpusDirectory(path),
  describe: (path) => corpusDescription(readCorpus(path)),
};

/** What a table calls the dialogues that no split names. */
const NO_SPLIT = 'no split';

/** What is in a corpus: its splits by class, its modalities, where it came from. */
export function corpusDescription(corpus: Corpus): Description {
  const {
    name,
    classes,
    speakers,
    dialogues,
    utterances,
    splits,
    synthetic,
    composed,
    note,
    origin = [],
    hash,
  } = corpus;
  const facts: [string, Cell][] = [
    ['name', name],
    ...(note === undefined ? [] : ([['note', note]] as [string, Cell][])),
    ['dialogues', count(dialogues.length)],
    ['utterances', count(utterances)],
    ['speakers', `${speakers.length} (${speakers.slice(0, 12).join(', ')}${speakers.length > 12 ? ', …' : ''})`],
    ['hash', hash],
    ...origin.map((sentence, i): [string, Cell] => [i === 0 ? 'origin' : '', sentence]),
  ];
  const parts = partsOf(corpus);
  const labelled = parts.some(({ labels }) => labels.some((value) => value > 0));
  const none = SPLITS.every((split) => !splits[split]?.length);
  if (none && labelled) {
    facts.push(['splits', 'none; training makes train, valid and test, by dialogue, and records them']);
  } else if (splits.valid === undefined && (splits.train?.length ?? 0) > 1) {
    facts.push(['valid', 'no such split; training sets one aside from train, by dialogue, and records it']);
  }
  return {
    kind: `a ${corpusKind(corpus)}`,
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
      composed: composed === true,
      note,
      origin,
      classes,
      speakers,
      dialogues: dialogues.length,
      utterances,
      splits: Object.fromEntries(
        parts
          .filter(({ split }) => split !== NO_SPLIT)
          .map(({ split, labels, ...sizes }) => [
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

/** The dialogues of each split, and those of none, with their labels. */
function partsOf(corpus: Corpus) {
  const { dialogues, splits } = corpus;
  const named = new Set(SPLITS.flatMap((split) => splits[split] ?? []));
  const others = dialogues.flatMap(({ id }, i) => (named.has(id) ? [] : [i]));
  const groups = [
    ...SPLITS.filter((split) => splits[split] !== undefined).map((split) => ({
      split: split as string,
      indices: splitDialogues(corpus, split),
    })),
    ...(others.length > 0 ? [{ split: NO_SPLIT, indices: others }] : []),
  ];
  return groups.map(({ split, indices }) => ({
    split,
    dialogues: indices.length,
    utterances: countUtterances(corpus, indices),
    labels: countLabels(corpus, indices),
  }));
}

function present({ utterances }: Corpus, presence: Uint8Array | undefined): number {
  return presence === undefined ? utterances : presence.reduce((sum, value) => sum + value, 0);
}
