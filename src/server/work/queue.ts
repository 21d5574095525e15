import { busy, Problem } from '../http/problems.js';
import type { Limits } from '../limits.js';
import { createProcess, type WorkProcess } from './process.js';
import type { HeardUtterance, ModelInfo, PredictTask, Saying, ServedModel, Told, Words } from './tasks.js';

/** What is computed together is laid out as a rectangle: so many utterances, those that only fill it up included. */
const MOST_TOGETHER = 512;
const MOST_CONVERSATIONS = 32;
const MOST_SAYINGS = 32;
/** Longest time for which a model may be opened, milliseconds. */
const OPENING_MS = 120_000;
const FORGETTING_MS = 3_600_000;
/** Longest pause before models that could not be opened are tried again, milliseconds. */
const LONGEST_PAUSE_MS = 30_000;

interface Waiting {
  model: ServedModel;
  heard: HeardUtterance[];
  /** The conversation that goes on with it; undefined where it is a whole one. */
  live?: Live;
  /** Its process died as it was computed with others: next time it is by itself. */
  alone: boolean;
  resolve(line: string[]): void;
  reject(reason: unknown): void;
}

/** A conversation that goes on, and the process that knows it. */
interface Live {
  id: string;
  model: ServedModel;
  said: Words[];
  slot?: Slot;
}

interface Slot {
  process: WorkProcess<PredictTask, ModelInfo | Told[] | undefined>;
  busy: boolean;
  /** Its process has opened all models. */
  ready: boolean;
  opening: boolean;
  /** Why the models could not be opened the last time. */
  failed?: unknown;
}

export interface QueueOptions {
  models: readonly ServedModel[];
  /** Processes that predict. */
  workers: number;
  /** Threads of each. */
  threads: number;
  limits: Limits;
  module: URL;
  /** Told of each batch that was computed, and of each process that was lost. */
  onBatch?: (model: string, conversations: number, seconds: number) => void;
  onLost?: () => void;
}

/** Conversations that wait for a process, and those that are computed: several at a time where they come together. */
export interface PredictQueue {
  readonly models: readonly ModelInfo[];
  /** Have all processes opened all models? */
  readonly ready: boolean;
  readonly waiting: number;
  predict(model: ServedModel, heard: HeardUtterance[], signal?: AbortSignal): Promise<string[]>;
  /** @param id differs from that of any other conversation. */
  begin(id: string, model: ServedModel): LiveWork;
  close(): Promise<void>;
}

export interface LiveWork {
  readonly length: number;
  /** Calls are taken one after the other. @returns the answer's line. */
  say(heard: HeardUtterance): Promise<string>;
  end(): void;
}

