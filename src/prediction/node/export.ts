import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { refuseExisting, writeDirectory, writeFileAtomic } from '../../base/files.js';
import { programVersions } from '../../base/program.js';
import { sha256 } from '../../base/sha256.js';
import { readCorpus } from '../../corpus/files.js';
import { nodeEngine } from '../../graph/node.js';
import { readSafetensors, writeTorch } from '../../interchange/files.js';
import { argmax } from '../../metrics/classification.js';
import { scores } from '../../metrics/scores.js';
import { filesIn, isRunDirectory, readRunConfig, runFile } from '../../run/index.js';
import { conversationOf, dialoguesOf, fitCorpus } from '../corpus.js';
import { type ExportCard, type ExportedFile, exportCard, type Measured } from '../export/card.js';
import { exportFeeds } from '../export/feeds.js';
import { type ExportedModel, exportModel, type Precision } from '../export/model.js';
import { exportReadme } from '../export/readme.js';
import { type RunParts, readRun } from '../open.js';
import type { ReadUtterance } from '../read.js';
import { rememberedCorpus } from './source.js';

export type { ExportCard, ExportedFile };

export interface ExportOptions {
  /** Files beside the one of float32 weights; their scores on validation are measured, which needs the corpus. */
  precisions?: readonly Exclude<Precision, 'float32'>[];
  /** Corpus directory for those scores; default: the one that the run was trained on. */
  corpus?: string;
  /** Threads of one operator while measuring; default: the machine's cores. */
  threads?: number;
  /** Called before each file is made. */
  onFile?: (name: string) => void;
}

/**
 * Writes a run's model for other programs into a new directory: ONNX files, model.json and README.md; whole or not at all.
 * @throws InputError where the directory is there and not empty, or the run is none; where scores are to be measured also
 * where its corpus is not there or has no validation split.
 */
export async function exportOnnx(run: string, directory: string, options: ExportOptions = {}): Promise<ExportCard> {
  refuseExisting(directory);
  const { precisions = [], corpus, threads, onFile } = options;
  const parts = await readRun(filesIn(checked(run)));
  const measure = precisions.length > 0 ? measurer(parts, corpus ?? rememberedCorpus(run), threads) : undefined;
  return writeDirectory(directory, async (folder) => {
    const files: ExportedFile[] = [];
    let model: ExportedModel | undefined;
    for (const precision of ['float32', ...precisions] as const) {
      const name = precision === 'float32' ? 'model.onnx' : `model.${precision}.onnx`;
      onFile?.(name);
      model = exportModel(parts, precision);
      writeFileAtomic(join(folder, name), model.bytes);
      files.push({
        name,
        precision,
        bytes: model.bytes.length,
        sha256: sha256(model.bytes),
        ...(measure && { weightedF1: await measure.weightedF1(model) }),
      });
    }
    const card = exportCard(parts, model as ExportedModel, files, measure?.measured, programVersions());
    writeFileAtomic(join(folder, 'model.json'), `${JSON.stringify(card, null, 1)}\n`);
    writeFileAtomic(join(folder, 'README.md'), exportReadme(card));
    return card;
  });
}

/**
 * Writes a run's parameters as a state dict that `torch.load` reads, by the names of released checkpoints.
 * @throws InputError where the file is there already, or the run is none.
 */
export function exportTorch(run: string, path: string): void {
  refuseExisting(path);
  writeTorch(path, new Map(readSafetensors(runFile(checked(run), 'model')).tensors));
}

function checked(run: string): string {
  if (!isRunDirectory(run)) readRunConfig(run);
  return run;
}

interface Measurer {
  measured: Measured;
  /** Of the class head's choices on the validation split. */
  weightedF1(model: ExportedModel): Promise<number>;
}

/** Runs exported models on the validation split, dialogue by dialogue as another program would. */
function measurer({ run, speakers }: RunParts, path: string, threads: number | undefined): Measurer {
  const corpus = readCorpus(path);
  const { classes } = run.corpus;
  const fit = fitCorpus(corpus, run.inputs, classes, run);
  const indices = dialoguesOf(corpus, 'valid', run);
  const labels = indices.flatMap((d) =>
    corpus.dialogues[d].utterances.map(({ label }) => (label < 0 ? label : fit.labels[label])),
  );
  const utterances = labels.filter((label) => label >= 0).length;
  if (utterances === 0) throw new InputError(`Corpus "${corpus.name}" has no labelled utterance in its valid split.`);
  return {
    measured: { corpus: corpus.name, split: 'valid', utterances },
    async weightedF1({ bytes, outputs }) {
      const names = outputs.map(({ name }) => name);
      const session = await nodeEngine({ threads }).compile(bytes, names, new Map());
      try {
        const chosen: number[] = [];
        for (const d of indices) {
          const dialogue = conversationOf(corpus, d).map(
            ({ speaker, features }): ReadUtterance => ({ speaker, rows: features as ReadUtterance['rows'] }),
          );
          const { probabilities } = await session.run(exportFeeds(dialogue, run.inputs, speakers));
          chosen.push(...argmax(probabilities.data as Float32Array, classes.length));
        }
        return scores(labels, chosen, classes).weightedF1;
      } finally {
        await session.dispose();
      }
    },
  };
}
