import { existsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import { readAnchors } from '../../anchors/files.js';
import { InputError } from '../../base/errors.js';
import { readFileBytes } from '../../base/read.js';
import { checkThreads } from '../../base/threads.js';
import { nodeEngine } from '../../graph/node.js';
import { locateSafetensors } from '../../interchange/files.js';
import {
  filesAt,
  filesIn,
  isRunDirectory,
  RUN_FILES,
  type RunConfig,
  type RunFiles,
  runFile,
} from '../../run/index.js';
import type { CheckpointData } from '../checkpoint.js';
import { openRun } from '../open.js';
import { openCheckpoint } from '../openCheckpoint.js';
import type { Predictor } from '../predictor.js';
import { packageEncoders } from './encoders.js';
import { faceSource } from './faces.js';
import { modelFile } from './modelFile.js';
import { modelPath } from './named.js';
import type { OpenOptions } from './open.js';

/** A model that was opened, and config.json where it is a run's. */
export interface OpenedModel {
  predictor: Predictor;
  run?: RunConfig;
}

/**
 * What `open` does, for rooms that also need the run.
 * @param options.data what a checkpoint does not say. @param options.evidence as `OpenParts` has it.
 */
export async function openModel(
  named: string | URL | RunFiles,
  {
    data,
    anchors,
    faces,
    set,
    ...options
  }: Omit<OpenOptions, 'classes' | 'speakers' | 'dims'> & { data?: CheckpointData; evidence?: boolean } = {},
): Promise<OpenedModel> {
  const model = typeof named === 'string' ? modelPath(named) : named;
  const { threads = availableParallelism(), device, encoders = packageEncoders, signal, evidence } = options;
  const parts = {
    engine: nodeEngine({ provider: device, threads: checkThreads(threads) }),
    encoders,
    signal,
    evidence,
  };
  if (typeof model === 'string' && !/^https?:/.test(model) && !isRunDirectory(model)) {
    if (!existsSync(model) || !statSync(model).isFile()) throw noModel(model);
    if (data === undefined) {
      throw new InputError(
        `${model} is a checkpoint file, which names no classes; give them in order, or open it with a corpus.`,
      );
    }
    if (faces !== undefined) {
      throw new InputError(
        `${model} is a checkpoint file, which does not say what its anchors were; only a run answers among classes given by faces.`,
      );
    }
    const bank = typeof anchors === 'string' ? readAnchors(anchors) : anchors;
    return { predictor: await openCheckpoint(readFileBytes(model), model, { data, anchors: bank, set }, parts) };
  }
  if (anchors !== undefined || set?.length) {
    throw new InputError(
      `${typeof model === 'function' ? 'The model' : model} is a run, which has its own anchors and settings; give these with checkpoint files only.`,
    );
  }
  const whole = { ...parts, ...(faces !== undefined && { faces: faceSource(faces) }) };
  const { mapsFiles } = parts.engine;
  if (typeof model !== 'string' || !isRunDirectory(model)) {
    const files = typeof model === 'function' ? model : filesAt(model);
    return openRun(files, { ...whole, ...(mapsFiles && { locate: () => modelFile(model) }) });
  }
  if (!existsSync(runFile(model, 'model'))) {
    throw new InputError(
      `${model} has no ${RUN_FILES.model} yet: its first epoch was not completed. Continue it with --resume.`,
    );
  }
  const locate = async () => locateSafetensors(runFile(model, 'model'));
  return openRun(filesIn(model), { ...whole, ...(mapsFiles && { locate }) });
}

function noModel(path: string): InputError {
  if (!existsSync(path)) return new InputError(`${path}: there is no such run directory or checkpoint file.`);
  return new InputError(
    `${path} is no run directory: it has no ${basename(RUN_FILES.config)}. "vega-merc train" makes one.`,
  );
}
