import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { writeAnchors } from '../anchors/files.js';
import type { AnchorBank, TextEncoder } from '../anchors/index.js';
import { UsageError } from '../base/errors.js';
import { readCorpus } from '../corpus/files.js';
import type { Corpus } from '../corpus/index.js';
import { nodeEngine } from '../graph/node.js';
import { createVega, released } from '../vega/index.js';
import type { Vega } from '../vega/types.js';
import { isControl, openAnchors } from './anchors.js';
import { readState } from './checkpoint.js';
import { DEFAULT_PRESET, presetConfig, type TrainingConfig, withOverrides } from './config.js';
import { type EpochReport, type FitData, fitModel, NotFiniteError, selectionOutputs } from './fit.js';
import { type MetricsLog, openLog } from './log.js';
import { fitGate, softmaxRows } from './mixture.js';
import { GATE, writeModel } from './model.js';
import { type ParameterValues, restoreParameters } from './parameters.js';
import { type Prepared, prepare } from './prepare.js';
import { type FitProgress, START } from './progress.js';
import {
  checkRunDirectory,
  checkSameRun,
  isRunDirectory,
  readRunConfig,
  rememberPath,
  runFile,
  writeRunConfig,
  writeStandardisations,
} from './run.js';
import type { RunDescription } from './runFormat.js';
import { Saver } from './saver.js';
import { viewOf } from './view.js';

export interface TrainOptions {
  /** Corpus directory. */
  corpus: string;
  /**
   * Anchor file, or a control in its place: "random", "learned", or "text" with `openText`; null trains without the
   * anchor branch.
   */
  anchors: string | null;
  /** Opens the text tower behind "text" anchors. */
  openText?: () => Promise<TextEncoder>;
  /** Run directory: new or empty, unless the run in it is resumed. */
  out: string;
  /** Name in PRESETS; default "paper-iemocap", or what the resumed run was started with. */
  preset?: string;
  /** `key=value` overrides. */
  set?: readonly string[];
  resume?: boolean;
  /** Threads of one operator; default: the machine's cores, or what the resumed run was started with. */
  threads?: number;
  listener?: TrainListener;
}

export interface TrainListener {
  /** Once, before the first step: what the run is, what it trains on, and where it continues from. */
  onStart?: (run: RunDescription, data: FitData, progress: FitProgress) => void;
  onStep?: (epoch: number, step: number, steps: number) => void;
  onEpoch?: (report: EpochReport) => void;
}

/** A finished run, still in memory: the model holds its best parameters and gate. The caller disposes of `vega`. */
export interface TrainedRun {
  directory: string;
  run: RunDescription;
  data: FitData;
  vega: Vega;
  progress: FitProgress;
  /** Why no further epoch followed. */
  reason: 'epochs' | 'patience';
  /** Logit of the class head's share in the average mixture; undefined without anchors. */
  gate?: number;
}

/**
 * Trains a model on a corpus directory and writes a run directory.
 * The same options on the same machine give the same weights, byte for byte, also where the run was killed in between
 * and resumed.
 * @throws InputError; NotFiniteError where a loss was not finite (the run then keeps its last good checkpoint).
 */
export async function train(options: TrainOptions): Promise<TrainedRun> {
  const { out, resume = false, listener = {} } = options;
  checkRunDirectory(out, resume);
  const stored = resume && isRunDirectory(out) ? readRunConfig(out) : undefined;
  const preset = options.preset ?? stored?.preset ?? DEFAULT_PRESET;
  // What a resumed run is not told anew stays as it was; what it is told must agree.
  const base = options.preset === undefined && stored !== undefined ? stored.training : presetConfig(preset);
  const config = withOverrides(base, options.set ?? []);
  const corpus = viewOf(readCorpus(options.corpus), config);
  const bank = await openAnchors(options.anchors, corpus.classes, config, options.openText);
  const prepared = prepare(corpus, bank, config, options.anchors === 'learned');
  const threads = options.threads ?? stored?.threads ?? availableParallelism();
  if (!Number.isInteger(threads) || threads < 1)
    throw new UsageError(`${threads} threads are not possible; at least 1.`);
  const run = describe(options, { preset, config, corpus, bank, prepared, threads });
  const { data, shape } = prepared;

  if (stored !== undefined) checkSameRun(out, stored, run);
  else writeRunConfig(out, run);
  if (data.anchors !== null) writeAnchors(runFile(out, 'anchors'), data.anchors);
  if (data.standardise !== undefined) writeStandardisations(out, data.standardise);

  const vega = createVega(config, shape, nodeEngine({ threads }), { seed: config.seed });
  if (shape.learnedAnchors && data.anchors) vega.parameters.value(released.learnedAnchors).set(data.anchors.centres);
  try {
    return { ...(await trainFrom(out, vega, data, config, run, listener)), directory: out, run, data, vega };
  } catch (error) {
    await vega.dispose();
    throw error;
  }
}

