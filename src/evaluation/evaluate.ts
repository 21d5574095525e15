import { readFileSync } from 'node:fs';
import { withDirectory } from '../base/claim.js';
import { InputError } from '../base/errors.js';
import { modalitiesIn } from '../base/modalities.js';
import { sha256 } from '../base/sha256.js';
import { type Corpus, type SplitName, splitDialogues } from '../corpus/index.js';
import {
  aboutRun,
  type CorpusFit,
  conversationOf,
  dialoguesOf,
  fitCorpus,
  nearestExemplars,
  Predictor,
  speakersOf,
} from '../prediction/index.js';
import { openSource, type SourceOptions } from '../prediction/node/index.js';
import { type RunConfig, runFile } from '../run/index.js';
import { type TrainedRun, type TrainOptions, train } from '../training/index.js';
import { anchorScaleOf } from '../vega/index.js';
import { experimentOf, recordLook } from './experiment/ledger.js';
import { placesOf, type SplitOutputs } from './outputs.js';
import { recordEvaluation } from './record.js';
import { type Evaluation, evaluationOf } from './scoring.js';

/** Scores, and the outputs that they were computed from. */
export interface Evaluated {
  evaluation: Evaluation;
  outputs: SplitOutputs;
  /** [N, D] the fused representations that the nearest exemplars were found for, of unit length; with anchors alone. */
  anchored?: Float32Array;
}

/** What is scored: dialogues of a corpus, and what to say of the model that predicts them. */
export interface Scored {
  corpus: Corpus;
  fit: CorpusFit;
  /** Dialogue indices of `split`. */
  dialogueIndices: readonly number[];
  split: SplitName;
  selection?: RunConfig['selection'];
  gateOrigin?: string;
  /** Called with the number of dialogues done. */
  onProgress?: (done: number) => void;
}

/** What a predictor says of the dialogues of a split; with the nearest exemplars where it has some. */
export async function splitOutputs(predictor: Predictor, scored: Scored): Promise<SplitOutputs> {
  return (await outputsOf(predictor, scored)).outputs;
}

async function outputsOf(
  predictor: Predictor,
  { corpus, fit, dialogueIndices, split, selection, onProgress }: Scored,
): Promise<Omit<Evaluated, 'evaluation'>> {
  const conversations = (function* () {
    for (const index of dialogueIndices) yield conversationOf(corpus, index);
  })();
  const { logits, anchorLogits, anchored } = await predictor.outputs(conversations, { onProgress });
  const nearest = anchored && predictor.bank && nearestExemplars(anchored, predictor.bank);
  const outputs: SplitOutputs = {
    split,
    classes: [...predictor.classes],
    corpusHash: corpus.hash,
    ...(selection && { selection }),
    ...placesOf(corpus, dialogueIndices, modalitiesIn(predictor.inputs)),
    labels: labelsOf(corpus, dialogueIndices, fit),
    logits,
    ...(anchorLogits && { anchorLogits }),
    ...(predictor.gate !== undefined && { gate: predictor.gate }),
    ...(nearest && { nearest: { exemplars: nearest.exemplars, cosines: nearest.cosines } }),
  };
  return { outputs, anchored };
}

/** Labels [N] in the order of the model's classes; those that it does not know count as none. */
function labelsOf({ dialogues }: Corpus, dialogueIndices: readonly number[], { labels }: CorpusFit): Int32Array {
  const utterances = dialogueIndices.flatMap((index) => dialogues[index].utterances);
  return Int32Array.from(utterances, ({ label }) => (label < 0 ? label : labels[label]));
}

/**
 * Scores a predictor on dialogues of a corpus.
 * @throws InputError where none of their utterances is labelled.
 */
export async function evaluate(predictor: Predictor, scored: Scored): Promise<Evaluated> {
  const { outputs, anchored } = await outputsOf(predictor, scored);
  return { evaluation: evaluationOf(outputs, scored.corpus, scored.gateOrigin), outputs, anchored };
}

export interface EvaluateOptions extends SourceOptions {
  /** Default "test". */
  split?: SplitName;
  onProgress?: (done: number, dialogues: number) => void;
}

/** Scores, and what a reader must be told next to them. */
export interface EvaluatedModel {
  evaluation: Evaluation;
  notes: string[];
}

/**
 * Scores a run or a checkpoint on a split. Scores of a finished run on its own corpus are recorded in its evaluation.json.
 * @throws InputError where the corpus does not fit the model or has no such split.
 */
