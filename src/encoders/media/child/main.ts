import { readSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { ClipError, NoTrackError } from '../errors.js';
import { KIND, PIPE, type Refusal, type Request } from '../wire.js';
import { send, sendJson } from './send.js';

// The process that `startDecoder` starts. It decodes one clip after the other, in calls that block: reading requests,
// decoding and writing pieces all wait for each other, so that nothing piles up, and no call needs more than Node 20.
// A file that makes the codecs crash or hang takes this process with it and no other.

// The parent never writes into the standard input. It closes when the parent dies, however it dies, and then this
// thread ends the process even if the main one is inside a codec.
const LIFELINE = `
const { Socket } = require('node:net');
new Socket({ fd: 0 }).on('error', () => {}).on('close', () => process.kill(process.pid, 'SIGKILL')).resume();
`;
new Worker(LIFELINE, { eval: true });
// The terminal's interrupt reaches the whole group, and so does what service managers send; the parent decides what
// becomes of it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);

try {
  const { answer } = await import('./answer.js');
  // From here on it is a clip that ends this process.
  send(KIND.alive);
  for (let line = nextLine(); line !== undefined; line = nextLine()) {
    try {
      answer(JSON.parse(line) as Request);
      sendJson(KIND.end, {});
    } catch (error) {
      if (!(error instanceof ClipError)) throw error;
      const noTrack = error instanceof NoTrackError ? error.track : undefined;
      sendJson(KIND.refused, { reason: error.message, noTrack } satisfies Refusal);
    }
  }
} catch (error) {
  send(KIND.unusable, Buffer.from(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  process.exit(1);
}
process.exit(0);

/** The next request; undefined when there are no more. */
function nextLine(): string | undefined {
  const bytes: Buffer[] = [];
  const piece = Buffer.alloc(8192);
  for (;;) {
    const read = readSync(PIPE, piece);
    if (read === 0) return undefined;
    bytes.push(Buffer.from(piece.subarray(0, read)));
    // One request at a time: what ends with a line break is one.
    if (piece[read - 1] === 0x0a) return Buffer.concat(bytes).toString('utf8');
  }
}
