import type { Tensor } from '../tensor.js';
import { exp } from './activations.js';
import { add, div, mul, sub } from './arithmetic.js';

/** A fusion's result, and the weight that each member had in it. */
export interface Fusion {
  fused: Tensor;
  /** One tensor a member, in the values' shape; they sum to 1 over the members. To be looked at: no gradient flows. */
  weights: Tensor[];
}

/**
 * Values weighted by a softmax across tensors, channel by channel: Σ w_m ⊙ v_m with w = softmax over m of the gates.
 * With y the result: ∂v_m = w_m ⊙ dy, ∂g_m = w_m ⊙ dy ⊙ (v_m − y).
 * @param gates and @param values one tensor of the same shape a member.
 * @param present for each member [N, 1], 1 or 0, or undefined where it is always there. Absent members get no weight;
 * where no member is present the result is zero.
 */
export function softmaxFusion(gates: Tensor[], values: Tensor[], present: (Tensor | undefined)[] = []): Fusion {
  const graph = gates[0].graph;
  const { weights, y } = graph.withoutRecording(() => {
    const open = gates.map((g, m) => {
      const there = present[m];
      return there ? add(g, mul(sub(there, graph.constant(1)), graph.constant(1e4))) : g;
    });
    const [top] = graph.node('Max', open, [gates[0].shape]);
    const exponentials = open.map((g) => exp(sub(g, top)));
    const total = exponentials.reduce(add);
    const weights = exponentials.map((e, m) => {
      const share = div(e, total);
      const there = present[m];
      return there ? mul(share, there) : share;
    });
    return { weights, y: weights.map((w, m) => mul(w, values[m])).reduce(add) };
  });
  graph.record({
    outputs: [y],
    inputs: [...gates, ...values],
    backward: ([dy]) => {
      const shares = weights.map((w) => mul(w, dy));
      return [
        ...gates.map((_, m) => () => mul(shares[m], sub(values[m], y))),
        ...values.map((_, m) => () => shares[m]),
      ];
    },
  });
  return { fused: y, weights };
}
