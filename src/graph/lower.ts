import type { Attribute, Constant, Graph, GraphNode, Shape, Tensor } from './tensor.js';

/** Nodes, and the constants that they read. */
export interface Lowered {
  nodes: GraphNode[];
  constants: Constant[];
}

/**
 * Writes operators that an engine lacks in others that every engine has. Otherwise it would hand their nodes to the
 * processor, and copy what they read and write from the device and back.
 * @param nodes of the graph; left as they are where the engine lacks none of them.
 * @param lacks operators without domain; only those in `LOWERINGS` can be replaced, the others stay.
 */
export function lower(graph: Graph, nodes: GraphNode[], lacks: ReadonlySet<string>): Lowered {
  if (!nodes.some(({ op }) => lacks.has(op))) return { nodes, constants: graph.constants };
  const lowered: Lowered = { nodes: [], constants: [...graph.constants] };
  const known = new Map<string, Shape>([
    ...[...graph.inputs, ...graph.initialisers].map(({ name, shape }): [string, Shape] => [name, shape]),
    ...graph.constants.map(({ name, dims }): [string, Shape] => [name, dims]),
    ...graph.nodes.flatMap(({ outputs }) => outputs.map(({ name, shape }): [string, Shape] => [name, shape])),
  ]);
  for (const node of nodes) {
    const write = lacks.has(node.op) ? LOWERINGS[node.op] : undefined;
    if (write) write(node, new Writer(lowered, known, node));
    else lowered.nodes.push(node);
  }
  return lowered;
}

/** Writes the nodes that stand in for one. */
class Writer {
  private count = 0;
  private readonly lowered: Lowered;
  private readonly known: Map<string, Shape>;
  private readonly replaced: GraphNode;

  constructor(lowered: Lowered, known: Map<string, Shape>, replaced: GraphNode) {
    this.lowered = lowered;
    this.known = known;
    this.replaced = replaced;
  }

  shape(name: string): Shape {
    return this.known.get(name) as Shape;
  }

  /** @param shape of what it computes. @returns the result's name. */
  node(
    op: string,
    inputs: string[],
    shape: Shape,
    attributes: Record<string, Attribute> = {},
    type: Tensor['type'] = 'float32',
  ): string {
    const [{ graph, trainable }] = this.replaced.outputs;
    const name = this.newName();
    this.known.set(name, shape);
    this.write(op, inputs, { graph, name, shape, type, trainable }, attributes);
    return name;
  }

  /** The last node, whose result is that of the replaced one. */
  result(op: string, inputs: string[], attributes: Record<string, Attribute> = {}): void {
    this.write(op, inputs, this.replaced.outputs[0], attributes);
  }

  constant(data: Constant['data'], dims: number[]): string {
    const name = this.newName();
    this.lowered.constants.push({ name, type: data instanceof Float32Array ? 'float32' : 'int64', dims, data });
    return name;
  }

  private newName = (): string => `${this.replaced.outputs[0].name}.${this.count++}`;

  private write(op: string, inputs: string[], output: Tensor, attributes: Record<string, Attribute>): void {
    this.lowered.nodes.push({ op, domain: '', inputs, outputs: [output], attributes });
  }
}

const LOWERINGS: Record<string, (node: GraphNode, to: Writer) => void> = {
  /** factor · MatMul of factors, of which either may have to be transposed first. */
  FusedMatMul({ inputs, outputs, attributes }, to) {
    const { transA, transB, alpha } = attributes as { transA: number; transB: number; alpha: { float: number } };
    const factors = [transA, transB].map((transposed, i) => (transposed ? transpose(to, inputs[i]) : inputs[i]));
    if (alpha.float === 1) return to.result('MatMul', factors);
    const product = to.node('MatMul', factors, outputs[0].shape);
    to.result('Mul', [product, to.constant(Float32Array.of(alpha.float), [])]);
  },

  /** x − max x − log Σ e^(x − max x), over the last axis. */
  LogSoftmax({ inputs: [x] }, to) {
    const { below, logTotal } = logTotalBelowMaximum(to, x);
    to.result('Sub', [below, logTotal]);
  },

  /** max x + log Σ e^(x − max x), over the last axis, which is dropped. */
  ReduceLogSumExp({ inputs: [x] }, to) {
    const { maximum, logTotal, reduced, last } = logTotalBelowMaximum(to, x);
    to.result('Squeeze', [to.node('Add', [maximum, logTotal], reduced), last]);
  },

  /** 1 where x > 0, less 1 where x < 0. */
  Sign({ inputs: [x], outputs: [{ shape }] }, to) {
    const zero = to.constant(Float32Array.of(0), []);
    const [above, below] = ['Greater', 'Less'].map((compare) =>
      to.node('Cast', [to.node(compare, [x, zero], shape, {}, 'bool')], shape, { to: ONNX_FLOAT }),
    );
    to.result('Sub', [above, below]);
  },
};

const ONNX_FLOAT = 1;

/** max x, x − max x, and log Σ e^(x − max x), which cannot overflow. */
function logTotalBelowMaximum(to: Writer, x: string) {
  const shape = to.shape(x);
  const reduced = [...shape.slice(0, -1), 1];
  const last = to.constant(BigInt64Array.of(BigInt(shape.length - 1)), [1]);
  const maximum = to.node('ReduceMax', [x, last], reduced, { keepdims: 1 });
  const below = to.node('Sub', [x, maximum], shape);
  const total = to.node('ReduceSum', [to.node('Exp', [below], shape), last], reduced, { keepdims: 1 });
  return { maximum, below, logTotal: to.node('Log', [total], reduced), reduced, last };
}

function transpose(to: Writer, x: string): string {
  const shape = to.shape(x);
  const perm = [...shape.keys()];
  const last = perm.length - 1;
  [perm[last - 1], perm[last]] = [last, last - 1];
  return to.node(
    'Transpose',
    [x],
    perm.map((axis) => shape[axis]),
    { perm },
  );
}
