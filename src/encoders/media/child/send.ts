import { writeSync } from 'node:fs';
import { HEADER_BYTES, KIND, PICTURE_HEADER_BYTES, PIPE } from '../wire.js';

/** After so long without a message the parent is told that the decoder gets on, milliseconds. */
const ALIVE_MS = 1000;
/** Samples are sent in pieces of about so many. */
const PIECE = 16_384;

let last = Date.now();

/** Sends a message; waits until the parent has taken as much of it as the pipe does not hold. */
export function send(kind: number, ...parts: Uint8Array[]): void {
  const header = Buffer.alloc(HEADER_BYTES);
  header[0] = kind;
  header.writeUInt32LE(
    parts.reduce((sum, part) => sum + part.length, 0),
    1,
  );
  for (const part of [header, ...parts]) {
    for (let at = 0; at < part.length; ) at += writeSync(PIPE, part, at, part.length - at);
  }
  last = Date.now();
}

export function sendJson(kind: number, value: unknown): void {
  send(kind, Buffer.from(JSON.stringify(value)));
}

export function sendPicture(time: number, width: number, height: number, rows: Uint8Array): void {
  const header = Buffer.alloc(PICTURE_HEADER_BYTES);
  header.writeDoubleLE(time, 0);
  header.writeUInt32LE(width, 8);
  header.writeUInt32LE(height, 12);
  send(KIND.picture, header, rows);
}

/** Lets the parent know that decoding goes on, where nothing came of it for a while. */
export function sayAlive(): void {
  if (Date.now() - last >= ALIVE_MS) send(KIND.alive);
}

/** Gathers samples into pieces worth a message. */
export function gatherSamples(): { push(samples: Uint8Array): void; flush(): void } {
  let parts: Uint8Array[] = [];
  let held = 0;
  const flush = () => {
    if (held > 0) send(KIND.sound, ...parts);
    [parts, held] = [[], 0];
  };
  return {
    push(samples) {
      parts.push(samples);
      held += samples.length / 4;
      if (held >= PIECE) flush();
    },
    flush,
  };
}
