import {
  type AlignedAnchors,
  type AnchorBank,
  type AnchorSpace,
  alignAnchors,
  anchorSpaceOf,
  moveBank,
  targetsOf,
} from '../anchors/index.js';
import { InputError } from '../base/errors.js';
import { MODALITIES } from '../base/modalities.js';
import {
  type CorpusView,
  countLabels,
  makeSplits,
  makeValidationSplit,
  SPLITS,
  type SplitName,
  splitDialogues,
  splitsOf,
  standardisations,
} from '../corpus/index.js';
import type { TrainingConfig } from '../run/index.js';
import type { VegaShape } from '../vega/types.js';
import type { FitData } from './fit.js';

/** A corpus and anchors made ready for training, and what was decided on the way. */
export interface Prepared {
  data: FitData;
  shape: VegaShape;
  /** Which class of the anchors met which class of the corpus; null without anchors. */
  alignment: Omit<AlignedAnchors, 'bank'> | null;
  /** How the anchors were moved; undefined where they were not. */
  space?: AnchorSpace;
  /** Ids of the dialogues set aside for validation from train, where the corpus has no validation split. */
  madeValidation?: string[];
  /** All splits, where the corpus has none. */
  madeSplits?: CorpusView['splits'];
}

/** Made splits are the same for every run on a corpus, so that seeds and settings can be compared. */
const SPLIT_SEED = 0;

/**
 * @param bank null trains without the anchor branch; @param learnedAnchors whether the bank only is where they start.
 * @throws InputError where splits, labels, class weights or anchors do not fit the corpus.
 */
export function prepare(
  corpus: CorpusView,
  bank: AnchorBank | null,
  config: TrainingConfig,
  learnedAnchors = false,
): Prepared {
  const made = madeFor(corpus, config);
  const splits = splitsOf(corpus.splits, made);
  const among = (split: SplitName) => splitDialogues({ dialogues: corpus.dialogues, splits }, split);
  const labelled = (i: number) => corpus.dialogues[i].utterances.some(({ label }) => label >= 0);
  // A dialogue without any label teaches nothing, and a batch of such dialogues would have no loss.
  const train = among('train').filter(labelled);
  const selection = among(config.select);
  if (train.length === 0) {
    throw new InputError(
      `Corpus "${corpus.name}" has no labelled dialogue in its training split; there is nothing to train on.`,
    );
  }
  if (!selection.some(labelled)) {
    throw new InputError(
      `Corpus "${corpus.name}" has no labelled dialogue in its ${config.select} split, which selects the epoch.`,
    );
  }
  const alignment = bank && alignAnchors(bank, corpus.classes);
  const space = alignment ? anchorSpaceOf(alignment.bank, config.anchorSpace) : undefined;
  const anchors = alignment && moveBank(alignment.bank, space);
  if (learnedAnchors && (config.prototypes > 1 || config.anchorDraw !== 'batch')) {
    throw new InputError(
      'Learned anchors are one a class and never drawn: leave prototypes at 1 and anchorDraw at batch.',
    );
  }
  const tables = MODALITIES.flatMap((modality) => {
    const table = corpus.features[modality];
    return table === undefined ? [] : [{ modality, table }];
  });
  const partial = tables.filter(({ table }) => table.presence || config.modalityDropout > 0);
  return {
    data: {
      corpus,
      splits,
      train,
      selection,
      ...(config.standardise && { standardise: standardisations(corpus, train) }),
      classWeights: classWeights(config.classWeights, corpus, train),
      anchors,
      targets: learnedAnchors ? 'learned' : anchors && targetsOf(anchors, config),
    },
    shape: {
      classes: corpus.classes.length,
      speakers: corpus.speakers.length,
      dims: Object.fromEntries(tables.map(({ modality, table }) => [modality, table.dim])),
      ...(alignment && { anchorDim: alignment.bank.dim }),
      ...(config.prototypes > 1 && { prototypes: config.prototypes }),
      ...(config.anchorDraw !== 'batch' && { anchorDraw: config.anchorDraw }),
      ...(learnedAnchors && { learnedAnchors }),
      ...(partial.length > 0 && { partial: partial.map(({ modality }) => modality) }),
    },
    ...(space && { space }),
    alignment: alignment && { matched: alignment.matched, unused: alignment.unused },
    ...made,
  };
}

/** The splits that a corpus lacks: all of them, or one for validation where that selects. */
function madeFor(corpus: CorpusView, { select }: TrainingConfig): Pick<Prepared, 'madeValidation' | 'madeSplits'> {
  if (!SPLITS.some((split) => corpus.splits[split]?.length)) return { madeSplits: makeSplits(corpus, SPLIT_SEED) };
  if (select === 'test' || corpus.splits.valid?.length) return {};
  return { madeValidation: makeValidationSplit(corpus, SPLIT_SEED).valid };
}

/**
 * Weights [C] of every cross-entropy. Balanced: the largest class count over each count, over the training labels; a
 * class that training never shows gets 1, which nothing multiplies.
 */
function classWeights(
  wanted: TrainingConfig['classWeights'],
  corpus: CorpusView,
  train: readonly number[],
): Float32Array {
  if (wanted === 'none') return new Float32Array(corpus.classes.length).fill(1);
  if (wanted === 'balanced') {
    const counts = countLabels(corpus, train);
    const most = Math.max(...counts);
    return Float32Array.from(counts, (count) => (count === 0 ? 1 : most / count));
  }
  if (wanted.length !== corpus.classes.length) {
    throw new InputError(
      `classWeights gives ${wanted.length} weights, but corpus "${corpus.name}" has ${corpus.classes.length} classes: ` +
        `${corpus.classes.join(', ')}.`,
    );
  }
  return Float32Array.from(wanted);
}
