import type { AnchorSpace } from '../anchors/move.js';
import { InputError } from '../base/errors.js';
import { asFloat32, type NdArray } from '../interchange/ndarray.js';

/** `mean` [D] and `whitening` [D, D], as anchor-space.safetensors holds them. */
export function anchorSpaceTensors({ mean, whitening }: AnchorSpace): Map<string, NdArray> {
  const tensors = new Map<string, NdArray>([['mean', { shape: [mean.length], dtype: 'float32', data: mean }]]);
  if (whitening) tensors.set('whitening', { shape: [mean.length, mean.length], dtype: 'float32', data: whitening });
  return tensors;
}

/** The way back. @param dim of the run's anchors. @throws InputError where the file does not fit them. */
export function anchorSpaceIn(tensors: ReadonlyMap<string, NdArray>, dim: number, source: string): AnchorSpace {
  const take = (name: string, shape: number[]) => {
    const tensor = tensors.get(name);
    if (tensor && tensor.shape.join() !== shape.join()) {
      throw new InputError(`${source}: "${name}" is [${tensor.shape}], not [${shape}]; the run is damaged.`);
    }
    return tensor && asFloat32(tensor);
  };
  const [mean, whitening] = [take('mean', [dim]), take('whitening', [dim, dim])];
  if (mean === undefined) throw new InputError(`${source} has no tensor "mean"; the run is damaged.`);
  return whitening ? { mean, whitening } : { mean };
}
