import type { Tensor } from '../tensor.js';
import { add, div, mul, scale, shift, sub } from './arithmetic.js';
import { reduceSum, reshape } from './shape.js';

/** A parameter in training, or its next state: all of one shape. */
export interface Trained {
  value: Tensor;
  /** AdamW's two moments. */
  first: Tensor;
  second: Tensor;
}

/** What an update hangs on beside the gradient, each a scalar. */
export interface AdamWScalars {
  /** 1 − lr · weight decay. */
  decay: Tensor;
  /** lr / (1 − β₁ᵗ). */
  step: Tensor;
  /** 1 / √(1 − β₂ᵗ). */
  correction: Tensor;
}

// As the kernel has them, in float32.
const BETA1 = Math.fround(0.9);
const BETA2 = Math.fround(0.999);
const EPSILON = 1e-8;

/**
 * AdamW (Loshchilov & Hutter; PyTorch's torch.optim.AdamW) as the kernel of this room computes it, of standard operators,
 * for parameters that stay on a device. No gradient flows through it.
 * @param factor on the gradient, a scalar. @param go whether to update at all, a scalar condition.
 */
export function adamw(now: Trained, gradient: Tensor, factor: Tensor, go: Tensor, scalars: AdamWScalars): Trained {
  const { graph, shape } = gradient;
  return graph.withoutRecording(() => {
    const g = mul(gradient, factor);
    const first = add(now.first, scale(sub(g, now.first), 1 - BETA1));
    const second = add(scale(now.second, BETA2), scale(mul(g, g), 1 - BETA2));
    const [root] = graph.node('Sqrt', [second], [shape]);
    const denominator = shift(mul(root, scalars.correction), EPSILON);
    const value = sub(mul(now.value, scalars.decay), div(mul(first, scalars.step), denominator));
    const either = (next: Tensor, before: Tensor) => graph.node('Where', [go, next, before], [shape])[0];
    return {
      value: either(value, now.value),
      first: either(first, now.first),
      second: either(second, now.second),
    };
  });
}

/** The squared Euclidean length of a tensor of known sizes, summed in two stages; a scalar. No gradient flows. */
export function squaredNorm(x: Tensor): Tensor {
  return x.graph.withoutRecording(() => {
    const last = x.shape.at(-1) ?? 1;
    const rows = (x.shape as number[]).slice(0, -1).reduce((a, b) => a * b, 1);
    return reduceSum(reduceSum(reshape(mul(x, x), [rows, last]), [1]), [0]);
  });
}

/** A condition: whether every one of some scalars is finite, and the factor that takes a norm down to the largest allowed. */
export function guard(norm: Tensor, others: readonly Tensor[], largest: Tensor): { go: Tensor; factor: Tensor } {
  const { graph } = norm;
  return graph.withoutRecording(() => {
    const bool = { type: 'bool' } as const;
    // Nothing that is not a number is less than anything.
    const finite = (x: Tensor) =>
      graph.node('Less', [graph.node('Abs', [x], [[]])[0], graph.constant(3e38)], [[]], {}, bool)[0];
    const go = [norm, ...others].map(finite).reduce((a, b) => graph.node('And', [a, b], [[]], {}, bool)[0]);
    const [factor] = graph.node('Min', [div(largest, shift(norm, 1e-6)), graph.constant(1)], [[]]);
    return { go, factor };
  });
}
