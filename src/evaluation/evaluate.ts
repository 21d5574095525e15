import { InputError } from '../base/errors.js';
import { MODALITIES, type Modality } from '../base/modalities.js';
import { type Corpus, type SplitName, splitDialogues } from '../corpus/index.js';
import { argmax, type Scores, scores } from '../metrics/index.js';
import { dialoguesOf, distributions, openSource, Predictor, type SourceOptions } from '../prediction/index.js';
import { type RunConfig, sigmoid, type TrainedRun, type TrainOptions, train } from '../training/index.js';
import { recordEvaluation } from './record.js';

/** Scores of everything that a model says of one split. */
export interface Evaluation {
  split: SplitName;
  corpus: { name: string; hash: string; synthetic?: boolean; note?: string };
  /** How the model's epoch was chosen; undefined where a checkpoint file does not tell. */
  selection?: RunConfig['selection'];
  /** Labelled utterances of the split. */
  utterances: number;
  classHead: Scores;
  /** This and the mixtures only with anchors. */
  anchorHead?: Scores;
  average?: Scores;
  maximum?: Scores;
  /** Of each modality's own heads, over the utterances that have it. */
  modalities: Partial<Record<Modality, { classHead?: Scores; anchorHead?: Scores }>>;
  /** The class head's share in the average mixture, and where it comes from. */
  gate?: { share: number; origin: string };
}

/**
 * Scores a predictor on dialogues of an adapted corpus.
 * @param dialogueIndices of the split `about.split`; @param onProgress called with the number of dialogues done.
 * @throws InputError where none of their utterances is labelled.
 */
export async function evaluate(
  predictor: Predictor,
  corpus: Corpus,
  dialogueIndices: readonly number[],
  about: { split: SplitName; selection?: RunConfig['selection']; gateOrigin?: string },
  onProgress?: (done: number) => void,
): Promise<Evaluation> {
  const { classes } = predictor;
  const outputs = await predictor.outputs(corpus, dialogueIndices, onProgress);
  const { labels } = outputs;
  const labelled = labels.filter((label) => label >= 0).length;
  if (labelled === 0) {
    throw new InputError(`The ${about.split} split of corpus "${corpus.name}" has no labelled utterance to score.`);
  }
  const { classHead, anchorHead, average, maximum } = distributions(outputs, classes.length, predictor.gate);
  const score = (rows: Float32Array, truth = labels) => scores(truth, argmax(rows, classes.length), classes);
  const modalities: Evaluation['modalities'] = {};
  for (const modality of MODALITIES) {
    const own = outputs.logits[modality];
    const anchored = outputs.anchorLogits?.[modality];
    if (own === undefined && anchored === undefined) continue;
    const truth = presentLabels(corpus, dialogueIndices, modality);
    if (truth.every((label) => label < 0)) continue;
    modalities[modality] = {
      ...(own && { classHead: score(own, truth) }),
      ...(anchored && { anchorHead: score(anchored, truth) }),
    };
  }
  const { name, hash, synthetic, note } = corpus;
  return {
    split: about.split,
    corpus: { name, hash, ...(synthetic && { synthetic }), ...(note && { note }) },
    ...(about.selection && { selection: about.selection }),
    utterances: labelled,
    classHead: score(classHead),
    ...(anchorHead && { anchorHead: score(anchorHead) }),
    ...(average && { average: score(average) }),
    ...(maximum && { maximum: score(maximum) }),
    modalities,
    ...(predictor.gate !== undefined && {
      gate: { share: sigmoid(predictor.gate), origin: about.gateOrigin ?? 'as in the checkpoint, not fitted here' },
    }),
  };
}

/** Labels of the utterances that have a modality; -1 for the others, which its heads cannot judge. */
function presentLabels(corpus: Corpus, dialogueIndices: readonly number[], modality: Modality): Int32Array {
  const presence = corpus.features[modality]?.presence;
  return Int32Array.from(
    dialogueIndices.flatMap((index) => {
      const { offset, utterances } = corpus.dialogues[index];
      return utterances.map(({ label }, i) => (presence?.[offset + i] === 0 ? -1 : label));
    }),
  );
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
    const about = { split, selection: run?.selection, gateOrigin: run && finished ? gateOrigin(run) : undefined };
    const evaluation = await evaluate(predictor, corpus, indices, about, (done) => onProgress?.(done, indices.length));
    if (run !== undefined && finished && corpus.hash === run.corpus.hash) recordEvaluation(model, evaluation);
    return { evaluation, notes };
  } finally {
    await predictor.dispose();
  }
}

/** A trained run and its scores on the test split; none where the corpus has no labelled one. */
export interface TrainedAndEvaluated extends TrainedRun {
  evaluation?: Evaluation;
}

/** Trains, scores the test split with the model still in memory, and records the scores in evaluation.json. */
export async function trainAndEvaluate(options: TrainOptions): Promise<TrainedAndEvaluated> {
  const trained = await train(options);
  const { directory, run, data, vega, gate } = trained;
  const { corpus, targets, standardise } = data;
  try {
    const test = splitDialogues(corpus, 'test');
    if (!test.some((index) => corpus.dialogues[index].utterances.some(({ label }) => label >= 0))) return trained;
    const predictor = new Predictor({
      vega,
      classes: corpus.classes,
      anchors: targets,
      standardise,
      gate,
      batchSize: run.training.batchSize,
    });
    const about = { split: 'test' as const, selection: run.selection, gateOrigin: gateOrigin(run) };
    const evaluation = await evaluate(predictor, corpus, test, about);
    recordEvaluation(directory, evaluation);
    return { ...trained, evaluation };
  } finally {
    await vega.dispose();
  }
}

function gateOrigin({ training }: Pick<RunConfig, 'training'>): string {
  return `fitted after training, to the likelihood of the ${training.select} split`;
}
