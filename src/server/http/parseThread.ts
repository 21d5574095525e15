import { parentPort } from 'node:worker_threads';
import { InputError } from '../../base/errors.js';
import { parseConversation, parseNext } from './parse.js';
import type { FromThread, ToThread } from './parser.js';

// The thread of `createParser`.
parentPort?.on('message', ({ id, kind, bytes }: ToThread) => {
  let answer: FromThread;
  try {
    answer = { id, parsed: kind === 'conversation' ? parseConversation(bytes) : parseNext(bytes) };
  } catch (error) {
    answer = error instanceof InputError ? { id, refused: error.message } : { id, failed: `${(error as Error).stack}` };
  }
  parentPort?.postMessage(answer);
});
