import type { AnchorBank } from '../anchors/index.js';
import { InputError } from '../base/errors.js';
import { RANDOM_SITES, randomStream } from '../base/random.js';
import { type CorpusView, epochBatches, packBatch, type Standardisations } from '../corpus/index.js';
import { argmax, scores } from '../metrics/index.js';
import type { TrainingConfig } from '../run/index.js';
import type { AnchorTargets, LossTerms, Vega } from '../vega/types.js';
import { drawAnchors } from './draw.js';
import { dropFeatures, dropModalities, maskFeatures } from './masking.js';
import { collectOutputs } from './outputs.js';
import { copyParameters, type ParameterValues } from './parameters.js';
import { type EndReason, type FitProgress, stopReason } from './progress.js';
import { anchorWeight, learningRate } from './schedule.js';

/** What a model is trained on and selected by. */
export interface FitData {
  corpus: CorpusView;
  /** The corpus's splits, with those that were made because it lacks them. */
  splits: CorpusView['splits'];
  /** Dialogue indices of the training split, and of the split that selects. */
  train: number[];
  selection: number[];
  standardise?: Standardisations;
  /** [C] */
  classWeights: Float32Array;
  /** In the order of the corpus's classes; null trains without the anchor branch. */
  anchors: AnchorBank | null;
  /** What evaluation compares with. */
  targets: AnchorTargets;
}

/** Weighted F1, macro F1 and accuracy, 0 … 1, of both heads on the selection split. */
export interface SelectionScores {
  weightedF1: number;
  macroF1: number;
  accuracy: number;
  anchorWeightedF1?: number;
}

/** What one epoch came to. */
export interface EpochReport extends FitProgress {
  /** Mean over the epoch's steps of every loss term, unweighted, and of their total. */
  losses: LossTerms;
  scores: SelectionScores;
  /** Learning rate of the last step. */
  lr: number;
  seconds: number;
}

export interface FitListener {
  /** After every training step. @param step of `steps` in this epoch, from 1. */
  onStep?: (epoch: number, step: number, steps: number) => void;
  /** After an epoch and its validation: the place to write a checkpoint, with the best parameters up to date. Awaited. */
  onEpoch?: (report: EpochReport) => unknown;
}

/** Training met a number that is not finite; nothing was updated with it. */
export class NotFiniteError extends InputError {
  override name = 'NotFiniteError';
  readonly epoch: number;
  readonly step: number;
  readonly term: string;

  constructor(epoch: number, step: number, term: string, value: number) {
    super(
      `Step ${step} (epoch ${epoch}): ${
        term === 'gradient' ? "the gradient's length" : `the loss term ${term}`
      } is ${value}, so training stopped. Try a lower learning ` +
        'rate (--set lr=…), clipping (--set clipNorm=1), or look for extreme features.',
    );
    this.epoch = epoch;
    this.step = step;
    this.term = term;
  }
}

/**
 * Trains until the epochs are used up or the selection score has not improved for `patience` epochs. Every random
 * number is keyed by seed and step, so a run that continues from saved progress ends like one that never stopped.
 * @param until an epoch after which it pauses. @param progress where to start; @param best the best parameters so far, kept up to date in place.
 * @returns where it ended, and why. The model then holds the last parameters, not the best.
 * @throws NotFiniteError
 */
export async function fitModel(
  vega: Vega,
  data: FitData,
  config: TrainingConfig,
  progress: FitProgress,
  best: ParameterValues,
  listener: FitListener = {},
  until = Number.POSITIVE_INFINITY,
): Promise<{ progress: FitProgress; reason: EndReason | 'paused' }> {
  for (let current = progress; ; ) {
    const reason = stopReason(current, config) ?? (current.epoch >= until ? 'paused' : undefined);
    if (reason !== undefined) return { progress: current, reason };
    const started = performance.now();
    const epoch = current.epoch + 1;
    const { losses, lr, step } = await trainEpoch(vega, data, config, epoch, current.step, listener);
    const selected = selectionScores(await selectionOutputs(vega, data, config), data, epoch, step);
    const score =
      selectedBy(config, data.targets) === 'anchor' ? (selected.anchorWeightedF1 as number) : selected.weightedF1;
    const better = score > current.bestScore;
    current = {
      epoch,
      step,
      bestEpoch: better ? epoch : current.bestEpoch,
      bestScore: better ? score : current.bestScore,
    };
    if (better) {
      await vega.readBack();
      copyParameters(vega.parameters, best);
    }
    const seconds = (performance.now() - started) / 1000;
    await listener.onEpoch?.({ ...current, losses, scores: selected, lr, seconds });
  }
}

