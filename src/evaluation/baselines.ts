import { InputError } from '../base/errors.js';
import { type Corpus, packBatch, type SplitName, splitDialogues } from '../corpus/index.js';
import { isRunDirectory, rememberPath } from '../run/index.js';
import { type Baseline, type BaselineSettings, fitBaseline } from './baselines/fit.js';
import type { Evaluated } from './evaluate.js';
import { placesOf, type SplitOutputs } from './outputs.js';
import { writeCard } from './record.js';
import { evaluationOf } from './scoring.js';

export interface BaselineOptions extends BaselineSettings {
  corpus: Corpus;
  /** Directory that the corpus was read from, for the card to remember. */
  corpusPath?: string;
  /** Nothing is drawn: the seed only stands in the card, beside those of other models. */
  seed: number;
  /** Run directory to write: evaluation.json and the outputs. */
  directory: string;
  /** The split that is scored; default "test". */
  split?: 'valid' | 'test';
  /** Called just before the test split is looked at. */
  onTest?: () => void;
}

/**
 * Fits a baseline on the training split, scores a split, and writes its run directory.
 * @throws InputError where the splits have no labels, a modality is not there, or the directory holds a trained run.
 */
export function runBaseline(given: BaselineOptions): Evaluated {
  const { directory, split = 'test', onTest, corpusPath, seed, ...options } = given;
  if (isRunDirectory(directory)) {
    throw new InputError(`${directory} already holds a trained run. Give the baseline a directory of its own.`);
  }
  const { kind, corpus } = options;
  const baseline = fitBaseline(corpus, options);
  const { selection, settings } = baseline;
  if (split === 'test') onTest?.();
  const evaluated = evaluateBaseline(baseline, split);
  writeCard(directory, evaluated.evaluation, evaluated.outputs, {
    model: kind,
    selection,
    baseline: settings,
    seed,
    threads: 1,
    classes: corpus.classes,
    corpus: {
      name: corpus.name,
      hash: corpus.hash,
      ...(corpusPath !== undefined && { path: rememberPath(directory, corpusPath) }),
    },
    anchors: null,
    weights: null,
  });
  return evaluated;
}

/** @throws InputError where none of the dialogues' utterances is labelled. */
export function evaluateBaseline(
  { corpus, modalities, selection, selecting, predict }: Baseline,
  split: SplitName,
): Evaluated {
  // A validation split may have been made of train.
  const dialogueIndices =
    split === 'valid' && selection !== 'test-selected' ? selecting : splitDialogues(corpus, split);
  const outputs: SplitOutputs = {
    split,
    classes: [...corpus.classes],
    corpusHash: corpus.hash,
    selection,
    ...placesOf(corpus, dialogueIndices, modalities),
    labels: packBatch({ dialogues: corpus.dialogues, features: {} }, dialogueIndices).labels,
    logits: { fused: predict(dialogueIndices) },
  };
  return { evaluation: evaluationOf(outputs, corpus), outputs };
}
