import { type DeviceValue, type Fed, ops, type ParameterMemory, type Tensor, type Values } from '../graph/index.js';
import type { TrainStepOptions } from './types.js';

const { adamw, guard, squaredNorm, sum } = ops;

/** Graph inputs of a block's moments; that of its values has the block's name. */
const MOMENTS = ['first', 'second'] as const;
const momentName = (moment: (typeof MOMENTS)[number], block: string) => `${moment}.${block}`;
/** The output that holds what an input is fed at the next step. */
const nextName = (input: string) => `next.${input}`;

/** The output that holds the gradient's length. */
export const NORM = 'adamw.norm';

/**
 * Adds AdamW to a training graph: outputs with the next values and moments of every block, which are the present ones
 * where a loss term or the gradient's length is not finite.
 * @param gradients of each block, by the block's input. @param terms of the loss.
 * @returns the outputs that stay on the device, and the gradient's length [].
 */
export function updates(
  gradients: ReadonlyMap<Tensor, Tensor>,
  terms: readonly Tensor[],
): { next: Map<string, Tensor>; norm: Tensor } {
  const [{ graph }] = terms;
  const scalar = (name: string) => graph.input(`adamw.${name}`, []);
  const [norm] = graph.node('Sqrt', [sum([...gradients.values()].map(squaredNorm))], [[]]);
  const { go, factor } = guard(norm, terms, scalar('largest'));
  const scalars = { decay: scalar('decay'), step: scalar('step'), correction: scalar('correction') };
  const next = new Map<string, Tensor>();
  for (const [value, gradient] of gradients) {
    const [first, second] = MOMENTS.map((moment) => graph.input(momentName(moment, value.name), value.shape));
    const after = adamw({ value, first, second }, gradient, factor, go, scalars);
    next.set(nextName(value.name), after.value);
    for (const moment of MOMENTS) next.set(nextName(momentName(moment, value.name)), after[moment]);
  }
  return { next, norm };
}

/** Beyond the largest length that a gradient can have and be finite. */
const NO_CLIPPING = 1e30;

/** What the inputs of `updates` beside values and moments are fed. */
export function adamwFeeds({ learningRate, weightDecay, step, clipNorm }: TrainStepOptions): Record<string, Values> {
  const scalar = (value: number): Values => ({ data: Float32Array.of(value), dims: [] });
  return {
    'adamw.decay': scalar(1 - learningRate * weightDecay),
    'adamw.step': scalar(learningRate / (1 - 0.9 ** step)),
    'adamw.correction': scalar(1 / Math.sqrt(1 - 0.999 ** step)),
    'adamw.largest': scalar(clipNorm || NO_CLIPPING),
  };
}

/**
 * Where parameters and moments are while a model trains on a device: there from its first step until they are read back,
 * and else in the host's memory, from which the next step takes them.
 */
export class Resident {
  private readonly memory: ParameterMemory;
  private held = new Map<string, DeviceValue>();

  constructor(memory: ParameterMemory) {
    this.memory = memory;
  }

  /** Whether the device is ahead of the host's memory. */
  get isAhead(): boolean {
    return this.held.size > 0;
  }

  /** What a graph input of a block's values or moments is fed; undefined for any other input. */
  fed(input: string): Fed | undefined {
    return this.held.get(input) ?? this.places().get(input);
  }

  /** Takes the results of a step, and frees those of the step before. */
  keep(results: Readonly<Record<string, DeviceValue>>): void {
    const before = this.held;
    this.held = new Map();
    for (const input of this.places().keys()) {
      const result = results[nextName(input)];
      if (result !== undefined) this.held.set(input, result);
    }
    for (const value of before.values()) value.release();
  }

  /** Copies all to the host's memory, which counts from then on. */
  async readBack(): Promise<void> {
    const places = this.places();
    for (const [input, value] of this.held) await value.read((places.get(input) as Values).data as Float32Array);
    this.release();
  }

  /** Frees what is on the device. */
  release(): void {
    for (const value of this.held.values()) value.release();
    this.held.clear();
  }

  /** Views on the host's memory by graph input. */
  private places(): Map<string, Values> {
    return new Map(
      this.memory.blocks.flatMap(({ name, shape: dims }): [string, Values][] => [
        [name, { data: this.memory.view('value', name), dims }],
        ...MOMENTS.map((moment): [string, Values] => [
          momentName(moment, name),
          { data: this.memory.view(moment, name), dims },
        ]),
      ]),
    );
  }
}
