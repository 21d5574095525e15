import { add, zerosLike } from './operators/index.js';
import type { Tensor } from './tensor.js';

/**
 * Reverse-mode differentiation: the gradients of a scalar with respect to trainable inputs, as tensors of the same
 * graph. Contributions are added in the order in which they arise, so the same graph gives the same bytes.
 * @param loss shape []; @param inputs what to differentiate with respect to.
 * @returns one gradient an input, in the input's shape; undefined where the loss does not depend on it.
 */
export function gradients(loss: Tensor, inputs: Tensor[]): (Tensor | undefined)[] {
  const graph = loss.graph;
  return graph.withoutRecording(() => {
    const known = new Map<string, Tensor>([[loss.name, graph.constant(1)]]);
    for (const application of [...graph.tape].reverse()) {
      const incoming = application.outputs.map((t) => known.get(t.name));
      if (incoming.every((g) => g === undefined)) continue;
      const outgoing = application.backward(incoming.map((g, i) => g ?? zerosLike(application.outputs[i])));
      application.inputs.forEach((input, i) => {
        if (!input.trainable) return;
        const contribution = outgoing[i]();
        const before = known.get(input.name);
        known.set(input.name, before ? add(before, contribution) : contribution);
      });
    }
    return inputs.map((t) => known.get(t.name));
  });
}