export async function evaluateModel(options: EvaluateOptions): Promise<EvaluatedModel> {
  const { model, split = 'test', onProgress } = options;
  const { predictor, corpus, run, fit } = await openSource({ ...options, evidence: false });
  const { finished } = predictor.about;
  try {
    if (fit.unknownClasses.length > 0) {
      throw new InputError(
        `Corpus "${corpus.name}" has classes that the model does not know: ${fit.unknownClasses.join(', ')}; the model's are ` +
          `${predictor.classes.join(', ')}. Scores would leave those utterances out.`,
      );
    }
    const dialogueIndices = dialoguesOf(corpus, split, run);
    if (run && split === 'test') noteLook(model, run);
    const { evaluation, outputs } = await evaluate(predictor, {
      corpus,
      fit,
      dialogueIndices,
      split,
      selection: run?.selection,
      gateOrigin: run && finished ? gateOrigin(run) : undefined,
      onProgress: (done) => onProgress?.(done, dialogueIndices.length),
    });
    if (run !== undefined && finished && corpus.hash === run.corpus.hash)
      recordEvaluation(model, run, evaluation, outputs);
    return { evaluation, notes: [...fit.notes, ...predictor.about.notes] };
  } finally {
    await predictor.dispose();
  }
}

/** A trained run, its model disposed of, and its scores on one split; none where the corpus has no labelled one. */
export interface TrainedAndEvaluated extends Omit<TrainedRun, 'vega'> {
  evaluation?: Evaluation;
}

export interface TrainAndEvaluateOptions extends TrainOptions {
  /** The split that is scored; default "test". */
  split?: 'valid' | 'test';
  /** Called just before the test split is looked at. */
  onTest?: (trained: TrainedRun) => void;
}

/**
 * Trains, scores a split with the model still in memory, and records scores and outputs in the run directory.
 */
export async function trainAndEvaluate(options: TrainAndEvaluateOptions): Promise<TrainedAndEvaluated> {
  return withDirectory(options.out, { doing: 'train' }, () => trainAndScore(options));
}

async function trainAndScore(options: TrainAndEvaluateOptions): Promise<TrainedAndEvaluated> {
  const { split = 'test' } = options;
  const trained = await train(options);
  const { vega, ...rest } = trained;
  const { directory, run, corpus, data } = rest;
  try {
    const dialogueIndices =
      split === 'test' ? splitDialogues({ dialogues: corpus.dialogues, splits: data.splits }, split) : data.selection;
    if (!dialogueIndices.some((index) => corpus.dialogues[index].utterances.some(({ label }) => label >= 0)))
      return rest;
    const predictor = predictorOf(trained);
    if (split === 'test') options.onTest?.(trained);
    const { evaluation, outputs } = await evaluate(predictor, {
      corpus,
      fit: fitCorpus(corpus, predictor.inputs, predictor.classes),
      dialogueIndices,
      split,
      selection: run.selection,
      gateOrigin: gateOrigin(run),
    });
    recordEvaluation(directory, run, evaluation, outputs);
    return { ...rest, evaluation };
  } finally {
    await vega.dispose();
  }
}

/** A run of an experiment has its every look at the test split in the experiment's ledger. */
function noteLook(directory: string, run: RunConfig): void {
  const experiment = experimentOf(directory);
  if (experiment === undefined) return;
  const { corpus, configuration } = experiment;
  recordLook(experiment.directory, {
    time: new Date().toISOString(),
    corpus,
    corpusHash: run.corpus.hash,
    split: 'test',
    configuration,
    seed: run.training.seed,
    model: sha256(readFileSync(runFile(directory, 'model'))),
    what: 'scores again, by "evaluate"',
    selection: run.selection,
  });
}

/** Predicts with the model of a run that is still in memory. Disposing of the run's model is enough. */
function predictorOf({ run, data, vega, fitted }: TrainedRun): Predictor {
  const { training, corpus, inputs, shape } = run;
  const { anchors, targets, standardise } = data;
  return new Predictor({
    model: vega,
    packing: { inputs, standardise, speakers: speakersOf(training.speakers, shape, corpus.speakers) },
    description: {
      classes: corpus.classes,
      bank: targets === 'learned' ? undefined : (anchors ?? undefined),
      gate: fitted.gate,
      calibration: fitted.calibration,
      anchorScale: anchorScaleOf(training, (name) => vega.parameters.value(name)),
    },
    anchors: targets,
    batchSize: training.batchSize,
    about: aboutRun(run, { finished: true, calibration: fitted.calibration }),
  });
}

/** What is said of where a run's gate comes from. */
export function gateOrigin({ training }: Pick<RunConfig, 'training'>): string {
  return `fitted after training, to the likelihood of the ${training.select} split`;
}
