import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { writeAnchors } from '../anchors/files.js';
import type { AnchorBank, TextEncoder } from '../anchors/index.js';
import { type Claim, withDirectory } from '../base/claim.js';
import { modalitiesIn } from '../base/modalities.js';
import { programVersions } from '../base/program.js';
import { checkThreads } from '../base/threads.js';
import { readCorpus } from '../corpus/files.js';
import type { Corpus, CorpusView, FeatureTable } from '../corpus/index.js';
import { checkDevice, nodeEngine } from '../graph/node.js';
import type { Provider } from '../graph/providers.js';
import { readSafetensors, writeSafetensors } from '../interchange/files.js';
import { fitGate, softmaxRows } from '../metrics/index.js';
import {
  anchorSpaceTensors,
  checkRunDirectory,
  checkSameRun,
  DEFAULT_PRESET,
  isRunDirectory,
  presetConfig,
  type RunDescription,
  readRunConfig,
  rememberPath,
  runFile,
  standardisationsIn,
  type TrainingConfig,
  withOverrides,
  writeRunConfig,
  writeStandardisations,
} from '../run/index.js';
import { createVega, released } from '../vega/index.js';
import type { Vega } from '../vega/types.js';
import { isControl, openAnchors } from './anchors.js';
import { fitCalibration } from './calibrate.js';
import { readState } from './checkpoint.js';
import { type EpochReport, type FitData, type FitListener, fitModel, NotFiniteError, selectionOutputs } from './fit.js';
import { type MetricsLog, openLog } from './log.js';
import { type Fitted, writeModel } from './model.js';
import { type ParameterValues, restoreParameters } from './parameters.js';
import { type Prepared, prepare } from './prepare.js';
import { type EndReason, type FitProgress, START } from './progress.js';
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
  /** Name in PRESETS; default DEFAULT_PRESET, or what the resumed run was started with. */
  preset?: string;
  /** `key=value` overrides. */
  set?: readonly string[];
  resume?: boolean;
  /** Threads of one operator; default: the machine's cores, or what the resumed run was started with. */
  threads?: number;
  /** Where it is trained; default: on the processor, or where the resumed run was started. */
  provider?: Provider;
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
  /** The whole corpus, of which `data.corpus` is what the model is given. */
  corpus: Corpus;
  data: FitData;
  vega: Vega;
  progress: FitProgress;
  /** Why no further epoch followed. */
  reason: EndReason;
  fitted: Fitted;
}

/**
 * Trains a model on a corpus directory and writes a run directory.
 * The same options on the same machine give the same weights, byte for byte, also where the run was killed in between
 * and resumed.
 * @throws InputError, also where another process writes there or this machine has no such device; NotFiniteError where a loss was not finite (the run then keeps its last good checkpoint).
 */
export async function train(options: TrainOptions): Promise<TrainedRun> {
  return withDirectory(options.out, { doing: 'train' }, async (claim) => {
    const trained = await trainTo(options, claim);
    if (!('fitted' in trained)) throw new Error('The training paused, though nothing had asked it to.');
    return trained;
  });
}

/**
 * Trains until an epoch has been completed, and keeps the state; called again, it goes on from there, and ends with the
 * bytes of a run that never paused. @returns whether the training has ended: it may before that epoch, by its patience.
 * @throws as `train`.
 */
export async function trainUntil(
  options: TrainOptions,
  epoch: number,
): Promise<{ progress: FitProgress; ended: boolean }> {
  return withDirectory(options.out, { doing: 'train' }, async (claim) => {
    const { vega, progress, reason } = await trainTo(options, claim, epoch);
    await vega.dispose();
    return { progress, ended: reason !== 'paused' };
  });
}

/** A run that was stopped at an epoch, to go on later. */
type PausedRun = Omit<TrainedRun, 'fitted' | 'reason'> & { reason: 'paused' };

