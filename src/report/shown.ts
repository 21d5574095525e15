import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readAnchors } from '../anchors/files.js';
import { type AnchorBank, alignAnchors } from '../anchors/index.js';
import { isCorpusDirectory, readCorpus } from '../corpus/files.js';
import type { Corpus } from '../corpus/index.js';
import {
  type ExperimentCorpus,
  type OpenedExperiment,
  type RunCard,
  readCard,
  readOutputs,
  type SplitOutputs,
} from '../evaluation/index.js';
import { recallPath, runFile } from '../run/index.js';
import { type LogEvent, readLog } from '../training/index.js';
import type { Chosen } from './reading.js';

/** What run directories tell beyond the results: the first seed's in full, the learning curves of all. */
export interface Shown {
  seed: number;
  /** Run directory, as the results name it. */
  directory: string;
  card?: RunCard;
  outputs?: SplitOutputs;
  /** The corpus with its texts, where it is still there and the same. */
  corpus?: Corpus;
  /** The run's anchors in the order of its classes. */
  bank?: AnchorBank;
  logs: { seed: number; events: LogEvent[] }[];
  /** What is not there, a sentence an entry. */
  missing: string[];
}

/** Reads what there is of a configuration's runs. */
export function showRuns({ directory, results }: OpenedExperiment, corpus: ExperimentCorpus, { row }: Chosen): Shown {
  const [first] = row.runs;
  const place = join(directory, first.directory);
  const outputs = readOutputs(place, results.split);
  const found = openCorpus(recallPath(directory, corpus.path), corpus);
  const anchors = runFile(place, 'anchors');
  const nearest = outputs?.nearest !== undefined && existsSync(anchors);
  const logs = row.runs.map((run) => ({
    seed: run.seed,
    events: readLog(runFile(join(directory, run.directory), 'metrics')).filter(({ event }) => event === 'epoch'),
  }));
  const missing: string[] = [];
  if (!outputs) missing.push(`The outputs of run ${first.directory} are gone, so no dialogue can be shown.`);
  else if (typeof found === 'string') missing.push(found);
  return {
    seed: first.seed,
    directory: first.directory,
    card: readCard(place),
    outputs,
    ...(typeof found === 'object' && { corpus: found }),
    ...(nearest && outputs && { bank: alignAnchors(readAnchors(anchors), outputs.classes).bank }),
    logs: logs.filter(({ events }) => events.length > 0),
    missing,
  };
}

/** @returns a sentence where the corpus is gone or changed. */
function openCorpus(directory: string, { name, path, hash }: ExperimentCorpus): Corpus | string {
  if (path === '' || !isCorpusDirectory(directory))
    return `Corpus “${name}” is not where it was, so its dialogues are shown without texts and speakers.`;
  const corpus = readCorpus(directory);
  return corpus.hash === hash
    ? corpus
    : `Corpus “${name}” has changed since, so its dialogues are shown without texts and speakers.`;
}
