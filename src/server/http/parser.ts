import { Worker } from 'node:worker_threads';
import { InputError } from '../../base/errors.js';
import { built } from '../work/process.js';
import { parseConversation, parseNext, type SaidConversation, type SaidNext } from './parse.js';

export interface ToThread {
  id: number;
  kind: 'conversation' | 'next';
  bytes: Uint8Array;
}

export type FromThread = { id: number } & (
  | { parsed: SaidConversation | SaidNext }
  | { refused: string }
  | { failed: string }
);

/** Reads bodies; large ones in a thread, so that nobody waits for them. */
export interface Parser {
  conversation(bytes: Uint8Array): Promise<SaidConversation>;
  next(bytes: Uint8Array): Promise<SaidNext>;
  close(): Promise<void>;
}

/** Bytes of a body that takes a few milliseconds. */
const SMALL = 256 * 1024;

interface Asked {
  resolve(parsed: SaidConversation | SaidNext): void;
  reject(error: unknown): void;
}

export function createParser(): Parser {
  let thread: Worker | undefined;
  let ids = 0;
  const asked = new Map<number, Asked>();
  const start = () => {
    const own = new Worker(built('http/parseThread'));
    own.unref();
    own.on('message', (answer: FromThread) => {
      const one = asked.get(answer.id);
      asked.delete(answer.id);
      if ('parsed' in answer) one?.resolve(answer.parsed);
      else one?.reject('refused' in answer ? new InputError(answer.refused) : new Error(answer.failed));
    });
    const end = (error: Error) => {
      if (thread === own) thread = undefined;
      for (const [id, one] of asked) {
        asked.delete(id);
        one.reject(error);
      }
    };
    own.on('error', end);
    own.on('exit', () => end(new Error('The thread that reads bodies ended.')));
    return own;
  };
  const ask = (kind: ToThread['kind'], bytes: Uint8Array) =>
    new Promise<SaidConversation | SaidNext>((resolve, reject) => {
      thread ??= start();
      const id = ++ids;
      asked.set(id, { resolve, reject });
      thread.postMessage({ id, kind, bytes } satisfies ToThread);
    });
  return {
    conversation: async (bytes) =>
      bytes.length <= SMALL ? parseConversation(bytes) : ((await ask('conversation', bytes)) as SaidConversation),
    next: async (bytes) => (bytes.length <= SMALL ? parseNext(bytes) : ((await ask('next', bytes)) as SaidNext)),
    async close() {
      await thread?.terminate();
    },
  };
}