/** Continues from the state in the run directory, or begins, and trains to the end. */
async function trainFrom(
  out: string,
  vega: Vega,
  data: FitData,
  config: TrainingConfig,
  run: RunDescription,
  listener: TrainListener,
): Promise<Pick<TrainedRun, 'progress' | 'reason' | 'gate'>> {
  const { parameters } = vega;
  const statePath = runFile(out, 'state');
  const resumed = existsSync(statePath);
  const start = resumed ? readState(statePath, parameters) : { progress: START, best: new Map() as ParameterValues };
  const { best } = start;
  const log = openLog(runFile(out, 'metrics'), start.progress);
  try {
    listener.onStart?.(run, data, start.progress);
    log.write({ event: resumed ? 'resume' : 'start', epoch: start.progress.epoch, time: new Date().toISOString() });
    const saver = new Saver(out, parameters, best, start.progress);
    const { progress, reason } = await fitModel(vega, data, config, start.progress, best, {
      onStep: listener.onStep,
      onEpoch(report) {
        log.write({ event: 'epoch', ...report });
        saver.afterEpoch(report);
        listener.onEpoch?.(report);
      },
    }).catch((error) => stop(error, out, saver, log));
    saver.saveState();
    restoreParameters(parameters, best);
    const gate = await mixtureGate(vega, data, config);
    if (gate !== undefined) parameters.value(GATE)[0] = gate;
    writeModel(runFile(out, 'model'), parameters, best, 'finished', gate);
    const { epoch, step, bestEpoch, bestScore } = progress;
    log.write({ event: 'end', epoch, step, bestEpoch, bestScore, reason, gate, time: new Date().toISOString() });
    return { progress, reason, gate };
  } finally {
    log.close();
  }
}

/** After a number that is not finite: the best model so far is made usable, and the sentence says where it is. */
function stop(error: unknown, out: string, saver: Saver, log: MetricsLog): never {
  if (!(error instanceof NotFiniteError)) throw error;
  const bestEpoch = saver.saveModel();
  log.write({ event: 'stopped', epoch: error.epoch - 1, step: error.step, term: error.term });
  error.message +=
    bestEpoch > 0
      ? ` The best parameters so far (epoch ${bestEpoch}) are kept in ${out}.`
      : ' No epoch had been completed.';
  throw error;
}

/** Fits the gate between both heads to the likelihood of the selection split; undefined without anchors. */
async function mixtureGate(vega: Vega, data: FitData, config: TrainingConfig): Promise<number | undefined> {
  const { labels, logits, anchorLogits } = await selectionOutputs(vega, data, config);
  const classes = data.corpus.classes.length;
  if (logits.fused === undefined || anchorLogits?.fused === undefined) return undefined;
  return fitGate(softmaxRows(logits.fused, classes), softmaxRows(anchorLogits.fused, classes), labels, classes);
}

/** What config.json says of a run. */
function describe(
  options: TrainOptions,
  parts: {
    preset: string;
    config: TrainingConfig;
    corpus: Corpus;
    bank: AnchorBank | null;
    prepared: Prepared;
    threads: number;
  },
): RunDescription {
  const { preset, config, corpus, bank, prepared, threads } = parts;
  const { name, hash, classes, speakers, synthetic, composed, note } = corpus;
  return {
    preset,
    training: config,
    selection: config.select === 'test' ? 'test-selected' : 'validation-selected',
    corpus: {
      name,
      path: rememberPath(options.out, options.corpus),
      hash,
      classes,
      speakers,
      synthetic,
      composed,
      note,
    },
    madeValidation: prepared.madeValidation,
    madeSplits: prepared.madeSplits,
    shape: prepared.shape,
    classWeights: [...prepared.data.classWeights],
    anchors:
      bank === null || options.anchors === null || prepared.alignment === null
        ? null
        : {
            path: isControl(options.anchors) ? options.anchors : rememberPath(options.out, options.anchors),
            hash: bank.hash,
            dim: bank.dim,
            encoder: bank.encoder,
            ...prepared.alignment,
            gate: `one number, fitted after training to the likelihood of the ${config.select} split; no loss trains it`,
          },
    threads,
  };
}
