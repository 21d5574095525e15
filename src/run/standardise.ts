import { InputError } from '../base/errors.js';
import { MODALITIES } from '../base/modalities.js';
import type { Standardisations } from '../corpus/standardise.js';
import { asFloat32, type NdArray } from '../interchange/ndarray.js';
import type { RunConfig } from './format.js';

/** `MODALITY.mean` and `MODALITY.deviation` [dim] and `MODALITY.bound` [1], as standardise.safetensors holds them. */
export function standardisationTensors(standardise: Standardisations): Map<string, NdArray> {
  const tensors = new Map<string, NdArray>();
  for (const name of MODALITIES) {
    const table = standardise[name];
    if (table === undefined) continue;
    const { mean, deviation, bound } = table;
    tensors.set(`${name}.mean`, { shape: [mean.length], dtype: 'float32', data: mean });
    tensors.set(`${name}.deviation`, { shape: [deviation.length], dtype: 'float32', data: deviation });
    if (bound !== undefined)
      tensors.set(`${name}.bound`, { shape: [1], dtype: 'float32', data: Float32Array.of(bound) });
  }
  return tensors;
}

/** The way back. @throws InputError where a modality of the run has none. */
export function standardisationsIn(
  tensors: ReadonlyMap<string, NdArray>,
  { shape }: Pick<RunConfig, 'shape'>,
  source: string,
): Standardisations {
  const standardise: Standardisations = {};
  for (const name of MODALITIES) {
    if (shape.dims[name] === undefined) continue;
    const [mean, deviation] = ['mean', 'deviation'].map((what) => {
      const tensor = tensors.get(`${name}.${what}`);
      if (tensor?.shape.length === 1 && tensor.shape[0] === shape.dims[name]) return asFloat32(tensor);
      throw new InputError(
        `${source} has no tensor "${name}.${what}" of length ${shape.dims[name]}; the run is damaged.`,
      );
    });
    const bound = tensors.get(`${name}.bound`);
    standardise[name] = { mean, deviation, ...(bound && { bound: asFloat32(bound)[0] }) };
  }
  return standardise;
}
