import { InputError } from '../base/errors.js';
import { type Modality, modalitiesIn } from '../base/modalities.js';
import type { DropoutSite } from './builder.js';
import type { VegaConfig } from './config.js';
import type { Layout } from './feeds.js';
import { parameterBlocks } from './parameters.js';
import type { Batch, VegaShape } from './types.js';

/** @throws InputError where hyper-parameters and sizes do not fit each other. */
export function checkConfig({ hidden, attentionHeads }: VegaConfig, shape: VegaShape): void {
  if (hidden % attentionHeads !== 0 || hidden % 2 !== 0) {
    throw new InputError(`hidden = ${hidden} must be even and a multiple of attentionHeads = ${attentionHeads}.`);
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

/**
 * WebAssembly addresses 4 GiB, in which values, gradients and both moments of a model in training must fit, and a little
 * that lies between them.
 */
const MEMORY = 2 ** 32 - 2 ** 16;
const GIB = 2 ** 30;

/** Floats of all parameters. */
function parameterCount(config: VegaConfig, shape: VegaShape): number {
  let count = 0;
  for (const { shape: sizes } of parameterBlocks(config, shape).values()) count += sizes.reduce((a, b) => a * b, 1);
  return count;
}

/** @throws InputError where a model is too large to be trained, with the largest width that is not. */
export function checkParameterMemory(config: VegaConfig, shape: VegaShape): void {
  const bytes = (hidden: number) => 16 * parameterCount({ ...config, hidden }, shape);
  if (bytes(config.hidden) <= MEMORY) return;
  const step = config.attentionHeads % 2 === 0 ? config.attentionHeads : 2 * config.attentionHeads;
  let low = 0; // multiples of step: low fits, high does not
  let high = Math.ceil(config.hidden / step);
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (bytes(middle * step) <= MEMORY) low = middle;
    else high = middle;
  }
  const gib = (bytes(config.hidden) / GIB).toFixed(1);
  throw new InputError(
    `A model with hidden = ${config.hidden}, ${shape.classes} classes and ${shape.speakers} speakers needs ${gib} GiB to ` +
      `be trained, but 4 GiB can be addressed. ${
        low > 0
          ? `The largest width that fits is hidden = ${low * step}.`
          : 'No width fits so many classes or speakers.'
      }`,
  );
}

/** Bytes that one tensor of attention weights [B, heads, L, L] may take in a prediction. */
const ATTENTION = 2 * GIB;

/** @throws InputError where a dialogue is too long to be predicted at once, with the greatest length that is not. */
export function checkPredictionSize({ b, l }: Pick<Layout, 'b' | 'l'>, { attentionHeads }: VegaConfig): void {
  if (4 * b * attentionHeads * l * l > ATTENTION)
    throw tooLong(b, l, Math.floor(Math.sqrt(ATTENTION / (4 * b * attentionHeads))));
}

/** @throws InputError where the dropout masks of a step do not fit, as `checkPredictionSize`. */
export function checkTrainingSize(layout: Layout, sites: readonly DropoutSite[], config: VegaConfig): void {
  checkPredictionSize(layout, config);
  const { n, b, l } = layout;
  const floats = (length: number) => {
    const open: Record<string, number> = { utterances: n, dialogues: b, length };
    const sizes = sites.map(({ shape }) =>
      shape.reduce<number>((a, d) => a * (typeof d === 'number' ? d : open[d]), 1),
    );
    return sizes.reduce((a, size) => a + Math.ceil(size / 32) * 32, 0);
  };
  if (4 * floats(l) <= MEMORY) return;
  let fits = l;
  while (fits > 1 && 4 * floats(fits) > MEMORY) fits = Math.floor(fits * 0.99);
  throw tooLong(b, l, fits);
}

function tooLong(dialogues: number, length: number, fits: number): InputError {
  const batch = dialogues === 1 ? 'one dialogue' : `${dialogues} dialogues at once`;
  return new InputError(
    `A dialogue of ${length} utterances is too long: for ${batch}, the attention between its utterances fits into memory ` +
      `up to ${fits}. Cut the dialogue into several${dialogues > 1 ? ', or take fewer at once (batchSize)' : ''}.`,
  );
}
