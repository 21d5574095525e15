import { existsSync } from 'node:fs';
import type { AnchorBank } from '../../anchors/index.js';
import { InputError } from '../../base/errors.js';
import { modalitiesIn } from '../../base/modalities.js';
import { isCorpusDirectory, readCorpus } from '../../corpus/files.js';
import type { Corpus } from '../../corpus/index.js';
import type { Provider } from '../../graph/providers.js';
import { isRunDirectory, readRunConfig, recallPath } from '../../run/index.js';
import type { CheckpointData } from '../checkpoint.js';
import { type CorpusFit, fitCorpus } from '../corpus.js';
import { type OpenedModel, openModel } from './openModel.js';

/** A model and the corpus that it is to read, by their paths. */
export interface SourceOptions {
  /** Run directory, or a checkpoint file. */
  model: string;
  /** Corpus directory; default: the one that the run was trained on. */
  corpus?: string;
  /** Anchor file or anchors in memory, for a checkpoint file only. */
  anchors?: string | AnchorBank;
  /** `key=value` for what a checkpoint file does not tell, as `attentionHeads=8`. */
  set?: readonly string[];
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
  /** Where the model computes; default 'cpu'. */
  device?: Provider;
  /** Compute what predictions rest on; default true. */
  evidence?: boolean;
}

/** A model opened with a corpus that fits it. */
export interface OpenedSource extends OpenedModel {
  corpus: Corpus;
  fit: CorpusFit;
}

/**
 * Opens a model with its corpus.
 * @throws InputError where the corpus is not given and not where the run remembers it, or does not fit.
 */
export async function openSource({ model, corpus: path, ...options }: SourceOptions): Promise<OpenedSource> {
  return openWith(model, readCorpus(path ?? rememberedCorpus(model)), options);
}

/** Opens a model with a corpus in memory; a checkpoint file takes from it what it does not say. */
export async function openWith(
  model: string,
  corpus: Corpus,
  options: Omit<SourceOptions, 'model' | 'corpus'> = {},
): Promise<OpenedSource> {
  const opened = await openModel(model, { ...options, data: dataOf(corpus) });
  try {
    const { predictor, run } = opened;
    return { ...opened, corpus, fit: fitCorpus(corpus, predictor.inputs, predictor.classes, run) };
  } catch (error) {
    await opened.predictor.dispose();
    throw error;
  }
}

/** What a corpus says of a model that is to read it. */
export function dataOf({ name, classes, speakers, features }: Corpus): CheckpointData {
  const dims = Object.fromEntries(modalitiesIn(features).map((m) => [m, features[m]?.dim as number]));
  return { source: `corpus "${name}"`, classes, speakers, dims };
}

/** The corpus that a run was trained on. @throws InputError where it is not there any more, or this is no run. */
export function rememberedCorpus(model: string): string {
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
