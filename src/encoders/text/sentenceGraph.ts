import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  type NodeProtoSchema,
  TensorProto_DataType as OnnxType,
  type TensorProtoSchema,
} from '../../graph/protobuf/onnx_pb.js';

/** A weight of the network: its shape and its values. */
export interface Weight {
  shape: number[];
  data: Float32Array;
}

export const HEADS = 4;
const LAYER_NORM_EPSILON = 1e-6;

type Attributes = Record<string, number | number[] | { float: number }>;

/**
 * The Universal Sentence Encoder lite (Cer et al., arXiv 1803.11175) as an ONNX network: two pre-norm transformer
 * layers, the mean over positions, a tanh layer, unit length.
 * Inputs: `ids` int64 [batch, length], `signal` float32 [length, 256]; output: `embedding` float32 [batch, 512].
 * All texts of a batch have the same length, so nothing is padded and nothing masked.
 * @param weight a weight by its name in the TensorFlow graph, without the prefixes that all share.
 */
export function writeSentenceEncoder(weight: (name: string) => Weight): Uint8Array {
  const nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  const initializers: MessageInitShape<typeof TensorProtoSchema>[] = [];

  const run = (op: string, inputs: string[], attributes: Attributes = {}, outputs = 1): string[] => {
    const names = Array.from({ length: outputs }, (_, i) => `${op}_${nodes.length}_${i}`);
    nodes.push({ opType: op, input: inputs, output: names, attribute: Object.entries(attributes).map(attribute) });
    return names;
  };
  const node = (op: string, inputs: string[], attributes: Attributes = {}) => run(op, inputs, attributes)[0];
  const floats = ({ shape, data }: Weight) => {
    const name = `weight_${initializers.length}`;
    initializers.push({ name, dims: shape.map(BigInt), dataType: OnnxType.FLOAT, rawData: bytesOf(data) });
    return name;
  };
  const integers = (values: number[]) => {
    const name = `shape_${initializers.length}`;
    const rawData = bytesOf(BigInt64Array.from(values, BigInt));
    initializers.push({ name, dims: [BigInt(values.length)], dataType: OnnxType.INT64, rawData });
    return name;
  };

  const linear = (x: string, kernel: string, bias: string) => {
    const w = weight(kernel);
    const matrix = floats({ shape: w.shape.slice(-2), data: w.data });
    return node('Add', [node('MatMul', [x, matrix]), floats(weight(bias))]);
  };
  const layerNorm = (x: string, name: string) =>
    node('LayerNormalization', [x, floats(weight(`${name}_scale`)), floats(weight(`${name}_bias`))], {
      axis: -1,
      epsilon: { float: LAYER_NORM_EPSILON },
    });
  const heads = (x: string, perm: number[]) =>
    node('Transpose', [node('Reshape', [x, integers([0, 0, HEADS, -1])])], { perm });
  /** The bracketed names of a layer. @param width of its attention: 256 in the first layer, 512 in the second. */
  const layer = (x: string, index: number, width: number) => {
    const at = (name: string) => `Layer_${index}/${name}`;
    const normed = layerNorm(x, at('layer_norm'));
    const joined = linear(normed, at('qkv/kernel'), at('qkv/bias'));
    const [q, k, v] = run('Split', [joined], { axis: -1, num_outputs: 3 }, 3);
    const scale = floats({ shape: [], data: Float32Array.of((width / HEADS) ** -0.5) });
    const scores = node('MatMul', [heads(node('Mul', [q, scale]), [0, 2, 1, 3]), heads(k, [0, 2, 3, 1])]);
    const attended = node('MatMul', [node('Softmax', [scores], { axis: -1 }), heads(v, [0, 2, 1, 3])]);
    const merged = node('Reshape', [node('Transpose', [attended], { perm: [0, 2, 1, 3] }), integers([0, 0, -1])]);
    const residual = index === 0 ? linear(x, at('dense/kernel'), at('dense/bias')) : x;
    const y = node('Add', [linear(merged, at('output/kernel'), at('output/bias')), residual]);
    const hidden = node('Relu', [
      linear(layerNorm(y, at('FFN/layer_norm')), at('FFN/conv1/kernel'), at('FFN/conv1/bias')),
    ]);
    return node('Add', [linear(hidden, at('FFN/conv2/kernel'), at('FFN/conv2/bias')), y]);
  };

  const embedded = node('Gather', [floats(weight('embeddings')), 'ids'], { axis: 0 });
  // The released network adds the embeddings to the sum of embeddings and signal, so they count twice.
  const placed = node('Add', [node('Add', [embedded, 'signal']), embedded]);
  const encoded = layer(layer(placed, 0, 256), 1, 512);
  const pooled = node('ReduceMean', [encoded, integers([1])], { keepdims: 0 });
  const final = node('Tanh', [linear(pooled, 'tanh/weights', 'tanh/bias')]);
  nodes.push({
    opType: 'LpNormalization',
    input: [final],
    output: ['embedding'],
    attribute: [attribute(['axis', -1]), attribute(['p', 2])],
  });

  const model = create(ModelProtoSchema, {
    irVersion: 9n,
    opsetImport: [{ domain: '', version: 20n }],
    graph: {
      name: 'sentence-encoder',
      node: nodes,
      initializer: initializers,
      input: [value('ids', OnnxType.INT64, ['batch', 'length']), value('signal', OnnxType.FLOAT, ['length', 256])],
      output: [value('embedding', OnnxType.FLOAT, ['batch', 512])],
    },
  });
  return toBinary(ModelProtoSchema, model);
}

function attribute([name, value]: [string, number | number[] | { float: number }]) {
  if (typeof value === 'number') return { name, type: AttributeType.INT, i: BigInt(value) };
  if (Array.isArray(value)) return { name, type: AttributeType.INTS, ints: value.map(BigInt) };
  return { name, type: AttributeType.FLOAT, f: value.float };
}

function value(name: string, elemType: OnnxType, shape: (string | number)[]) {
  const dim = shape.map((size) =>
    typeof size === 'number'
      ? { value: { case: 'dimValue' as const, value: BigInt(size) } }
      : { value: { case: 'dimParam' as const, value: size } },
  );
  return { name, type: { value: { case: 'tensorType' as const, value: { elemType, shape: { dim } } } } };
}

function bytesOf(data: Float32Array | BigInt64Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}