/** The head that selects the epoch: the class head, but where no loss trains it, the anchor head. */
function selectedBy({ classLoss }: TrainingConfig, targets: AnchorTargets): 'class' | 'anchor' {
  return classLoss.ce * classLoss.fusedCe === 0 && targets !== null ? 'anchor' : 'class';
}

async function trainEpoch(
  vega: Vega,
  data: FitData,
  config: TrainingConfig,
  epoch: number,
  stepBefore: number,
  listener: FitListener,
): Promise<{ losses: LossTerms; lr: number; step: number }> {
  const { corpus, train, standardise, classWeights } = data;
  const { seed } = config;
  const batches = epochBatches(train, config.batchSize, randomStream(seed, epoch, RANDOM_SITES.shuffle));
  const sums: LossTerms = {};
  let step = stepBefore;
  let lr = 0;
  for (const [i, dialogues] of batches.entries()) {
    step++;
    lr = learningRate(config, step, config.epochs * batches.length);
    const batch = packBatch(corpus, dialogues, { standardise });
    maskFeatures(batch, config.featureMask, randomStream(seed, step, RANDOM_SITES.features));
    dropFeatures(batch, config.featureDropout, randomStream(seed, step, RANDOM_SITES.featureDropout));
    dropModalities(batch, config.modalityDropout, randomStream(seed, step, RANDOM_SITES.modalities));
    const drawn = drawAnchors(data, config, batch, randomStream(seed, step, RANDOM_SITES.anchors));
    const terms = await vega.trainStep(batch, drawn, {
      seed,
      step,
      learningRate: lr,
      weightDecay: config.weightDecay,
      classWeights,
      clipNorm: config.clipNorm,
      anchorWeight: anchorWeight(config, step, batches.length),
    });
    for (const [term, value] of Object.entries(terms)) {
      if (!Number.isFinite(value)) throw new NotFiniteError(epoch, step, firstCause(terms), terms[firstCause(terms)]);
      sums[term] = (sums[term] ?? 0) + value;
    }
    listener.onStep?.(epoch, i + 1, batches.length);
  }
  const losses = Object.fromEntries(Object.entries(sums).map(([term, sum]) => [term, sum / batches.length]));
  return { losses, lr, step };
}

/** The first term that is not finite; the total only where every term of it is. */
function firstCause(terms: LossTerms): string {
  const broken = Object.keys(terms).filter((term) => !Number.isFinite(terms[term]));
  return broken.find((term) => term !== 'total') ?? 'total';
}

/** Outputs for the selection split with the model's present parameters, anchors = class centres. */
export function selectionOutputs(vega: Vega, data: FitData, config: TrainingConfig): ReturnType<typeof collectOutputs> {
  return collectOutputs(vega, data.corpus, data.selection, {
    standardise: data.standardise,
    anchors: data.targets,
    batchSize: config.batchSize,
  });
}

function selectionScores(
  { labels, logits, anchorLogits }: Awaited<ReturnType<typeof collectOutputs>>,
  { corpus: { classes } }: FitData,
  epoch: number,
  step: number,
): SelectionScores {
  const scored = (rows: Float32Array | undefined, head: string) => {
    if (rows === undefined) return undefined;
    const broken = rows.find((value) => !Number.isFinite(value));
    // An update can overflow parameters although its loss was finite; such a model must not become a checkpoint.
    if (broken !== undefined) throw new NotFiniteError(epoch, step, `behind the ${head} after the update`, broken);
    return scores(labels, argmax(rows, classes.length), classes);
  };
  const { weightedF1, macroF1, accuracy } = scored(logits.fused, 'class head') as SelectionScores;
  const anchor = scored(anchorLogits?.fused, 'anchor head');
  return { weightedF1, macroF1, accuracy, ...(anchor && { anchorWeightedF1: anchor.weightedF1 }) };
}
