import { existsSync } from 'node:fs';
import { readAnchors } from '../anchors/files.js';
import { InputError } from '../base/errors.js';
import { isCorpusDirectory, readCorpus } from '../corpus/files.js';
import { type Corpus, SPLITS, type SplitName, splitDialogues, splitsOf } from '../corpus/index.js';
import { isRunDirectory, type RunConfig, readRunConfig, recallPath } from '../training/index.js';
import { type OpenedModel, openPredictor } from './open.js';
import type { UtterancePrediction } from './predictor.js';

/** A model and the corpus that it is to read, by their paths. */
export interface SourceOptions {
  /** Run directory, or a checkpoint file. */
  model: string;
  /** Corpus directory; default: the one that the run was trained on. */
  corpus?: string;
  /** Anchor file, for a checkpoint file only. */
  anchors?: string;
  /** `key=value` for what a checkpoint file does not tell, as `heads=8`. */
  set?: readonly string[];
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
}

/** A model opened with a corpus that fits it. */
export type OpenedSource = OpenedModel & { corpus: Corpus };

/**
 * Opens a model with its corpus.
 * @throws InputError where the corpus is not given and not where the run remembers it.
 */
export async function openSource({ model, corpus, anchors, set, threads }: SourceOptions): Promise<OpenedSource> {
  const directory = corpus ?? rememberedCorpus(model);
  const opened = await openPredictor(model, {
    corpus: readCorpus(directory),
    anchors: anchors === undefined ? undefined : readAnchors(anchors),
    set,
    threads,
  });
  return opened as OpenedSource;
}

function rememberedCorpus(model: string): string {
  if (!isRunDirectory(model)) {
    throw new InputError(
      existsSync(model)
        ? `${model} is no run directory, which would remember its corpus; name the corpus directory after it.`
        : `${model}: there is no such run directory or checkpoint file.`,
    );
  }
  const { path, name } = readRunConfig(model).corpus;
  const directory = recallPath(model, path);
  if (isCorpusDirectory(directory)) return directory;
  throw new InputError(
    `${model} was trained on corpus "${name}" in ${directory}, which is not there any more; name the corpus directory after it.`,
  );
}

/**
 * Dialogue indices of a split. The splits that a run made of its own corpus count as its.
 * @throws InputError where the corpus has no such split.
 */
export function dialoguesOf(corpus: Corpus, split: SplitName, run?: RunConfig): number[] {
  const splits = splitsOf(corpus.splits, run?.corpus.hash === corpus.hash ? run : undefined);
  const indices = splitDialogues({ dialogues: corpus.dialogues, splits }, split);
  if (indices.length > 0) return indices;
  const has = SPLITS.filter((name) => splits[name]?.length);
  throw new InputError(
    `Corpus "${corpus.name}" has no ${split} split; ${has.length > 0 ? `it has ${has.join(' and ')}` : 'it has no splits'}.`,
  );
}

/** A prediction as files hold it: where the model was selected on test, every line says so. */
export type PredictionLine = UtterancePrediction & { selection?: 'test-selected' };

/**
 * Predicts the dialogues of a corpus, in its order.
 * @param options.split only its dialogues; default: all.
 * @param onDialogue called with each dialogue's predictions, and how many of all dialogues are done.
 * @returns what a reader must be told.
 */
export async function predictCorpus(
  options: SourceOptions & { split?: SplitName },
  onDialogue: (predictions: PredictionLine[], done: number, dialogues: number) => void,
): Promise<{ selection?: RunConfig['selection']; notes: string[] }> {
  const { predictor, corpus, run, notes } = await openSource(options);
  try {
    const { split } = options;
    const indices = split === undefined ? corpus.dialogues.map((_, i) => i) : dialoguesOf(corpus, split, run);
    const selection = run?.selection;
    let done = 0;
    for await (const predictions of predictor.predict(corpus, indices)) {
      const lines = predictions.map((line) => (selection === 'test-selected' ? { selection, ...line } : line));
      onDialogue(lines, ++done, indices.length);
    }
    return { ...(selection && { selection }), notes: corpus.note ? [corpus.note, ...notes] : notes };
  } finally {
    await predictor.dispose();
  }
}