async function trainTo(options: TrainOptions, claim: Claim, until?: number): Promise<TrainedRun | PausedRun> {
  const { out, resume = false, listener = {} } = options;
  checkRunDirectory(out, resume);
  const stored = resume && isRunDirectory(out) ? readRunConfig(out) : undefined;
  const preset = options.preset ?? stored?.preset ?? DEFAULT_PRESET;
  // What a resumed run is not told anew stays as it was; what it is told must agree.
  const base = options.preset === undefined && stored !== undefined ? stored.training : presetConfig(preset);
  const config = withOverrides(base, options.set ?? []);
  const whole = readCorpus(options.corpus);
  const corpus = viewOf(whole, config);
  const bank = await openAnchors(options.anchors, corpus.classes, config, options.openText);
  const prepared = prepare(corpus, bank, config, options.anchors === 'learned');
  const threads =
    options.threads === undefined ? (stored?.threads ?? availableParallelism()) : checkThreads(options.threads);
  const provider = options.provider ?? stored?.provider ?? 'cpu';
  const engine = nodeEngine({ threads, provider });
  if (provider !== 'cpu') await checkDevice(engine);
  const run = describe(options, { preset, config, corpus, hash: whole.hash, bank, prepared, threads, provider });
  const { data, shape } = prepared;

  if (stored !== undefined) checkSameRun(out, stored, run);
  else writeRunConfig(out, run);
  if (data.anchors !== null) writeAnchors(runFile(out, 'anchors'), data.anchors);
  if (prepared.space) writeSafetensors(runFile(out, 'anchorSpace'), anchorSpaceTensors(prepared.space));
  if (data.standardise !== undefined) {
    // A run goes on with what it began with, also where this program would standardise otherwise by now.
    const path = runFile(out, 'standardise');
    if (stored !== undefined && existsSync(path))
      data.standardise = standardisationsIn(readSafetensors(path).tensors, stored, path);
    else writeStandardisations(out, data.standardise);
  }

  const vega = createVega(config, shape, engine, { seed: config.seed });
  if (shape.learnedAnchors && data.anchors) vega.parameters.value(released.learnedAnchors).set(data.anchors.centres);
  try {
    return {
      ...(await trainFrom(out, vega, data, config, run, { listener, claim, until })),
      directory: out,
      run,
      corpus: whole,
      data,
      vega,
    };
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
  { listener, claim, until }: { listener: TrainListener; claim: Claim; until?: number },
): Promise<Pick<TrainedRun, 'progress' | 'reason' | 'fitted'> | Pick<PausedRun, 'progress' | 'reason'>> {
  const { parameters } = vega;
  const statePath = runFile(out, 'state');
  const resumed = existsSync(statePath);
  const start = resumed ? readState(statePath, parameters) : { progress: START, best: new Map() as ParameterValues };
  const { best } = start;
  const log = openLog(runFile(out, 'metrics'), start.progress);
  try {
    listener.onStart?.(run, data, start.progress);
    log.write({ event: resumed ? 'resume' : 'start', epoch: start.progress.epoch, time: new Date().toISOString() });
    const saver = new Saver(out, vega, best, start.progress);
    const fit: FitListener = {
      onStep: listener.onStep,
      async onEpoch(report) {
        claim.check();
        log.write({ event: 'epoch', ...report });
        await saver.afterEpoch(report);
        listener.onEpoch?.(report);
      },
    };
    const { progress, reason } = await fitModel(vega, data, config, start.progress, best, fit, until).catch((error) =>
      stop(error, out, saver, log),
    );
    await saver.saveState();
    if (reason === 'paused') return { progress, reason };
    await vega.readBack();
    restoreParameters(parameters, best);
    const fitted = await fitOnSelection(vega, data, config);
    const { gate, calibration } = fitted;
    if (gate !== undefined) parameters.value(released.mixture)[0] = gate;
    writeModel(runFile(out, 'model'), parameters, best, fitted);
    const { epoch, step, bestEpoch, bestScore } = progress;
    log.write({
      event: 'end',
      epoch,
      step,
      bestEpoch,
      bestScore,
      reason,
      gate,
      calibration,
      time: new Date().toISOString(),
    });
    return { progress, reason, fitted };
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

/** Fits the gate between both heads, and the temperature of confidence, to the likelihood of the selection split. */
async function fitOnSelection(vega: Vega, data: FitData, config: TrainingConfig): Promise<Fitted> {
  const { labels, logits, anchorLogits } = await selectionOutputs(vega, data, config);
  const classes = data.corpus.classes.length;
  const fused = logits.fused as Float32Array;
  const { corpus, selection: dialogues, standardise } = data;
  return {
    calibration: fitCalibration({ corpus, dialogues, standardise, labels, logits: fused }, config.select),
    ...(anchorLogits?.fused && {
      gate: fitGate(softmaxRows(fused, classes), softmaxRows(anchorLogits.fused, classes), labels, classes),
    }),
  };
}

/** What config.json says of a run. */
function describe(
  options: TrainOptions,
  parts: {
    preset: string;
    config: TrainingConfig;
    corpus: CorpusView;
    hash: string;
    bank: AnchorBank | null;
    prepared: Prepared;
    threads: number;
    provider: Provider;
  },
): RunDescription {
  const { preset, config, corpus, hash, bank, prepared, threads, provider } = parts;
  const { name, classes, speakers, synthetic, composed, note } = corpus;
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
    inputs: inputsOf(corpus),
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
    ...(provider !== 'cpu' && { provider }),
    program: programVersions(),
  };
}

/** What the model takes of each modality, and what made it. */
function inputsOf({ features }: CorpusView): RunDescription['inputs'] {
  return Object.fromEntries(
    modalitiesIn(features).map((modality) => {
      const { dim, encoder, parts } = features[modality] as FeatureTable;
      return [modality, { dim, ...(encoder !== undefined && { encoder }), ...(parts && { parts: [...parts] }) }];
    }),
  );
}
