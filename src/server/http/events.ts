import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { Conversation } from '../conversations.js';
import type { Service } from '../service.js';
import { busy, Problem } from './problems.js';

/** A line that says nothing, so that nobody between takes the stream for dead, milliseconds. */
const SIGN_MS = 15_000;
/** After how long a client that lost the stream may come again, milliseconds. */
const RETRY_MS = 2000;

const streams = new WeakMap<Service, number>();

/**
 * The answers of a conversation, from the first or from the one after `Last-Event-ID` on. A client that reads slowly
 * holds nothing up: each stream takes the next answer when the last one was read.
 */
export function streamEvents(c: Context, conversation: Conversation, service: Service): Response {
  const from = firstOf(c.req.header('last-event-id'));
  const count = streams.get(service) ?? 0;
  if (count >= service.limits.streams)
    throw busy(`The server keeps ${service.limits.streams} streams, and as many are there.`, 10);
  streams.set(service, count + 1);
  c.header('x-accel-buffering', 'no');
  return streamSSE(c, async (stream) => {
    let leave: () => void = () => undefined;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    stream.onAbort(() => leave());
    try {
      await stream.write(`retry: ${RETRY_MS}\n\n`);
      for (let at = from; !stream.aborted; ) {
        const { lines, ended } = conversation;
        for (; at < lines.length && !stream.aborted; at++)
          await stream.writeSSE({ event: 'prediction', id: `${at}`, data: lines[at] });
        if (ended !== undefined) {
          await stream.writeSSE({ event: 'end', data: JSON.stringify({ reason: ended }) });
          return;
        }
        if ((await pause(conversation, left)) === 'silence') await stream.write(': \n\n');
      }
    } finally {
      streams.set(service, (streams.get(service) ?? 1) - 1);
    }
  });
}

async function pause(conversation: Conversation, left: Promise<void>): Promise<'more' | 'silence'> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silence'>((resolve) => {
    timer = setTimeout(() => resolve('silence'), SIGN_MS);
  });
  const more = Promise.race([conversation.next(), left]).then(() => 'more' as const);
  try {
    return await Promise.race([more, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function firstOf(last: string | undefined): number {
  if (last === undefined || last === '') return 0;
  if (!/^\d{1,9}$/.test(last))
    throw new Problem('invalid', 'Last-Event-ID must be the id of an event of this conversation.');
  return Number(last) + 1;
}
