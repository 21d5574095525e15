import { InputError } from '../../base/errors.js';
import { type Modality, modalitiesIn } from '../../base/modalities.js';
import { type Corpus, countLabels, packBatch } from '../../corpus/index.js';
import { argmax, scores } from '../../metrics/index.js';
import { DEFAULT_PRESET, presetConfig } from '../../run/index.js';
import { type Prepared, prepare } from '../../training/index.js';
import { viewOf } from '../../training/view.js';
import type { RunCard } from '../card.js';
import type { SplitOutputs } from '../outputs.js';
import { fitLogistic, logProbabilities, type Table } from './logistic.js';

/** What a model must beat to have learned anything: always the commonest class, and a linear classifier. */
export const BASELINES = ['majority', 'logistic regression'] as const;
export type BaselineKind = (typeof BASELINES)[number];

/** What decides a baseline beside the corpus. */
export interface BaselineSettings {
  kind: BaselineKind;
  /** Of logistic regression: what it is given, side by side; default: all that the corpus has. */
  modalities?: readonly Modality[];
  /** Of logistic regression, as in training; default "none". */
  classWeights?: 'none' | 'balanced';
  /** The split that picks the strength of L2; default "valid". "test" is for the paper's protocol, and labelled so. */
  select?: 'valid' | 'test';
}

/** A fitted baseline. */
export interface Baseline {
  corpus: Corpus;
  /** What it was given of the corpus. */
  modalities: Modality[];
  selection: NonNullable<SplitOutputs['selection']>;
  settings: NonNullable<RunCard['baseline']>;
  /** Dialogue indices of the split that picked its strength. */
  selecting: readonly number[];
  /** Log-probabilities [N, C] of the utterances of some dialogues. */
  predict(dialogueIndices: readonly number[]): Float32Array;
}

/** Strengths of L2 that are tried, the strongest first; of equal scores the stronger is kept. */
const STRENGTHS = [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001];

/** After so many strengths without a better score weaker ones, which take longest, are not tried. */
const PATIENCE = 2;

/** Below it a probability is as good as zero; its logarithm stays a number. */
const LEAST = 1e-30;

/**
 * Fits a baseline on the same splits, standardised features and class weights as a trained model.
 * @throws InputError where the splits have no labels, or a modality is not there.
 */
export function fitBaseline(corpus: Corpus, settings: BaselineSettings): Baseline {
  const { kind, modalities, classWeights = 'none', select = 'valid' } = settings;
  const missing = modalities?.filter((m) => corpus.features[m] === undefined) ?? [];
  if (missing.length > 0) {
    throw new InputError(
      `Corpus "${corpus.name}" has no ${missing.join(' and no ')} features for a baseline; it has ` +
        `${modalitiesIn(corpus.features).join(', ')}.`,
    );
  }
  const config = {
    ...presetConfig(DEFAULT_PRESET),
    modalities: modalities ? [...modalities] : ('all' as const),
    classWeights,
    select,
    standardise: true,
  };
  const prepared = prepare(viewOf(corpus, config), null, config);
  const fitted = kind === 'majority' ? fitMajority(prepared) : fitStrengths(prepared);
  return {
    corpus,
    modalities: modalitiesIn(prepared.data.corpus.features),
    selection: select === 'test' ? 'test-selected' : 'validation-selected',
    settings: {
      select,
      ...(kind === 'logistic regression' && { modalities: modalitiesIn(prepared.data.corpus.features), classWeights }),
      ...fitted.settings,
    },
    selecting: prepared.data.selection,
    predict: fitted.predict,
  };
}

type Fitted = { settings: object; predict: Baseline['predict'] };

/** The training labels' frequencies, for every utterance alike. */
function fitMajority({ data: { corpus, train } }: Prepared): Fitted {
  const counts = countLabels(corpus, train);
  const total = counts.reduce((a, b) => a + b, 0);
  const row = counts.map((count) => Math.log(Math.max(count / total, LEAST)));
  const utterances = (indices: readonly number[]) => indices.flatMap((i) => corpus.dialogues[i].utterances);
  return { settings: {}, predict: (indices) => Float32Array.from(utterances(indices).flatMap(() => row)) };
}

/** Logistic regression with the strength of L2 that has the best weighted F1 on the selecting split. */
function fitStrengths({ data }: Prepared): Fitted {
  const { corpus, train, selection, classWeights } = data;
  const [training, selecting] = [tableOf(data, train), tableOf(data, selection)];
  const tried: { l2: number; weightedF1: number }[] = [];
  let parameters: Float64Array = new Float64Array(corpus.classes.length * (training.width + 1));
  let best = { l2: Number.NaN, score: Number.NEGATIVE_INFINITY, parameters };
  let since = 0;
  for (const l2 of STRENGTHS) {
    if (since++ === PATIENCE) break;
    // From one strength's solution to the next it is not far.
    parameters = fitLogistic(training, training.labels, classWeights, l2, parameters).x;
    const predictions = argmax(logProbabilities(selecting, parameters), corpus.classes.length);
    const { weightedF1 } = scores(selecting.labels, predictions, corpus.classes);
    tried.push({ l2, weightedF1 });
    if (weightedF1 <= best.score) continue;
    best = { l2, score: weightedF1, parameters };
    since = 0;
  }
  return {
    settings: { l2: best.l2, tried },
    predict: (indices) => logProbabilities(tableOf(data, indices), best.parameters),
  };
}

/**
 * The standardised features of some dialogues' utterances side by side: zero where a modality is absent, and beside the
 * features of a modality that some utterance lacks a column that says whether it is there.
 */
function tableOf(
  { corpus, standardise }: Pick<Prepared['data'], 'corpus' | 'standardise'>,
  dialogueIndices: readonly number[],
): Table & { labels: Int32Array } {
  const { features, presence, labels } = packBatch(corpus, dialogueIndices, { standardise });
  const columns = modalitiesIn(features).flatMap((m) => {
    const [own, there] = [features[m] as Float32Array, presence?.[m]];
    const dim = corpus.features[m]?.dim as number;
    return [{ values: own, dim }, ...(there ? [{ values: Float32Array.from(there), dim: 1 }] : [])];
  });
  const width = columns.reduce((sum, { dim }) => sum + dim, 0);
  const rows = new Float32Array(labels.length * width);
  let at = 0;
  for (const { values, dim } of columns) {
    labels.forEach((_, n) => {
      rows.set(values.subarray(n * dim, (n + 1) * dim), n * width + at);
    });
    at += dim;
  }
  return { rows, width, labels };
}
