import { Worker } from 'node:worker_threads';

/** How often a claim is written anew, so that its file is young. */
const BEAT_MS = 5_000;

// In a thread of its own: training and tables may keep the other one busy for longer than a lease. A file that is gone
// or another's is left alone: the claim is lost.
const BEATS = `
const { parentPort } = require('node:worker_threads');
const { closeSync, openSync, readFileSync, writeSync } = require('node:fs');
const held = new Map();
parentPort.on('message', ({ path, body }) => (body === undefined ? held.delete(path) : held.set(path, body)));
setInterval(() => {
  for (const [path, body] of held) {
    try {
      if (readFileSync(path, 'utf8') !== body) continue;
      const file = openSync(path, 'r+');
      try { writeSync(file, body, 0); } finally { closeSync(file); }
    } catch {}
  }
}, ${BEAT_MS});
`;

let thread: Worker | undefined;

/** Gives signs of life for a claim until `stopBeat`. @param body what its file holds. */
export function beat(path: string, body: string): void {
  if (thread === undefined) {
    thread = new Worker(BEATS, { eval: true });
    thread.on('error', () => undefined);
    thread.unref();
  }
  thread.postMessage({ path, body });
}

export function stopBeat(path: string): void {
  thread?.postMessage({ path });
}
