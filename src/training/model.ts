import { writeSafetensors } from '../interchange/files.js';
import type { NdArray } from '../interchange/index.js';
import type { ParameterStore } from '../vega/types.js';
import { type ParameterValues, parameterTensors } from './parameters.js';

/** The logit of the class head's share in the average mixture, as released checkpoints name it. */
export const GATE = 'prob_gate_logit';

/**
 * Writes the parameters that a run is worth, with the names and shapes of released checkpoints, so that PyTorch loads
 * them: a 1×1 convolution (the input projections) keeps a trailing axis of 1.
 * @param training whether the run goes on, so that these are the best parameters so far and the gate is not fitted yet.
 * @param gate put in the place of the gate's value; undefined leaves it as it is.
 */
export function writeModel(
  path: string,
  store: ParameterStore,
  values: ParameterValues,
  training: 'unfinished' | 'finished',
  gate?: number,
): void {
  const held = (name: string) =>
    name === GATE && gate !== undefined ? Float32Array.of(gate) : (values.get(name) as Float32Array);
  const tensors = new Map<string, NdArray>(
    parameterTensors(store, held).map(([name, tensor]) => [
      name,
      name.endsWith('_input.weight') ? { ...tensor, shape: [...tensor.shape, 1] } : tensor,
    ]),
  );
  writeSafetensors(path, tensors, { format: 'pt', training });
}