/** @throws InputError where a model cannot be opened. */
export async function createQueue(options: QueueOptions): Promise<PredictQueue> {
  const { models, threads, limits, module, onBatch, onLost } = options;
  const waiting: Waiting[] = [];
  let closed = false;
  /** Seconds that a conversation took lately. */
  let pace = 0.05;

  const slots = Array.from({ length: options.workers }, (): Slot => {
    const onEnd = () => {
      slot.ready = false;
      onLost?.();
      void reopen(slot);
    };
    const slot: Slot = { process: createProcess(module, onEnd), busy: false, ready: false, opening: false };
    return slot;
  });
  const openAll = async (slot: Slot): Promise<ModelInfo[]> => {
    const infos: ModelInfo[] = [];
    for (const model of models) {
      const outcome = await slot.process.run({ kind: 'open', model, threads }, OPENING_MS);
      if ('failed' in outcome) throw outcome.failed;
      if ('died' in outcome) throw new Error(`The process that opened ${model.name} ended: ${outcome.died}.`);
      infos.push(outcome.done as ModelInfo);
    }
    slot.ready = true;
    return infos;
  };
  /** Opens all models in a process, so that no request waits for it; again and again where that fails. */
  const reopen = async (slot: Slot) => {
    if (slot.opening) return;
    slot.opening = true;
    for (let pause = 100; !closed && !slot.ready; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      try {
        await openAll(slot);
        slot.failed = undefined;
      } catch (error) {
        slot.failed = error;
        if (slots.every(({ failed }) => failed !== undefined))
          for (const one of waiting.splice(0)) one.reject(notReady());
        await new Promise((resolve) => setTimeout(resolve, pause).unref());
      }
    }
    slot.opening = false;
    fill();
  };

  const fill = () => {
    for (const slot of slots) {
      if (closed || waiting.length === 0) return;
      if (!slot.busy && slot.ready) void work(slot);
    }
  };
  const work = async (slot: Slot) => {
    const taken = take(waiting, slot);
    if (taken.length === 0) return;
    slot.busy = true;
    const started = performance.now();
    try {
      await (taken[0].live === undefined ? computeWhole(slot, taken) : computeNext(slot, taken));
    } catch (error) {
      for (const one of taken) one.reject(error);
    }
    const seconds = (performance.now() - started) / 1000;
    pace = 0.8 * pace + (0.2 * seconds) / taken.length;
    onBatch?.(taken[0].model.name, taken.length, seconds);
    slot.busy = false;
    fill();
  };
  /** @returns undefined where it failed or the process died; who was not alone in it is asked again. */
  const ask = async (slot: Slot, task: PredictTask, taken: Waiting[]): Promise<Told[] | undefined> => {
    const outcome = await slot.process.run(task, limits.computing);
    if ('done' in outcome) return outcome.done as Told[];
    for (const one of taken) {
      if (one.live !== undefined) one.live.slot = undefined;
      if (taken.length > 1) waiting.unshift(Object.assign(one, { alone: true }));
      else one.reject('died' in outcome ? died(outcome.died) : outcome.failed);
    }
    return undefined;
  };
  const computeWhole = async (slot: Slot, taken: Waiting[]) => {
    const [{ model }] = taken;
    const conversations = taken.map(({ heard }) => heard);
    const told = await ask(slot, { kind: 'predict', model, threads, conversations }, taken);
    told?.forEach((one, i) => {
      settle(taken[i], one);
    });
  };
  const computeNext = async (slot: Slot, taken: Waiting[]) => {
    const ask1 = (some: Waiting[], again: boolean) =>
      ask(slot, { kind: 'say', threads, sayings: some.map((one) => sayingOf(one, slot, again)) }, some);
    const told = await ask1(taken, false);
    if (told === undefined) return;
    // The process was another one then, or is new.
    const forgotten = taken.filter((_, i) => 'forgotten' in told[i]);
    const again = forgotten.length === 0 ? [] : await ask1(forgotten, true);
    taken.forEach((one, i) => {
      const at = forgotten.indexOf(one);
      const result = at < 0 ? told[i] : again?.[at];
      if (result === undefined) return;
      if ('lines' in result) one.live?.said.push(one.heard[0].utterance);
      settle(one, result);
    });
  };
  const enqueue = (one: Omit<Waiting, 'alone' | 'resolve' | 'reject'>, signal?: AbortSignal) =>
    new Promise<string[]>((resolve, reject) => {
      if (closed) return reject(busy('The server is stopping.', 5));
      if (slots.every(({ failed }) => failed !== undefined)) return reject(notReady());
      if (waiting.length >= limits.waiting)
        return reject(busy('All that the server can keep waiting is waiting.', Math.ceil(waiting.length * pace)));
      const own: Waiting = { ...one, alone: false, resolve, reject };
      waiting.push(own);
      signal?.addEventListener(
        'abort',
        () => {
          const at = waiting.indexOf(own);
          if (at >= 0) waiting.splice(at, 1);
          reject(signal.reason);
        },
        { once: true },
      );
      // After what arrives in the same moment, so that it is computed together.
      setImmediate(fill);
    });

  let infos: ModelInfo[];
  try {
    infos = await openAll(slots[0]);
  } catch (error) {
    closed = true;
    await Promise.all(slots.map(({ process }) => process.close()));
    throw error;
  }
  for (const slot of slots.slice(1)) void reopen(slot);

  return {
    models: infos,
    get ready() {
      return slots.every(({ ready }) => ready);
    },
    get waiting() {
      return waiting.length;
    },
    predict: (model, heard, signal) => enqueue({ model, heard }, signal),
    begin(id, model) {
      const live: Live = { id, model, said: [] };
      let last: Promise<unknown> = Promise.resolve();
      return {
        get length() {
          return live.said.length;
        },
        say(heard) {
          const answer = last.then(async () => (await enqueue({ model, heard: [heard], live }))[0]);
          last = answer.catch(() => undefined);
          return answer;
        },
        end() {
          if (closed || !live.slot?.ready) return;
          // It waits until the process has time, however long that is.
          void live.slot.process.run({ kind: 'forget', id }, FORGETTING_MS).catch(() => undefined);
        },
      };
    },
    async close() {
      closed = true;
      for (const one of waiting.splice(0)) one.reject(busy('The server is stopping.', 5));
      await Promise.all(slots.map(({ process }) => process.close()));
    },
  };
}

/** The oldest that this process may compute, and with it as many of the same kind as fit. */
function take(waiting: Waiting[], slot: Slot): Waiting[] {
  const mine = (one: Waiting) => one.live?.slot === undefined || one.live.slot === slot || !one.live.slot.ready;
  const first = waiting.find(mine);
  if (first === undefined) return [];
  const taken: Waiting[] = [];
  let longest = 0;
  for (const one of waiting) {
    if (one !== first && (first.alone || one.alone || !mine(one))) continue;
    if (first.live === undefined) {
      if (one.live !== undefined || one.model !== first.model || taken.length >= MOST_CONVERSATIONS) continue;
      const wider = Math.max(longest, one.heard.length);
      if (taken.length > 0 && wider * (taken.length + 1) > MOST_TOGETHER) continue;
      longest = wider;
    } else if (one.live === undefined || taken.length >= MOST_SAYINGS) continue;
    taken.push(one);
  }
  for (const one of taken) waiting.splice(waiting.indexOf(one), 1);
  return taken;
}

function sayingOf({ live, heard }: Waiting, slot: Slot, again: boolean): Saying {
  const { id, model, said } = live as Live;
  const known = (live as Live).slot === slot && !again;
  (live as Live).slot = slot;
  return { id, model, length: said.length, next: heard[0], ...(!known && said.length > 0 && { before: said }) };
}

function settle(one: Waiting, told: Told): void {
  if ('lines' in told) one.resolve(told.lines);
  else if ('refused' in told) one.reject(new Problem('refused', told.refused));
  else one.reject(new Error('A process forgot a conversation twice.'));
}

const notReady = () => busy('The models cannot be opened at the moment; the server tries again.', 10);

const died = (how: string) =>
  how === 'the time limit'
    ? busy('The conversation took longer than the server computes; give fewer utterances at a time.', 60)
    : new Error(`The process that computed a conversation ended: ${how}.`);
