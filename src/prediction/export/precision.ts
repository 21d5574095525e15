import type { Constant, Graph, GraphNode, Tensor } from '../../graph/tensor.js';
import { floatToHalf } from '../../interchange/halves.js';

/** Values of an initialiser, by its name. */
type Held = (name: string) => Float32Array;

/**
 * Keeps a graph's weight matrices as 16-bit floats: each is widened again by a node of its own, which runtimes compute
 * once, when they load the file. What is computed stays float32. The graph is changed in place.
 */
export function halveWeights(graph: Graph, value: Held): void {
  for (const weight of matricesOf(graph)) {
    const half: Constant = {
      name: `${weight.name}.float16`,
      type: 'float16',
      dims: [...(weight.shape as number[])],
      data: floatToHalf(value(weight.name)),
    };
    graph.nodes.unshift(plain('Cast', [hold(graph, half)], weight, { to: FLOAT }));
    drop(graph, weight);
  }
}

/** TensorProto.FLOAT, as the operator Cast wants it. */
const FLOAT = 1;
/** Weights are whole numbers -127 … 127 beside this zero point. Unsigned ones: signed weights overflow on old processors. */
const ZERO = 128;

/**
 * Dynamic quantisation to 8 bits: linear layers whose weights are initialisers multiply whole numbers. A weight's every
 * output channel has a scale of its own; rows are quantised as they come (DynamicQuantizeLinear), all of them by one
 * scale. With x ≈ s·(q − z) and w_c ≈ t_c·(p_c − 128): x·wᵀ ≈ s·t·Σ (q − z)(p − 128). The graph is changed in place.
 */
export function quantiseWeights(graph: Graph, value: Held): void {
  const matrices = new Map(matricesOf(graph).map((weight) => [weight.name, weight]));
  const types = new Map([...graph.inputs, ...graph.nodes.flatMap((n) => n.outputs)].map((t) => [t.name, t]));
  const rows = new Map<string, Tensor[]>();
  const weights = new Map<string, ReturnType<typeof quantised>>();
  const zero = hold(graph, { name: 'weight.zero', type: 'uint8', dims: [], data: Uint8Array.of(ZERO) });
  const nodes: GraphNode[] = [];
  for (const node of graph.nodes) {
    const weight = matrices.get(node.inputs[1]);
    const input = types.get(node.inputs[0]);
    if (node.op !== 'Gemm' || node.attributes.transB !== 1 || weight === undefined || input === undefined) {
      nodes.push(node);
      continue;
    }
    const result = node.outputs[0];
    const make = (part: string, type: Tensor['type'], shape = result.shape): Tensor => ({
      graph,
      name: `${result.name}.${part}`,
      shape,
      type,
      trainable: false,
    });
    let row = rows.get(input.name);
    if (row === undefined) {
      row = [make('rows', 'uint8', input.shape), make('scale', 'float32', []), make('zero', 'uint8', [])];
      rows.set(input.name, row);
      nodes.push({ op: 'DynamicQuantizeLinear', domain: '', inputs: [input.name], outputs: row, attributes: {} });
    }
    const held = weights.get(weight.name) ?? quantised(graph, weight, value(weight.name));
    weights.set(weight.name, held);
    const [product, whole, factor] = [
      make('product', 'int32'),
      make('whole', 'float32'),
      make('factor', 'float32', [weight.shape[0]]),
    ];
    const bias = node.inputs[2];
    const scaled = bias === undefined ? result : make('scaled', 'float32');
    nodes.push(
      plain('MatMulInteger', [row[0].name, held.matrix, row[2].name, zero], product),
      plain('Cast', [product.name], whole, { to: FLOAT }),
      plain('Mul', [row[1].name, held.scale], factor),
      plain('Mul', [whole.name, factor.name], scaled),
      ...(bias === undefined ? [] : [plain('Add', [scaled.name, bias], result)]),
    );
  }
  graph.nodes.splice(0, graph.nodes.length, ...nodes);
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  for (const weight of matrices.values()) if (!read.has(weight.name)) drop(graph, weight);
}

/** A weight [out, in] as bytes [in, out], and the scale of each output channel [out]. */
function quantised(graph: Graph, { name, shape }: Tensor, values: Float32Array): { matrix: string; scale: string } {
  const [out, width] = shape as number[];
  const data = new Uint8Array(out * width);
  const scales = new Float32Array(out);
  for (let o = 0; o < out; o++) {
    const row = values.subarray(o * width, (o + 1) * width);
    const top = row.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    scales[o] = top === 0 ? 1 : top / (ZERO - 1);
    for (let i = 0; i < width; i++) data[i * out + o] = Math.round(row[i] / scales[o]) + ZERO;
  }
  return {
    matrix: hold(graph, { name: `${name}.uint8`, type: 'uint8', dims: [width, out], data }),
    scale: hold(graph, { name: `${name}.scale`, type: 'float32', dims: [out], data: scales }),
  };
}

const matricesOf = (graph: Graph): Tensor[] => graph.initialisers.filter(({ shape }) => shape.length === 2);

function hold(graph: Graph, constant: Constant): string {
  graph.constants.push(constant);
  return constant.name;
}

const drop = (graph: Graph, weight: Tensor) => graph.initialisers.splice(graph.initialisers.indexOf(weight), 1);

const plain = (op: string, inputs: string[], output: Tensor, attributes: GraphNode['attributes'] = {}): GraphNode => ({
  op,
  domain: '',
  inputs,
  outputs: [output],
  attributes,
});
