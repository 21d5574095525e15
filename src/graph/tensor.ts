/** A dimension: a known size, or a name for a size that only a run knows ("utterances", "4*utterances"). */
export type Dim = number | string;
export type Shape = readonly Dim[];
/** Graphs compute in float32 and int64; the others are for weights of an exported model, and for conditions. */
export type DataType = 'float32' | 'int64' | 'float16' | 'uint8' | 'int32' | 'bool';

/** A value of a graph: the output of one of its nodes, an input, or a constant. A tensor knows its graph. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly shape: Shape;
  readonly type: DataType;
  /** True where a gradient can flow: it depends on a trainable input. */
  readonly trainable: boolean;
}

export type Attribute = number | number[] | { float: number } | string;

/** One ONNX node. */
export interface GraphNode {
  op: string;
  domain: '' | 'com.microsoft';
  inputs: string[];
  outputs: Tensor[];
  attributes: Record<string, Attribute>;
}

/** How the gradient of one application of an operator flows back: for each input, its gradient given the output's. */
export interface Application {
  outputs: Tensor[];
  inputs: Tensor[];
  /**
   * @param outputGradients one an output (zeros where nothing depends on that output).
   * @returns one thunk an input; only those of trainable inputs are called.
   */
  backward: (outputGradients: Tensor[]) => (() => Tensor)[];
}

export interface Constant {
  name: string;
  type: DataType;
  dims: number[];
  /** float16 as its bit patterns. */
  data: Float32Array | BigInt64Array | Uint16Array | Uint8Array;
}

/** A graph under construction: nodes in the order of their computation, and the tape for differentiation. */
export class Graph {
  readonly inputs: Tensor[] = [];
  /** Float tensors whose values are given once, when the graph is compiled. */
  readonly initialisers: Tensor[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: GraphNode[] = [];
  readonly tape: Application[] = [];
  private constantNames = new Map<string, Tensor>();
  private count = 0;
  private recording = true;

  /** An input fed at every run. @param trainable gradients flow to it. */
  input(name: string, shape: Shape, options: { type?: DataType; trainable?: boolean } = {}): Tensor {
    const tensor = this.tensor(name, shape, options.type ?? 'float32', options.trainable ?? false);
    this.inputs.push(tensor);
    return tensor;
  }

  /** A float tensor of fixed sizes whose values the engine is given when it compiles the graph. */
  initialiser(name: string, shape: readonly number[]): Tensor {
    const tensor = this.tensor(name, shape, 'float32', false);
    this.initialisers.push(tensor);
    return tensor;
  }

  /** A constant float tensor; equal constants are stored once. */
  constant(values: number | number[], dims: number[] = []): Tensor {
    const data = Float32Array.from(typeof values === 'number' ? [values] : values);
    return this.addConstant('float32', dims, data, `f${dims.join('x')}:${data.join(',')}`);
  }

  /** A constant of integers, for shapes, axes and indices. */
  integers(values: number[], dims = [values.length]): Tensor {
    return this.addConstant(
      'int64',
      dims,
      BigInt64Array.from(values, BigInt),
      `i${dims.join('x')}:${values.join(',')}`,
    );
  }

  private addConstant(type: DataType, dims: number[], data: Constant['data'], key: string): Tensor {
    const known = this.constantNames.get(key);
    if (known) return known;
    const tensor = this.tensor(`constant_${this.constants.length}`, dims, type, false);
    this.constants.push({ name: tensor.name, type, dims, data });
    this.constantNames.set(key, tensor);
    return tensor;
  }

  /**
   * Adds a node. @returns a tensor for each shape in `shapes`. The shapes go into the file: with them the engine plans
   * its memory, so one name must always stand for one size.
   */
  node(
    op: string,
    inputs: Tensor[],
    shapes: Shape[],
    attributes: Record<string, Attribute> = {},
    { domain = '', type = 'float32' }: { domain?: GraphNode['domain']; type?: DataType } = {},
  ): Tensor[] {
    for (const t of inputs) if (t.graph !== this) throw new Error(`${op}: input ${t.name} belongs to another graph.`);
    const trainable = inputs.some((t) => t.trainable);
    const outputs = shapes.map((shape) => this.tensor(`${op}_${this.count++}`, shape, type, trainable));
    this.nodes.push({ op, domain, attributes, inputs: inputs.map((t) => t.name), outputs });
    return outputs;
  }

  /** Remembers how gradients flow through an application, unless it is itself part of a gradient. */
  record(application: Application): void {
    if (this.recording && application.outputs.some((t) => t.trainable)) this.tape.push(application);
  }

  /** Runs `build` without recording: what it adds cannot be differentiated. */
  withoutRecording<T>(build: () => T): T {
    const before = this.recording;
    this.recording = false;
    try {
      return build();
    } finally {
      this.recording = before;
    }
  }

  private tensor(name: string, shape: Shape, type: DataType, trainable: boolean): Tensor {
    return { graph: this, name, shape, type, trainable };
  }
}

/** The product of dimensions, as a number where all are known, else as a name. */
export function dimProduct(...dims: Dim[]): Dim {
  const known = dims.filter((d): d is number => typeof d === 'number').reduce((a, b) => a * b, 1);
  const names = dims.filter((d): d is string => typeof d === 'string');
  if (names.length === 0) return known;
  return [...(known === 1 ? [] : [known]), ...names].join('*');
}

/** The shape of an element-wise result, by the rules of numpy. */
export function broadcastShape(a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - rank + a.length] ?? 1;
    const y = b[i - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    throw new Error(`Shapes [${a}] and [${b}] do not broadcast: ${x} against ${y}.`);
  });
}

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);
