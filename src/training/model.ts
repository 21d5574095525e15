import { writeSafetensors } from '../interchange/files.js';
import type { NdArray } from '../interchange/index.js';
import type { RunCalibration } from '../run/index.js';
import { released } from '../vega/names.js';
import type { ParameterStore } from '../vega/types.js';
import { type ParameterValues, parameterTensors } from './parameters.js';

/** What is fitted after training, on the split that selects. */
export interface Fitted {
  /** Logit of the class head's share in the average mixture; undefined without anchors. */
  gate?: number;
  /** Undefined where the split has no label. */
  calibration?: RunCalibration;
}

/**
 * Writes the parameters that a run is worth, with the names and shapes of released checkpoints, so that PyTorch loads
 * them: a 1×1 convolution (the input projections) keeps a trailing axis of 1.
 * @param fitted undefined while the run goes on, so that these are the best parameters so far.
 */
export function writeModel(path: string, store: ParameterStore, values: ParameterValues, fitted?: Fitted): void {
  const held = (name: string) =>
    name === released.mixture && fitted?.gate !== undefined
      ? Float32Array.of(fitted.gate)
      : (values.get(name) as Float32Array);
  const tensors = new Map<string, NdArray>(
    parameterTensors(store, held).map(([name, tensor]) => [
      name,
      released.isConvolution(name) ? { ...tensor, shape: [...tensor.shape, 1] } : tensor,
    ]),
  );
  writeSafetensors(path, tensors, {
    format: 'pt',
    training: fitted === undefined ? 'unfinished' : 'finished',
    ...(fitted?.calibration && { calibration: JSON.stringify(fitted.calibration) }),
  });
}
