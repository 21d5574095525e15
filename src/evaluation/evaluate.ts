import { readFileSync } from 'node:fs';
import { readAnchors } from '../anchors/files.js';
import { type AnchorBank, alignAnchors } from '../anchors/index.js';
import { InputError } from '../base/errors.js';
import { sha256 } from '../base/sha256.js';
import { type Corpus, type SplitName, splitDialogues } from '../corpus/index.js';
import { dialoguesOf, openSource, Predictor, type SourceOptions } from '../prediction/index.js';
import { type RunConfig, runFile, type TrainedRun, type TrainOptions, train } from '../training/index.js';
import { experimentOf, recordLook } from './experiment/ledger.js';
import { nearestExemplars, placesOf, type SplitOutputs } from './outputs.js';
import { recordEvaluation } from './record.js';
import { type Evaluation, evaluationOf } from './scoring.js';

/** Scores, and the outputs that they were computed from. */
export interface Evaluated {
  evaluation: Evaluation;
  outputs: SplitOutputs;
}

/**
 * Scores a predictor on dialogues of an adapted corpus.
 * @param dialogueIndices of the split `about.split`; @param about.bank anchors in the order of the classes, for the
 * nearest exemplars; @param onProgress called with the number of dialogues done.
 * @throws InputError where none of their utterances is labelled.
 */
export async function evaluate(
  predictor: Predictor,
  corpus: Corpus,
  dialogueIndices: readonly number[],
  about: { split: SplitName; selection?: RunConfig['selection']; gateOrigin?: string; bank?: AnchorBank | null },
  onProgress?: (done: number) => void,
): Promise<Evaluated> {
  const { anchored, ...raw } = await predictor.outputs(corpus, dialogueIndices, onProgress);
  const outputs: SplitOutputs = {
    split: about.split,
    classes: [...predictor.classes],
    corpusHash: corpus.hash,
    ...(about.selection && { selection: about.selection }),
    ...placesOf(corpus, dialogueIndices),
    ...raw,
    ...(predictor.gate !== undefined && { gate: predictor.gate }),
  };
  const nearest = anchored && about.bank ? nearestExemplars(anchored, about.bank) : undefined;
  if (nearest) outputs.nearest = nearest;
  return { evaluation: evaluationOf(outputs, corpus, about.gateOrigin), outputs };
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
  const { predictor, corpus, run, finished, notes, unknownClasses } = await openSource(options);
  try {
    if (unknownClasses.length > 0) {
      throw new InputError(
        `Corpus "${corpus.name}" has classes that the model does not know: ${unknownClasses.join(', ')}; the model's are ` +
          `${predictor.classes.join(', ')}. Scores would leave those utterances out.`,
      );
    }
    const indices = dialoguesOf(corpus, split, run);
    const about = {
      split,
      selection: run?.selection,
      gateOrigin: run && finished ? gateOrigin(run) : undefined,
      bank: run?.anchors && !run.shape.learnedAnchors ? alignedBank(model, run) : null,
    };
    if (run && split === 'test') noteLook(model, run);
    const done = (count: number) => onProgress?.(count, indices.length);
    const { evaluation, outputs } = await evaluate(predictor, corpus, indices, about, done);
    if (run !== undefined && finished && corpus.hash === run.corpus.hash)
      recordEvaluation(model, run, evaluation, outputs);
    return { evaluation, notes };
  } finally {
    await predictor.dispose();
  }
}

/** A trained run and its scores on one split; none where the corpus has no labelled one. */
export interface TrainedAndEvaluated extends TrainedRun {
  evaluation?: Evaluation;
}

/**
 * Trains, scores a split with the model still in memory, and records scores and outputs in the run directory.
 * @param options.split default "test"; @param options.onTest called just before the test split is looked at.
 */
export async function trainAndEvaluate(
  options: TrainOptions & { split?: 'valid' | 'test'; onTest?: (trained: TrainedRun) => void },
): Promise<TrainedAndEvaluated> {
  const { split = 'test' } = options;
  const trained = await train(options);
  const { directory, run, data, vega, gate } = trained;
  const { corpus, targets, standardise } = data;
  try {
    const indices = split === 'test' ? splitDialogues(corpus, split) : data.selection;
    if (!indices.some((index) => corpus.dialogues[index].utterances.some(({ label }) => label >= 0))) return trained;
    const predictor = new Predictor({
      vega,
      classes: corpus.classes,
      anchors: targets,
      standardise,
      gate,
      anchorScale: run.training.anchorScale,
      batchSize: run.training.batchSize,
    });
    const bank = targets === 'learned' ? null : data.anchors;
    const about = { split, selection: run.selection, gateOrigin: gateOrigin(run), bank };
    if (split === 'test') options.onTest?.(trained);
    const { evaluation, outputs } = await evaluate(predictor, corpus, indices, about);
    recordEvaluation(directory, run, evaluation, outputs);
    return { ...trained, evaluation };
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

/** A run's own anchors, in the order of its classes. */
function alignedBank(directory: string, run: RunConfig): AnchorBank {
  return alignAnchors(readAnchors(runFile(directory, 'anchors')), run.corpus.classes).bank;
}

/** What is said of where a run's gate comes from. */
export function gateOrigin({ training }: Pick<RunConfig, 'training'>): string {
  return `fitted after training, to the likelihood of the ${training.select} split`;
}
