import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import { readSafetensors, writeSafetensors } from '../interchange/files.js';
import type { NdArray } from '../interchange/index.js';
import type { ParameterStore } from '../vega/types.js';
import { copyParameters, type ParameterValues, parameterTensors, readInto } from './parameters.js';
import type { FitProgress } from './progress.js';

const FORMAT = 'vega-merc-state';
const VERSION = '1';

const progressSchema = z.strictObject({
  epoch: z.number().int().min(0),
  step: z.number().int().min(0),
  bestEpoch: z.number().int().min(0),
  bestScore: z.number(),
});

/**
 * Writes all that the rest of a run depends on: last parameters (`last.NAME`), AdamW's moments (`first_moment.NAME`,
 * `second_moment.NAME`) and, unless they are the last ones, the best parameters (`best.NAME`); counters as metadata.
 * The same state gives the same bytes.
 */
export function writeState(path: string, store: ParameterStore, progress: FitProgress, best: ParameterValues): void {
  const tensors = new Map<string, NdArray>([
    ...parameterTensors(store, (name) => store.value(name), 'last.'),
    ...parameterTensors(store, (name) => store.firstMoment(name), 'first_moment.'),
    ...parameterTensors(store, (name) => store.secondMoment(name), 'second_moment.'),
    ...(progress.bestEpoch < progress.epoch
      ? parameterTensors(store, (name) => best.get(name) as Float32Array, 'best.')
      : []),
  ]);
  writeSafetensors(path, tensors, { format: FORMAT, version: VERSION, progress: JSON.stringify(progress) });
}

/**
 * Reads what `writeState` wrote: parameters and moments into the store.
 * @returns counters, and the best parameters.
 * @throws InputError where the file is no state or belongs to another model.
 */
export function readState(path: string, store: ParameterStore): { progress: FitProgress; best: ParameterValues } {
  const { metadata, tensors } = readSafetensors(path);
  if (metadata.format !== FORMAT || metadata.version !== VERSION) {
    throw new InputError(
      `${path} is no state of a training run of version ${VERSION}; delete the file to start the run anew.`,
    );
  }
  const progress = parseJson(progressSchema, metadata.progress ?? 'null', `${path}, its counters`, {
    advice: 'Delete the file to start the run anew.',
  });
  for (const name of store.names) {
    readInto(store.value(name), tensors, `last.${name}`, path);
    readInto(store.firstMoment(name), tensors, `first_moment.${name}`, path);
    readInto(store.secondMoment(name), tensors, `second_moment.${name}`, path);
  }
  const best = copyParameters(store);
  if (progress.bestEpoch < progress.epoch) {
    for (const [name, values] of best) readInto(values, tensors, `best.${name}`, path);
  }
  return { progress, best };
}
