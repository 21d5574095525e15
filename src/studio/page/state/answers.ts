import { effect, signal } from '@preact/signals';
import { thinker } from '../thinking/thinker.js';
import type { Said } from '../thinking/types.js';
import { map, model, problem } from './model.js';
import { selected, spoken } from './talk.js';
import { type Answers, NO_ANSWERS, type Turn } from './types.js';

/** Milliseconds without a new answer, after which there is time for the map. */
const QUIET = 250;

export const answers = signal<Answers>(NO_ANSWERS);
/** Where the utterances lie on the map of faces, by id. */
export const places = signal<ReadonlyMap<number, { x: number; y: number }>>(new Map());

/** A turn as the model reads it. */
export function saidOf({ speaker, text, features }: Turn): Said {
  // A row counts before the words that it was made of.
  return { speaker, ...(text !== '' && { text }), ...(features && { features }) };
}

/** @param key of the model in the worker. */
export async function answer(key: string, classes: readonly string[], turns: readonly Turn[]): Promise<Answers> {
  if (turns.length === 0) return { ...NO_ANSWERS, classes };
  const list = await thinker.predict(key, turns.map(saidOf));
  const order = turns.map(({ id }) => id);
  return { order, of: new Map(order.map((id, i) => [id, list[i]])), classes };
}

/** Work of which only the last asked for counts: while one runs, those in between are left out. */
export function latest(work: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    do {
      again = false;
      await work();
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}

const think = latest(async () => {
  const now = model.peek();
  const turns = spoken.peek();
  if (now === undefined) return;
  try {
    answers.value = await answer(now.key, now.info.classes, turns);
    problem.value = undefined;
    performance.mark('answered');
  } catch (error) {
    problem.value = (error as Error).message;
  }
});

const place = latest(async () => {
  const now = model.peek();
  const { order } = answers.peek();
  const turns = spoken.peek().filter(({ id }) => order.includes(id));
  if (now === undefined || map.peek() === undefined || turns.length === 0) return;
  const found = await thinker.places(now.key, turns.map(saidOf)).catch(() => []);
  places.value = new Map(turns.flatMap(({ id }, i) => (found[i] ? [[id, found[i]] as const] : [])));
});

/** Answers whatever is said, as long as the page lives. */
export function startAnswering(): void {
  effect(() => {
    if (model.value !== undefined && spoken.value !== undefined) think();
  });
  effect(() => {
    if (map.value === undefined || answers.value === undefined) return;
    // Not while somebody types: the next letter's answer comes first.
    const timer = setTimeout(place, QUIET);
    return () => clearTimeout(timer);
  });
  effect(() => {
    const turns = spoken.value;
    if (turns.length > 0 && !turns.some(({ id }) => id === selected.value)) selected.value = turns.at(-1)?.id;
  });
}
