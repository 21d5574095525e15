import { createKernelMemory, type Kernels } from './kernels.js';

/** A trainable graph input, made of named parameters stacked along its first dimension. */
export interface ParameterBlock {
  /** The graph input's name. */
  name: string;
  shape: number[];
  /** The parameters in the order of their rows; a block of one parameter has that one part. */
  parts: { name: string; shape: number[] }[];
}

export interface AdamWOptions {
  learningRate: number;
  /** Decoupled weight decay. */
  weightDecay: number;
  /** How many updates, this one included: 1 at the first. */
  step: number;
  /** Factor on every gradient. */
  scale?: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

/**
 * Floats of 4 KiB. Stretches begin a quarter of it apart: a processor tells reads from writes by the last 12 bits of their
 * addresses, and where these agree in all four stretches, AdamW takes a fifth more time.
 */
const PAGE = 1024;

const KINDS = ['value', 'gradient', 'first', 'second'] as const;
export type ParameterKind = (typeof KINDS)[number];

/**
 * Values, gradients and AdamW's two moments of all parameters, as four equal stretches of one WebAssembly memory: the
 * session reads and writes them in place, and one kernel call updates them all.
 */
export class ParameterMemory {
  private readonly memory: WebAssembly.Memory;
  private readonly kernels: Kernels;
  private readonly offsets = new Map<string, { at: number; shape: number[] }>();
  /** Floats of each stretch, and from the start of one to that of the next. */
  private readonly length: number;
  private readonly stride: number;

  readonly blocks: readonly ParameterBlock[];

  constructor(blocks: readonly ParameterBlock[]) {
    this.blocks = blocks;
    let at = 0;
    for (const block of blocks) {
      this.offsets.set(block.name, { at, shape: block.shape });
      let within = at;
      for (const part of block.parts) {
        if (this.offsets.has(part.name) && part.name !== block.name) throw new Error(`Two parameters ${part.name}.`);
        this.offsets.set(part.name, { at: within, shape: part.shape });
        within += size(part.shape);
      }
      if (within - at !== size(block.shape)) throw new Error(`The parts of ${block.name} do not fill it.`);
      at += Math.ceil(size(block.shape) / 4) * 4;
    }
    this.length = at;
    this.stride = Math.ceil(at / PAGE) * PAGE + PAGE / 4;
    ({ memory: this.memory, kernels: this.kernels } = createKernelMemory(this.stride * 4 * KINDS.length));
  }

  /** The sizes of a block or of a parameter. */
  shape(name: string): number[] {
    return this.find(name).shape;
  }

  /** A live view of a block or of a parameter. */
  view(kind: ParameterKind, name: string): Float32Array {
    const { at, shape } = this.find(name);
    return new Float32Array(this.memory.buffer, this.start(kind) + at * 4, size(shape));
  }

  /** Whether no number of the gradient is infinite or not a number: half the time that its norm takes. */
  gradientIsFinite(): boolean {
    return this.kernels.allFinite(this.start('gradient'), this.length) === 1;
  }

  /** The L2 norm of the whole gradient. */
  gradientNorm(): number {
    return Math.sqrt(this.kernels.sumOfSquares(this.start('gradient'), this.length));
  }

  /** One AdamW update of every parameter from the gradients, in place. */
  adamw(options: AdamWOptions): void {
    const { learningRate, weightDecay, step, scale = 1, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
    this.kernels.adamw(
      this.start('value'),
      this.start('gradient'),
      this.start('first'),
      this.start('second'),
      this.length,
      scale,
      1 - learningRate * weightDecay,
      learningRate / (1 - beta1 ** step),
      1 / Math.sqrt(1 - beta2 ** step),
      beta1,
      beta2,
      epsilon,
    );
  }

  private start(kind: ParameterKind): number {
    return KINDS.indexOf(kind) * this.stride * 4;
  }

  private find(name: string) {
    const found = this.offsets.get(name);
    if (!found) throw new Error(`There is no parameter "${name}".`);
    return found;
  }
}

function size(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
