import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { parseJson } from '../base/json.js';
import { BRANCHES, MODALITIES } from '../base/modalities.js';
import type { SplitName } from '../corpus/index.js';
import { asFloat32, type NdArray, type NumericArray, parseSafetensors } from '../interchange/index.js';
import type { SplitOutputs } from './outputs.js';

export const OUTPUTS_FORMAT = 'vega-merc-outputs';
export const OUTPUTS_VERSION = '1';

const AGAIN = 'delete it and run "vega-merc evaluate" again.';
const namesSchema = z.array(z.string());
const selectionSchema = z.enum(['validation-selected', 'test-selected']).optional();

/**
 * Reads what `writeOutputs` wrote of a split, and checks all that scores and reports rely on: shapes, and that every
 * index points at something.
 * @param source what error sentences call the bytes, usually a path
 * @throws InputError where they are no outputs, or damaged ones.
 */
export function parseOutputs(bytes: Uint8Array, split: SplitName, source: string): SplitOutputs {
  const { tensors, metadata } = parseSafetensors(bytes, source);
  const refuse = (why: string): never => {
    throw new InputError(`${source} ${why}; ${AGAIN}`);
  };
  if (metadata.format !== OUTPUTS_FORMAT || metadata.version !== OUTPUTS_VERSION)
    return refuse(`holds no outputs of version ${OUTPUTS_VERSION}`);
  const advice = `Delete the file and run "vega-merc evaluate" again.`;
  const names = (field: 'classes' | 'dialogues') =>
    parseJson(namesSchema, metadata[field] ?? 'null', `${source}, its metadata "${field}"`, { advice });
  const classes = names('classes');
  const dialogues = names('dialogues');
  const selection = selectionSchema.safeParse(metadata.selection);
  if (!selection.success) return refuse('has metadata "selection" of no known kind');
  if (classes.length < 2) return refuse('names fewer than two classes');

  /** A tensor of one element type and shape. */
  const take = <T extends NumericArray>(name: string, kind: new () => T, shape: number[]): T => {
    const tensor = tensors.get(name) ?? refuse(`has no tensor "${name}"`);
    if (!(tensor.data instanceof kind) || tensor.shape.join() !== shape.join())
      return refuse(`has the tensor "${name}" as ${describe(tensor)} where [${shape.join(', ')}] is needed`);
    return tensor.data;
  };
  const n = tensors.get('labels')?.data.length ?? refuse('has no tensor "labels"');
  /** Whole numbers from `least` to below `end`. */
  const indices = (name: string, shape: number[], least: number, end: number): Int32Array => {
    const values = take(name, Int32Array, shape);
    const odd = values.find((value) => value < least || value >= end);
    if (odd !== undefined) return refuse(`has ${odd} in the tensor "${name}", which should be ${least} to ${end - 1}`);
    return values;
  };
  const floats = (name: string, shape: number[]) => {
    const values = asFloat32({ shape, dtype: 'float32', data: take(name, Float32Array, shape) });
    if (!values.every(Number.isFinite)) return refuse(`has a number in the tensor "${name}" that is not finite`);
    return values;
  };
  const branches = (prefix: string) =>
    Object.fromEntries(
      BRANCHES.filter((b) => tensors.has(`${prefix}.${b}`)).map((b) => [
        b,
        floats(`${prefix}.${b}`, [n, classes.length]),
      ]),
    );
  const logits = branches('logits');
  if (logits.fused === undefined) return refuse('has no tensor "logits.fused"');
  const anchorLogits = branches('anchor_logits');
  const gate = metadata.gate === undefined ? undefined : Number(metadata.gate);
  if (gate !== undefined && !Number.isFinite(gate)) return refuse('has metadata "gate" that is no number');
  const k = tensors.get('nearest.exemplars')?.shape[1] ?? 0;
  return {
    split,
    classes,
    corpusHash: metadata.corpus ?? refuse('has no metadata "corpus"'),
    ...(selection.data && { selection: selection.data }),
    dialogues,
    dialogueOf: indices('dialogue', [n], 0, dialogues.length),
    position: indices('position', [n], 0, 2 ** 31),
    labels: indices('labels', [n], -1, classes.length),
    logits,
    ...(Object.keys(anchorLogits).length > 0 && { anchorLogits }),
    present: Object.fromEntries(
      MODALITIES.filter((m) => tensors.has(`present.${m}`)).map((m) => [m, take(`present.${m}`, Uint8Array, [n])]),
    ),
    ...(gate !== undefined && { gate }),
    ...(tensors.has('nearest.exemplars') && {
      nearest: {
        exemplars: indices('nearest.exemplars', [n, k, 2], 0, 2 ** 31),
        cosines: floats('nearest.cosines', [n, k]),
      },
    }),
  };
}

const describe = ({ dtype, shape }: NdArray): string => `${dtype} [${shape.slice(0, 8).join(', ')}]`;
