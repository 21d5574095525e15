import { InputError } from '../base/errors.js';
import { type Modality, modalitiesIn } from '../base/modalities.js';
import type { VegaConfig } from './config.js';
import type { Batch, VegaShape } from './types.js';

/** @throws InputError where hyper-parameters and sizes do not fit each other. */
export function checkConfig({ hidden, heads }: VegaConfig, shape: VegaShape): void {
  if (hidden % heads !== 0 || hidden % 2 !== 0) {
    throw new InputError(`hidden = ${hidden} must be even and a multiple of heads = ${heads}.`);
  }
  if (modalitiesIn(shape.dims).length === 0) throw new InputError('A model needs at least one modality.');
}

/** @throws where a batch does not fit the model. */
export function checkBatch(batch: Batch, shape: VegaShape): void {
  const n = batch.lengths.reduce((a, b) => a + b, 0);
  if (n === 0 || batch.lengths.some((length) => length < 1))
    throw new Error('A batch needs utterances in every dialogue.');
  for (const m of modalitiesIn(shape.dims)) {
    const width = shape.dims[m as Modality] as number;
    if (batch.features[m]?.length !== n * width) throw new Error(`The batch's ${m} features are not [${n}, ${width}].`);
    if (batch.presence?.[m] && !shape.partial?.includes(m)) throw new Error(`The model expects ${m} everywhere.`);
  }
  for (const speaker of batch.speakers) {
    if (!(speaker >= 0 && speaker <= shape.speakers)) {
      throw new InputError(`Speaker ${speaker} is beyond the model's ${shape.speakers} speakers.`);
    }
  }
}
