import { InputError } from '../base/errors.js';
import { asFloat32, elementCount, type NdArray } from '../interchange/index.js';
import type { ParameterStore } from '../vega/types.js';

/** Copies of every trainable value, by released names. */
export type ParameterValues = Map<string, Float32Array>;

/** Copies what the model's parameters are now, into `into` where given, so that no new memory is needed. */
export function copyParameters(store: ParameterStore, into: ParameterValues = new Map()): ParameterValues {
  for (const name of store.names) {
    const values = store.value(name);
    const copy = into.get(name);
    if (copy === undefined) into.set(name, values.slice());
    else copy.set(values);
  }
  return into;
}

/** Writes copied values back into the model. */
export function restoreParameters(store: ParameterStore, values: ParameterValues): void {
  for (const [name, copy] of values) store.value(name).set(copy);
}

/** Values as tensors of a file, with the shapes that the store has for them. @param prefix put before each name. */
export function parameterTensors(
  store: ParameterStore,
  values: (name: string) => Float32Array,
  prefix = '',
): [string, NdArray][] {
  return store.names.map((name) => [
    `${prefix}${name}`,
    { shape: [...store.shape(name)], dtype: 'float32', data: values(name) },
  ]);
}

/**
 * Copies one tensor of a file into `into`.
 * @param where names the file in errors.
 * @throws InputError where the file lacks the tensor or its size is another.
 */
export function readInto(into: Float32Array, tensors: ReadonlyMap<string, NdArray>, name: string, where: string): void {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new InputError(`${where} has no tensor "${name}"; the file does not fit this run.`);
  if (elementCount(tensor.shape) !== into.length) {
    const sizes = `${JSON.stringify(tensor.shape)}, ${into.length} numbers are expected`;
    throw new InputError(`${where}: tensor "${name}" has shape ${sizes}; the file does not fit this run.`);
  }
  into.set(asFloat32(tensor));
}
