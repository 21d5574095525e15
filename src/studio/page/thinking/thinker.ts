import { type Remote, wrap } from 'comlink';
import type { Thinker } from './worker.js';

/** The thinking half of the studio, in a worker of its own so that the page never stands still. */
export const thinker: Remote<Thinker> = wrap<Thinker>(
  new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }),
);
