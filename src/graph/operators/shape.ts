import { dimProduct, type Shape, type Tensor } from '../tensor.js';

/** The same values in another shape (row-major), of which one dimension may be open. ∂x = dy in x's shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (shape.filter((d) => typeof d === 'string').length > 1) {
    throw new Error(`Reshape to [${shape}]: only one size may be open.`);
  }
  const vector = x.graph.integers(shape.map((d) => (typeof d === 'number' ? d : -1)));
  const [y] = x.graph.node('Reshape', [x, vector], [shape]);
  x.graph.record({ outputs: [y], inputs: [x], backward: ([dy]) => [() => reshapeLike(dy, x)] });
  return y;
}

/** The values of x in the shape of `like`. No gradient of its own. */
function reshapeLike(x: Tensor, like: Tensor): Tensor {
  if (like.shape.filter((d) => typeof d === 'string').length <= 1) return reshape(x, like.shape);
  return x.graph.node('Reshape', [x, sizes(like)], [like.shape])[0];
}

/** The sizes of a tensor, known only in a run. */
const sizes = (x: Tensor): Tensor => x.graph.node('Shape', [x], [[x.shape.length]], {}, { type: 'int64' })[0];

/** Sums over `axes`. ∂x = dy repeated along them. */
export function reduceSum(x: Tensor, axes: number[], keepDims = false): Tensor {
  const kept = x.shape.map((d, i) => (axes.includes(i) ? 1 : d));
  const shape = keepDims ? kept : x.shape.filter((_, i) => !axes.includes(i));
  const [y] = x.graph.node('ReduceSum', [x, x.graph.integers(axes)], [shape], { keepdims: keepDims ? 1 : 0 });
  x.graph.record({
    outputs: [y],
    inputs: [x],
    backward: ([dy]) => [() => repeatLike(keepDims ? dy : reshape(dy, kept), x)],
  });
  return y;
}

/** x repeated to the size of `like`, whose dimensions equal x's or meet a 1 of x's. */
function repeatLike(x: Tensor, like: Tensor): Tensor {
  return x.graph.node('Expand', [x, sizes(like)], [like.shape])[0];
}

/** Swaps the last two dimensions. ∂x = dyᵀ. */
export function transpose(x: Tensor): Tensor {
  const rank = x.shape.length;
  const order = [...Array(rank).keys()];
  [order[rank - 2], order[rank - 1]] = [rank - 1, rank - 2];
  const [y] = x.graph.node('Transpose', [x], [order.map((i) => x.shape[i])], { perm: order });
  x.graph.record({ outputs: [y], inputs: [x], backward: ([dy]) => [() => transpose(dy)] });
  return y;
}

/** Joins tensors along their last dimension. ∂ of each = its columns of dy. */
export function concat(parts: Tensor[]): Tensor {
  if (parts.length === 1) return parts[0];
  const widths = parts.map((p) => p.shape.at(-1) as number);
  const total = widths.reduce((a, b) => a + b, 0);
  const shape = [...parts[0].shape.slice(0, -1), total];
  const [y] = parts[0].graph.node('Concat', parts, [shape], { axis: -1 });
  y.graph.record({ outputs: [y], inputs: parts, backward: ([dy]) => split(dy, widths).map((part) => () => part) });
  return y;
}

/** Cuts the last dimension into pieces of the given widths. ∂x = the pieces' gradients joined. */
export function split(x: Tensor, widths: number[]): Tensor[] {
  const shapes = widths.map((w) => [...x.shape.slice(0, -1), w]);
  const parts = x.graph.node('Split', [x, x.graph.integers(widths)], shapes, { axis: -1 });
  x.graph.record({
    outputs: parts,
    inputs: [x],
    backward: (gradients) => [() => concat(gradients)],
  });
  return parts;
}

/** Zeros of x's shape. */
export function zerosLike(x: Tensor): Tensor {
  return repeatLike(x.graph.constant(0), x);
}

/**
 * Rows of x by index, in the index's shape: `[R, W]` by `[…]` gives `[…, W]`. A negative index counts from the end.
 * Every row must be named at least once. Where a position of the result is padding (it repeats some row), nothing
 * downstream may depend on it; then gathering by the inverse is the exact gradient, and needs no scatter.
 * @param inverse R entries in any shape: for each row of x the flat position in `index` that holds it for real.
 */
export function gatherRows(x: Tensor, index: Tensor, inverse: Tensor): Tensor {
  const width = x.shape[1];
  const [y] = x.graph.node('Gather', [x, index], [[...index.shape, width]], { axis: 0 });
  x.graph.record({
    outputs: [y],
    inputs: [x],
    backward: ([dy]) => [
      () => {
        const flat = reshape(dy, [dimProduct(...index.shape), width]);
        const [dx] = x.graph.node('Gather', [flat, inverse], [[...inverse.shape, width]], { axis: 0 });
        return reshape(dx, x.shape);
      },
    ],
  });
  return y;
}

/** x[index] along the first dimension, for x that carries no gradient: `[R, …]` by `[N]` gives `[N, …]`. */
export function pick(x: Tensor, index: Tensor): Tensor {
  if (x.trainable) throw new Error('pick has no gradient: use gatherRows.');
  return x.graph.node('Gather', [x, index], [[...index.shape, ...x.shape.slice(1)]], { axis: 0 })[0];
}

/** Joins tensors that carry no gradient along their first dimension. */
export function stackRows(parts: Tensor[]): Tensor {
  if (parts.some((t) => t.trainable)) throw new Error('stackRows has no gradient.');
  if (parts.length === 1) return parts[0];
  const rows = parts.reduce((sum, t) => sum + (t.shape[0] as number), 0);
  return parts[0].graph.node('Concat', parts, [[rows, ...parts[0].shape.slice(1)]], { axis: 0 })[0];
}
