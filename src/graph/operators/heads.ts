import { dimProduct, type Tensor } from '../tensor.js';
import { reshape } from './shape.js';

/**
 * Cuts packed rows into parts and groups, and lays each part out by an index of its own: with P parts of G groups of
 * width W, x `[N, P·G·W]` is read as `[N·P·G, W]` and each part gathers from it. Attention uses it to turn the packed
 * queries, keys and values of all heads into `[dialogues, heads, length, W]` in one pass each.
 * The rule of `gatherRows` holds: nothing may depend on positions that only pad. ∂x = for each part its gradient
 * gathered by `inverse`, side by side.
 * @param indices for each part the rows it takes: row n's group g of part p is number (n·P + p)·G + g.
 * @param inverse [N, G]: the flat position, in every part's layout, of row n's group g.
 */
export function gatherParts(x: Tensor, indices: Tensor[], inverse: Tensor, width: number): Tensor[] {
  const graph = x.graph;
  const [rows, total] = x.shape as [string, number];
  const flat = graph.withoutRecording(() => reshape(x, [dimProduct(rows, total / width), width]));
  const parts = indices.map((index) => graph.node('Gather', [flat, index], [[...index.shape, width]], { axis: 0 })[0]);
  const columns = total / indices.length;
  graph.record({
    outputs: parts,
    inputs: [x],
    backward: (gradients) => [
      () => {
        const pieces = gradients.map((dy, p) => {
          const dyRows = reshape(dy, [dimProduct(...indices[p].shape), width]);
          const [piece] = graph.node('Gather', [dyRows, inverse], [[...inverse.shape, width]], { axis: 0 });
          return reshape(piece, [rows, columns]);
        });
        return pieces.length === 1 ? pieces[0] : graph.node('Concat', pieces, [x.shape], { axis: 1 })[0];
      },
    ],
  });
  return parts;
}
