import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { withDirectory } from '../../base/claim.js';
import { removeTemporaries } from '../../base/files.js';
import { sha256 } from '../../base/sha256.js';
import { readCorpus } from '../../corpus/files.js';
import { runFile } from '../../run/index.js';
import { readLog, type TrainOptions, trainUntil } from '../../training/index.js';
import { runBaseline } from '../baselines.js';
import { trainAndEvaluate } from '../evaluate.js';
import { readEvaluations } from '../record.js';
import { hasDrops, performDrops } from './drops.js';
import { recordLook } from './ledger.js';
import type { PlannedRun, VegaModel } from './plan.js';

/** How a run computes. */
type How = Pick<TrainOptions, 'threads' | 'provider'> & {
  /** How long to wait for another process that is at the run, in milliseconds. */
  wait?: number;
};

/** How far a run is. @param epochs at most. */
type OnEpoch = (epoch: number, epochs: number) => void;

/**
 * Trains and scores one run of an experiment, from wherever an earlier attempt left it. The ledger is written before
 * the test split is looked at.
 * @param directory the experiment's.
 */
export async function performRun(directory: string, run: PlannedRun, how: How, onEpoch: OnEpoch): Promise<void> {
  const out = join(directory, run.directory);
  // Where the experiment was killed and is called again at once, its worker may still be ending.
  const { wait = 15_000, ...rest } = how;
  await withDirectory(out, { doing: 'experiment', wait }, () => performIn(out, directory, run, rest, onEpoch));
}

async function performIn(out: string, directory: string, run: PlannedRun, how: How, onEpoch: OnEpoch): Promise<void> {
  removeTemporaries(out);
  const intent = join(out, 'looks.json');
  const look = (what: string, model?: string) => {
    const { corpus, corpusHash, configuration, seed, selection } = run;
    const about = { corpus, corpusHash, split: 'test' as const, configuration, seed, ...(model && { model }) };
    recordLook(directory, { time: new Date().toISOString(), ...about, what, selection }, { intent });
  };
  if (run.model.kind !== 'vega') {
    const corpus = readCorpus(run.corpusPath);
    const select = run.selection === 'test-selected' ? 'test' : 'valid';
    runBaseline({
      ...run.model,
      corpus,
      corpusPath: run.corpusPath,
      seed: run.seed,
      directory: out,
      select,
      split: run.split,
      onTest: () => look('scores'),
    });
    rmSync(intent, { force: true });
    return;
  }
  const weights = () => sha256(readFileSync(runFile(out, 'model')));
  // Drops may be asked for of a run that was finished without them.
  if (!isScored(out, run)) await trainAndScore(out, run, run.model, how, onEpoch, () => look('scores', weights()));
  if (!hasDrops(out, run.drops)) await performDrops(out, run, (what) => look(what, weights()));
  // Only a run that is to go on needs the optimiser's state, which is twice as large as the model.
  rmSync(runFile(out, 'state'), { force: true });
  rmSync(intent, { force: true });
}

/**
 * Trains one run of a search to an epoch, from wherever an earlier rung or attempt left it. Nothing is scored but the
 * split that selects, as after every epoch. @param directory the search's.
 */
export async function performRung(
  directory: string,
  { model, corpusPath, directory: name }: PlannedRun,
  until: number,
  how: How,
  onEpoch: OnEpoch,
): Promise<void> {
  if (model.kind !== 'vega') throw new Error('A search tries models, not baselines.');
  const out = join(directory, name);
  const { wait = 15_000, ...rest } = how;
  await withDirectory(out, { doing: 'experiment', wait }, async () => {
    removeTemporaries(out);
    await trainUntil(
      trainingOf(out, corpusPath, model, rest, (epoch) => onEpoch(epoch, until)),
      until,
    );
  });
}

/** How a run of a search stands at an epoch. */
export interface RungState {
  /** Whether it has been trained that far, or has ended before by its patience. */
  reached: boolean;
  /** The best selection score up to there, 0 … 1; -1 before the first epoch. */
  score: number;
  /** Epochs trained up to there, and the seconds that they took. */
  epochs: number;
  seconds: number;
}

/** Reads how a run of a search stands from its log. @param directory the search's. */
export function rungOf(directory: string, run: PlannedRun, until: number): RungState {
  const events = readLog(runFile(join(directory, run.directory), 'metrics'));
  const epochs = events.filter(({ event, epoch }) => event === 'epoch' && epoch <= until);
  const last = epochs.at(-1);
  return {
    reached: last !== undefined && (last.epoch === until || events.some(({ event }) => event === 'end')),
    score: (last?.bestScore as number | undefined) ?? -1,
    epochs: epochs.length,
    seconds: epochs.reduce((sum, { seconds }) => sum + (typeof seconds === 'number' ? seconds : 0), 0),
  };
}

/** Whether a run has all its scores. @param directory the experiment's. */
export function isFinished(directory: string, run: PlannedRun): boolean {
  const path = join(directory, run.directory);
  return isScored(path, run) && hasDrops(path, run.drops);
}

/** Whether a run has been trained and scored; its drops are another matter. */
const isScored = (out: string, { split }: PlannedRun): boolean => readEvaluations(out)[split] !== undefined;

async function trainAndScore(
  out: string,
  { corpusPath, split }: PlannedRun,
  model: VegaModel,
  how: How,
  onEpoch: OnEpoch,
  onTest: () => void,
): Promise<void> {
  await trainAndEvaluate({ ...trainingOf(out, corpusPath, model, how, onEpoch), split, onTest });
}

/** What a run is trained with, from wherever it stands. */
function trainingOf(
  out: string,
  corpus: string,
  { preset, anchors, set }: VegaModel,
  how: How,
  onEpoch: OnEpoch,
): TrainOptions {
  let epochs = 0;
  return {
    corpus,
    anchors,
    openText: async () => (await import('../../encoders/index.js')).openClipText(),
    out,
    preset,
    set,
    ...how,
    resume: true,
    listener: {
      onStart: ({ training }) => {
        epochs = training.epochs;
      },
      onEpoch: ({ epoch }) => onEpoch(epoch, epochs),
    },
  };
}
