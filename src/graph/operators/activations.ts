import type { Tensor } from '../tensor.js';
import { add, mul, neg, scale, shift, sub } from './arithmetic.js';
import { reduceSum } from './shape.js';

/** An element-wise operator of one tensor: its value, and its gradient given x, the value y and dy. */
function unary(value: (x: Tensor) => Tensor, gradient: (dy: Tensor, x: Tensor, y: Tensor) => Tensor) {
  return (x: Tensor): Tensor => {
    const y = x.graph.withoutRecording(() => value(x));
    x.graph.record({ outputs: [y], inputs: [x], backward: ([dy]) => [() => gradient(dy, x, y)] });
    return y;
  };
}

const node =
  (op: string, attributes = {}) =>
  (x: Tensor): Tensor =>
    x.graph.node(op, [x], [x.shape], attributes)[0];

const oneMinus = (x: Tensor): Tensor => sub(x.graph.constant(1), x);
const square = (x: Tensor): Tensor => mul(x, x);

/** e^x. ∂x = dy·y. */
export const exp = unary(node('Exp'), (dy, _x, y) => mul(dy, y));

/** 1 / (1 + e^−x). ∂x = dy·y·(1 − y). */
export const sigmoid = unary(node('Sigmoid'), (dy, _x, y) => mul(dy, mul(y, oneMinus(y))));

/**
 * σ(g) ⊙ x, a gate. With y the result and s = σ(g): ∂x = dy ⊙ s, ∂g = dy ⊙ s ⊙ (x − y), which needs two passes over
 * memory less than the product and the sigmoid taken apart.
 */
export function gate(g: Tensor, x: Tensor): Tensor {
  const { s, y } = g.graph.withoutRecording(() => {
    const s = sigmoid(g);
    return { s, y: mul(s, x) };
  });
  g.graph.record({
    outputs: [y],
    inputs: [g, x],
    backward: ([dy]) => {
      const dx = mul(dy, s);
      return [() => mul(dx, sub(x, y)), () => dx];
    },
  });
  return y;
}

/** tanh x. ∂x = dy·(1 − y²). */
export const tanh = unary(node('Tanh'), (dy, _x, y) => mul(dy, oneMinus(square(y))));

/** 1 where x > 0, else 0. No gradient. */
const positive = (x: Tensor): Tensor => {
  const [sign] = x.graph.node('Sign', [x], [x.shape]);
  return node('Relu')(sign);
};

/** max(x, 0). ∂x = dy where x > 0. */
export const relu = unary(node('Relu'), (dy, x) => mul(dy, positive(x)));

/** x where x > 0, else 0.01·x (PyTorch's default slope). */
export const leakyRelu = unary(node('LeakyRelu', { alpha: { float: 0.01 } }), (dy, x) =>
  mul(dy, shift(scale(positive(x), 0.99), 0.01)),
);

/** x where x > 0, else e^x − 1. ∂x = dy·(1 where x > 0, else y + 1) = dy·(1 + min(y, 0)). */
export const elu = unary(node('Elu', { alpha: { float: 1 } }), (dy, _x, y) => mul(dy, oneMinus(node('Relu')(neg(y)))));

/** x·σ(x). ∂x = dy·(σ + y·(1 − σ)). */
export const silu = (x: Tensor): Tensor => mul(x, sigmoid(x));

/** Exact GELU, x·Φ(x) with the normal distribution function Φ. ∂x = dy·(Φ + x·φ(x)). */
export const gelu = (x: Tensor): Tensor => mul(x, normalDistribution(x));

/** Φ(x) = (1 + erf(x/√2))/2. ∂x = dy·φ(x), φ(x) = e^(−x²/2)/√(2π). */
const normalDistribution = unary(
  (x) => scale(shift(node('Erf')(scale(x, Math.SQRT1_2)), 1), 0.5),
  (dy, x) => mul(dy, scale(node('Exp')(scale(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI))),
);

/**
 * GELU by its tanh formula, ½x(1 + tanh(√(2/π)(x + 0.044715x³))), written as x·σ(u) with
 * u = 2√(2/π)(x + 0.044715x³). ∂x = dy·(σ + y·(1 − σ)·u′).
 */
export const geluTanh = (x: Tensor): Tensor => {
  const c = 2 * Math.sqrt(2 / Math.PI);
  const g = x.graph;
  const { gate, squared, y } = g.withoutRecording(() => {
    const squared = square(x);
    const gate = node('Sigmoid')(mul(x, shift(scale(squared, c * 0.044715), c)));
    return { gate, squared, y: mul(x, gate) };
  });
  g.record({
    outputs: [y],
    inputs: [x],
    backward: ([dy]) => [
      () => {
        const slope = shift(scale(squared, 3 * c * 0.044715), c);
        return mul(dy, add(gate, mul(mul(y, oneMinus(gate)), slope)));
      },
    ],
  });
  return y;
};

/** Softmax over one axis. ∂x = y·(dy − Σ dy·y). */
export const softmax = (x: Tensor, axis = -1): Tensor => {
  const [y] = x.graph.node('Softmax', [x], [x.shape], { axis });
  const position = axis < 0 ? axis + x.shape.length : axis;
  x.graph.record({
    outputs: [y],
    inputs: [x],
    backward: ([dy]) => [() => mul(y, sub(dy, reduceSum(mul(dy, y), [position], true)))],
  });
  return y;
};

/** Logarithm of the softmax over the last axis. ∂x = dy − softmax(x)·Σ dy. */
export const logSoftmax = unary(node('LogSoftmax', { axis: -1 }), (dy, x, y) =>
  sub(dy, mul(node('Exp')(y), reduceSum(dy, [x.shape.length - 1], true))),
);

/**
 * log Σ e^x over the last axis, which is dropped; taken from the greatest value, so it does not overflow.
 * ∂x = dy·softmax(x).
 */
export const logSumExp = (x: Tensor): Tensor => {
  const last = x.shape.length - 1;
  const kept = [...x.shape.slice(0, last), 1];
  const graph = x.graph;
  const [y] = graph.node('ReduceLogSumExp', [x, graph.integers([last])], [x.shape.slice(0, last)], { keepdims: 0 });
  graph.record({
    outputs: [y],
    inputs: [x],
    backward: ([dy]) => [
      () => {
        const [wide] = graph.node('Unsqueeze', [dy, graph.integers([last])], [kept]);
        return mul(wide, graph.node('Softmax', [x], [x.shape], { axis: -1 })[0]);
      },
    ],
  });
  return y;
};
