import { broadcastShape, type Shape, sameShape, type Tensor } from '../tensor.js';
import { reduceSum, reshape } from './shape.js';

/** An element-wise operator of two tensors: its ONNX name, and the gradients of both inputs side by side. */
function binary(
  op: string,
  gradientA: (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
  gradientB: (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor,
) {
  return (a: Tensor, b: Tensor): Tensor => {
    const [y] = a.graph.node(op, [a, b], [broadcastShape(a.shape, b.shape)]);
    a.graph.record({
      outputs: [y],
      inputs: [a, b],
      backward: ([dy]) => [() => sumTo(gradientA(dy, a, b, y), a.shape), () => sumTo(gradientB(dy, a, b, y), b.shape)],
    });
    return y;
  };
}

/** Undoes a broadcast: sums over the dimensions along which `shape` was repeated. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const extra = x.shape.length - shape.length;
  const axes = x.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []));
  const summed = axes.length > 0 ? reduceSum(x, axes, true) : x;
  return extra > 0 ? reshape(summed, shape) : summed;
}

/** a + b, broadcasting. ∂a = dy, ∂b = dy. */
export const add = binary(
  'Add',
  (dy) => dy,
  (dy) => dy,
);

/** a − b, broadcasting. ∂a = dy, ∂b = −dy. */
export const sub = binary(
  'Sub',
  (dy) => dy,
  (dy) => neg(dy),
);

/** a · b element by element, broadcasting. ∂a = dy·b, ∂b = dy·a. */
export const mul = binary(
  'Mul',
  (dy, _a, b) => mul(dy, b),
  (dy, a) => mul(dy, a),
);

/** a / b element by element, broadcasting. ∂a = dy/b, ∂b = −dy·y/b. */
export const div = binary(
  'Div',
  (dy, _a, b) => div(dy, b),
  (dy, _a, b, y) => neg(div(mul(dy, y), b)),
);

/** x times a fixed number. */
export const scale = (x: Tensor, factor: number): Tensor => mul(x, x.graph.constant(factor));

/** x plus a fixed number. */
export const shift = (x: Tensor, offset: number): Tensor => add(x, x.graph.constant(offset));

/** −x. */
export const neg = (x: Tensor): Tensor => scale(x, -1);
