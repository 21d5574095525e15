import { Graph, ops, type Shape, type Tensor } from '../../graph/index.js';

/** A weight of the network: its shape and its values. */
export interface Weight {
  shape: number[];
  data: Float32Array;
}

export const HEADS = 4;
const LAYER_NORM_EPSILON = 1e-6;

/**
 * The Universal Sentence Encoder lite (Cer et al., arXiv 1803.11175): two pre-norm transformer layers, the mean over
 * positions, a tanh layer, unit length.
 * Inputs: `ids` int64 [batch, length], `signal` float32 [length, 256]. All texts of a batch have the same length, so
 * nothing is padded and nothing masked. Its initialisers have the names of the weights.
 * @param shapeOf the shape of a weight, by its name in the TensorFlow graph, without the prefixes that all share.
 * @returns embeddings float32 [batch, 512]
 */
export function sentenceEncoder(shapeOf: (name: string) => number[]): Tensor {
  const graph = new Graph();
  const known = new Map<string, Tensor>();
  // Kernels of convolutions over one position have a leading 1.
  const weight = (name: string) => {
    const tensor = known.get(name) ?? graph.initialiser(name, shapeOf(name).slice(-2));
    known.set(name, tensor);
    return tensor;
  };
  const ids = graph.input('ids', ['batch', 'length'], { type: 'int64' });
  const signal = graph.input('signal', ['length', 256]);

  const embedded = ops.pick(weight('embeddings'), ids); // [batch, length, 256]
  // The released network adds the embeddings to the sum of embeddings and signal, so they count twice.
  const placed = ops.add(ops.add(embedded, signal), embedded);
  const encoded = layer(layer(placed, 0, weight), 1, weight); // [batch, length, 512]
  const [pooled] = graph.node('ReduceMean', [encoded, graph.integers([1])], [['batch', 512]], { keepdims: 0 });
  const [final] = graph.node('Tanh', [linear(pooled, weight('tanh/weights'), weight('tanh/bias'))], [['batch', 512]]);
  return ops.l2Normalise(final);
}

/** One layer. @param x [batch, length, 256 in the first layer, 512 in the second] @returns [batch, length, 512] */
function layer(x: Tensor, index: number, weight: (name: string) => Tensor): Tensor {
  const at = (name: string) => weight(`Layer_${index}/${name}`);
  const width = x.shape[2] as number;
  const normed = layerNorm(x, at('layer_norm_scale'), at('layer_norm_bias'));
  const joined = linear(normed, at('qkv/kernel'), at('qkv/bias'));
  const [q, k, v] = ops.split(joined, [width, width, width]).map(byHead); // [batch, heads, length, width / heads]
  const scores = ops.matmul(ops.scale(q, (width / HEADS) ** -0.5), k, { b: true });
  const [shares] = x.graph.node('Softmax', [scores], [scores.shape], { axis: -1 });
  const attended = transposeHeads(ops.matmul(shares, v)); // [batch, length, heads, width / heads]
  const merged = reshape(attended, [0, 0, width], ['batch', 'length', width]);
  const residual = index === 0 ? linear(x, at('dense/kernel'), at('dense/bias')) : x;
  const y = ops.add(linear(merged, at('output/kernel'), at('output/bias')), residual);
  const rectified = linear(
    layerNorm(y, at('FFN/layer_norm_scale'), at('FFN/layer_norm_bias')),
    at('FFN/conv1/kernel'),
    at('FFN/conv1/bias'),
  );
  const [hidden] = x.graph.node('Relu', [rectified], [rectified.shape]);
  return ops.add(linear(hidden, at('FFN/conv2/kernel'), at('FFN/conv2/bias')), y);
}

/** x·W + bias. @param x […, in] @param kernel [in, out] @param bias [out] @returns […, out] */
function linear(x: Tensor, kernel: Tensor, bias: Tensor): Tensor {
  const [product] = x.graph.node('MatMul', [x, kernel], [[...x.shape.slice(0, -1), kernel.shape[1]]]);
  return ops.add(product, bias);
}

/** Layer normalisation over the last of three dimensions. */
function layerNorm(x: Tensor, scale: Tensor, bias: Tensor): Tensor {
  return x.graph.node('LayerNormalization', [x, scale, bias], [x.shape], {
    axis: -1,
    epsilon: { float: LAYER_NORM_EPSILON },
  })[0];
}

/** [batch, length, width] as [batch, heads, length, width / heads]. */
function byHead(x: Tensor): Tensor {
  const part = (x.shape[2] as number) / HEADS;
  return transposeHeads(reshape(x, [0, 0, HEADS, part], [...x.shape.slice(0, 2), HEADS, part]));
}

/** Swaps the two dimensions in the middle of four. */
function transposeHeads(x: Tensor): Tensor {
  const [a, b, c, d] = x.shape;
  return x.graph.node('Transpose', [x], [[a, c, b, d]], { perm: [0, 2, 1, 3] })[0];
}

/** @param sizes 0 where the size stays, which `ops.reshape` has no word for; @param shape what comes of it. */
function reshape(x: Tensor, sizes: number[], shape: Shape): Tensor {
  return x.graph.node('Reshape', [x, x.graph.integers(sizes)], [shape])[0];
}
