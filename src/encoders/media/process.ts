import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { InputError } from '../../base/errors.js';
import { ClipError } from './errors.js';

/** A file over which the decoder says nothing for so long is taken for one that it cannot get through. */
const SILENCE_LIMIT_MS = 60_000;
/** Of what ffmpeg says, the beginning tells what the file holds, and the end what went wrong. */
const KEPT_WORDS = 8000;
/** Descriptor of the first pipe after those of input, output and errors. */
export const FIRST_PIPE = 3;

/**
 * Runs ffmpeg and yields what it writes, as it comes: the pipe's back pressure bounds the memory. Leaving the loop early
 * ends the process.
 * @param hear gets what ffmpeg said, when it has ended: all of it, or its beginning and end.
 * @throws InputError where ffmpeg is missing; ClipError in its own words where it fails.
 */
export async function* runFfmpeg(
  args: readonly string[],
  hear: (words: string) => void,
): AsyncGenerator<Buffer<ArrayBuffer>> {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn('ffmpeg', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').catch((error: NodeJS.ErrnoException) => error);
  let [head, tail] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (head.length < KEPT_WORDS) head += text;
    else tail = (tail + text).slice(-KEPT_WORDS);
  });
  let stalled = false;
  const watch = () =>
    setTimeout(() => {
      stalled = true;
      child.kill('SIGKILL');
    }, SILENCE_LIMIT_MS);
  let watchdog = watch();
  try {
    for await (const chunk of child.stdout) {
      // What the caller does with a piece takes as long as it takes.
      clearTimeout(watchdog);
      yield chunk as Buffer<ArrayBuffer>;
      watchdog = watch();
    }
    const end = await ended;
    if (end instanceof Error) throw missing(end);
    hear(head + tail);
    if (stalled) throw new ClipError(`cannot be decoded (ffmpeg stood still for ${SILENCE_LIMIT_MS / 1000} seconds)`);
    if (end[0] !== 0) throw new ClipError(explain(head + tail));
  } finally {
    clearTimeout(watchdog);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

/**
 * Runs ffmpeg with a pipe for each of several outputs (`pipe:3`, `pipe:4`, …), all read at the same time.
 * @param takers one an output.
 * @returns how it ended (null = killed, since it stood still) and what it said.
 * @throws InputError where ffmpeg is missing; what a taker throws.
 */
export async function runFfmpegWithPipes(
  args: readonly string[],
  takers: readonly ((pieces: AsyncIterable<Buffer<ArrayBuffer>>) => Promise<void>)[],
): Promise<{ code: number | null; words: string }> {
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe', ...takers.map(() => 'pipe' as const)] });
  const ended = once(child, 'close').catch((error: NodeJS.ErrnoException) => error);
  let words = '';
  (child.stdio[2] as Readable).setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  const watchdog = setTimeout(() => child.kill('SIGKILL'), SILENCE_LIMIT_MS);
  const piecesOf = async function* (output: number) {
    for await (const piece of child.stdio[FIRST_PIPE + output] as Readable) {
      watchdog.refresh();
      yield piece as Buffer<ArrayBuffer>;
    }
  };
  try {
    // A taker that throws shuts its pipe, of which ffmpeg ends.
    const taken = Promise.allSettled(takers.map((take, i) => take(piecesOf(i))));
    const end = await ended;
    if (end instanceof Error) throw missing(end);
    for (const result of await taken) if (result.status === 'rejected') throw result.reason;
    return { code: end[0] as number | null, words };
  } finally {
    clearTimeout(watchdog);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

function missing(error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return error;
  return new InputError(
    'Reading sound and pictures of recordings needs ffmpeg, which is not on the PATH. Install it (Debian, Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), or leave recordings out with --audio none --visual none.',
  );
}

/** What went wrong, in ffmpeg's words but without its addresses. */
function explain(words: string): string {
  if (/moov atom not found|Invalid data found|could not find codec/i.test(words)) {
    return 'is damaged, cut short or no recording, whatever its name says';
  }
  const lines = words.split('\n').map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim());
  return `cannot be decoded (${lines.findLast((line) => line !== '') ?? 'no reason given'})`;
}
