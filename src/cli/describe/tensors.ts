import { readAnchors } from '../../anchors/files.js';
import { InputError } from '../../base/errors.js';
import { readSafetensors, readTorch } from '../../interchange/files.js';
import { elementCount, isNdArray, type NdArray, type PickleValue } from '../../interchange/index.js';
import { count } from '../output.js';
import { anchorDescription } from './anchors.js';
import type { Description, Recogniser } from './description.js';

/** Eight bytes of length, then JSON. */
export const safetensorsRecogniser: Recogniser = {
  recognises: ({ head }) => head.length > 8 && head[8] === '{'.charCodeAt(0) && head[6] === 0 && head[7] === 0,
  describe(path) {
    const { tensors, metadata } = readSafetensors(path);
    if (metadata.format === 'vega-merc-anchors') return anchorDescription(readAnchors(path));
    return tensorDescription('a safetensors file', tensors, metadata);
  },
};

/** The zip archive of torch.save: anchors as released, or a state dict. */
export const torchRecogniser: Recogniser = {
  recognises: ({ head }) => head[0] === 0x50 && head[1] === 0x4b,
  describe(path) {
    const root = readTorch(path);
    if (root instanceof Map && root.has('anchor_center')) return anchorDescription(readAnchors(path));
    const tensors = new Map<string, NdArray>();
    collect(root, '', tensors);
    if (tensors.size === 0)
      throw new InputError(`${path} is a torch file without a single tensor, so neither anchors nor a checkpoint.`);
    return tensorDescription('a torch checkpoint', tensors, {});
  },
};

/** Tensors of nested dictionaries, by their path; a checkpoint may keep its state dict one level down. */
function collect(value: PickleValue, name: string, into: Map<string, NdArray>): void {
  if (isNdArray(value)) into.set(name, value);
  else if (value instanceof Map)
    for (const [key, inner] of value) collect(inner, name === '' ? String(key) : `${name}.${key}`, into);
}

function tensorDescription(
  kind: string,
  tensors: ReadonlyMap<string, NdArray>,
  metadata: Readonly<Record<string, string>>,
): Description {
  const list = [...tensors].map(([name, { shape, dtype }]) => ({ name, shape, dtype }));
  const numbers = list.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return {
    kind,
    facts: [
      ['tensors', count(list.length)],
      ['numbers in them', count(numbers)],
      ...Object.entries(metadata).map(([key, text]): [string, string] => [key, text.slice(0, 100)]),
    ],
    tables: [
      {
        title: 'Tensors',
        head: ['name', 'shape', 'type'],
        rows: list.map(({ name, shape, dtype }) => [name, shape.join(' × ') || 'scalar', dtype]),
      },
    ],
    json: { tensors: list, numbers, metadata },
  };
}
