import type { Tensor } from '../tensor.js';
import { div, mul, scale, sub } from './arithmetic.js';
import { reduceSum } from './shape.js';

/**
 * Layer normalisation over the last dimension: γ·(x − mean)/√(variance + ε) + β.
 * With x̂ the normalised rows and g = dy·γ: ∂x = (g − mean(g) − x̂·mean(g·x̂))/√(variance + ε), ∂γ = Σ dy·x̂, ∂β = Σ dy
 * (sums over rows).
 * @param x [N, H]; @param gamma [H]; @param beta [H].
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, epsilon: number): Tensor {
  const [rows, width] = x.shape;
  const [y, mean, inverse] = x.graph.node('LayerNormalization', [x, gamma, beta], [x.shape, [rows, 1], [rows, 1]], {
    axis: -1,
    epsilon: { float: epsilon },
  });
  const share = 1 / (width as number);
  const normalised = () => mul(sub(x, mean), inverse);
  x.graph.record({
    outputs: [y],
    inputs: [x, gamma, beta],
    backward: ([dy]) => {
      const hat = normalised();
      return [
        () => {
          const g = mul(dy, gamma);
          const meanG = scale(reduceSum(g, [1], true), share);
          const meanGHat = scale(reduceSum(mul(g, hat), [1], true), share);
          return mul(sub(sub(g, meanG), mul(hat, meanGHat)), inverse);
        },
        () => reduceSum(mul(dy, hat), [0]),
        () => reduceSum(dy, [0]),
      ];
    },
  });
  return y;
}

/**
 * Rows divided by their Euclidean length, at least 1e-12 (PyTorch's F.normalize). With y the result and l the length:
 * ∂x = (dy − y·Σ dy·y)/l.
 */
export function l2Normalise(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  const g = x.graph;
  const { length, y } = g.withoutRecording(() => {
    const [root] = g.node('Sqrt', [reduceSum(mul(x, x), [last], true)], [[...x.shape.slice(0, -1), 1]]);
    const [length] = g.node('Max', [root, g.constant(1e-12)], [root.shape]);
    return { length, y: div(x, length) };
  });
  g.record({
    outputs: [y],
    inputs: [x],
    backward: ([dy]) => [() => div(sub(dy, mul(y, reduceSum(mul(dy, y), [last], true))), length)],
  });
  return y;
}
