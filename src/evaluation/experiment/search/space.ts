import { z } from 'zod';
import { InputError } from '../../../base/errors.js';
import { MODALITIES } from '../../../base/modalities.js';
import { RANDOM_SITES, randomStream } from '../../../base/random.js';

const range = z
  .strictObject({
    min: z.number(),
    max: z.number(),
    /** "log": the logarithm is uniform, as learning rates want it. */
    scale: z.enum(['linear', 'log']).default('linear'),
    integer: z.boolean().default(false),
  })
  .refine(({ min, max }) => min < max, { message: 'must have min below max' })
  .refine(({ min, scale }) => scale !== 'log' || min > 0, { message: 'on a log scale needs min above 0' });

/** What settings are searched for, and how; see docs/evaluation.md. */
export const searchSchema = z.strictObject({
  /** Setting, as `train --set` takes it → its values, or a range that is drawn from. */
  space: z
    .record(z.string(), z.union([z.array(z.unknown()).min(1, 'must have a value at least'), range]))
    .refine((space) => Object.keys(space).length > 0, { message: 'must name a setting at least' }),
  /**
   * "grid": every combination. "random": so many draws. "halving": all begin, with few epochs; the best go on from where
   * they stopped, with more (successive halving: Jamieson & Talwalkar, AISTATS 2016).
   */
  method: z.enum(['grid', 'random', 'halving']).default('grid'),
  /** How many are drawn; of lists alone, all combinations unless it is given. */
  configurations: z.number().int().min(1).max(100_000).optional(),
  /** Of the draw. */
  seed: z.number().int().min(0).default(1),
  /** Of the runs: a candidate's score is the mean over them. */
  seeds: z.array(z.number().int().min(0)).min(1).default([1]),
  /** Of halving: of so many one goes on, with so many times the epochs. */
  factor: z.number().int().min(2).default(3),
  /** Of halving: epochs of the first rung; default: as few as leave one at the last. */
  epochs: z.number().int().min(1).optional(),
  /** What candidates have beside what is searched; over the experiment's defaults. */
  preset: z.string().optional(),
  anchors: z.string().optional(),
  modalities: z.array(z.enum(MODALITIES)).min(1).optional(),
  set: z.record(z.string(), z.unknown()).optional(),
  /** The configuration's name under which the chosen settings are run on the split that is scored. */
  name: z
    .string()
    .regex(/^[\w+-]+$/, 'must be letters, digits and _ + - only')
    .default('chosen'),
});
export type SearchSpec = z.infer<typeof searchSchema>;
type Space = SearchSpec['space'];

/** Settings that are tried. */
export interface Candidate {
  /** "c01", "c02", … */
  name: string;
  set: Record<string, unknown>;
}

/** The most combinations that a grid may have. */
const MOST = 100_000;

/**
 * What a search tries: every combination of the lists, in their order, or so many drawn by the seed, each once.
 * @throws InputError where a range is to be combined, or there are too many.
 */
export function candidatesOf({ space, method, configurations, seed }: SearchSpec, source: string): Candidate[] {
  const ranged = Object.keys(space).filter((key) => !Array.isArray(space[key]));
  if (method === 'grid' && ranged.length > 0) {
    throw new InputError(
      `${source}: a grid needs a list of values for ${ranged[0]}, not a range. Give one, or "method: random".`,
    );
  }
  if (method === 'grid' && configurations !== undefined) {
    throw new InputError(`${source}: a grid tries every combination; "configurations" is for random and halving.`);
  }
  if (configurations === undefined && (ranged.length > 0 || method === 'random')) {
    throw new InputError(`${source}: say how many configurations the search draws, as in "configurations: 20".`);
  }
  const combinations = ranged.length > 0 ? Number.POSITIVE_INFINITY : size(space);
  if (configurations === undefined || configurations >= combinations) {
    if (combinations > MOST)
      throw new InputError(`${source}: the space has ${combinations} combinations; ${MOST} are the most.`);
    return named(Array.from({ length: combinations }, (_, i) => combination(space, i)));
  }
  const stream = randomStream(seed, 0, RANDOM_SITES.search);
  const drawn = new Map<string, Record<string, unknown>>();
  // Lists of few values give the same draw again; a space that is smaller than it looks must not be drawn from for ever.
  for (let tries = 0; drawn.size < configurations && tries < 100 * configurations; tries++) {
    const set = Object.fromEntries(Object.entries(space).map(([key, values]) => [key, draw(values, stream)]));
    drawn.set(JSON.stringify(set), set);
  }
  return named([...drawn.values()]);
}

const size = (space: Space) =>
  Object.values(space).reduce((product, values) => product * (values as unknown[]).length, 1);

/** The i-th combination; the last setting changes fastest. */
function combination(space: Space, i: number): Record<string, unknown> {
  let rest = i;
  const chosen = Object.entries(space)
    .reverse()
    .map(([key, values]): [string, unknown] => {
      const list = values as unknown[];
      const value = list[rest % list.length];
      rest = Math.floor(rest / list.length);
      return [key, value];
    });
  return Object.fromEntries(chosen.reverse());
}

function draw(values: Space[string], stream: ReturnType<typeof randomStream>): unknown {
  if (Array.isArray(values)) return values[stream.integer(values.length)];
  const { min, max, scale, integer } = values;
  const u = stream.uniform();
  const value = scale === 'log' ? min * (max / min) ** u : min + (max - min) * u;
  // Four digits are more than a search can tell apart, and can be read.
  return integer ? Math.round(value) : Number(value.toPrecision(4));
}

function named(sets: Record<string, unknown>[]): Candidate[] {
  const digits = Math.max(2, `${sets.length}`.length);
  return sets.map((set, i) => ({ name: `c${`${i + 1}`.padStart(digits, '0')}`, set }));
}
