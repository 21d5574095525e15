import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../base/errors.js';
import { findDecoder } from './codecs.js';
import { ClipError, NoTrackError } from './errors.js';
import { HEADER_BYTES, KIND, PIPE, type Refusal, type Request } from './wire.js';

/** A file over which the decoder says nothing for so long is taken for one that it cannot get through. */
const SILENCE_LIMIT_MS = 60_000;
/** Decoders that wait for the next clip; more are ended. */
const MOST_IDLE = 2;
/** So many decoders that end before they can decode, one after the other, are no accident. */
const MOST_FAILED_STARTS = 3;
/** The built file: the same place from src (in tests, after a build) and from dist. */
const CHILD = fileURLToPath(new URL('../../../dist/encoders/media/child/main.js', import.meta.url));

/** The decoder died of a clip. */
class BrokenError extends ClipError {
  /** A signal, or an exit code. */
  readonly how: string;
  constructor(how: string) {
    super(`made the decoder break down (${how})`);
    this.how = how;
  }
}

/** A process that decodes one clip after the other. */
interface Decoder {
  child: ChildProcess;
  pipe: Socket;
  /** How it ended, once it has. */
  ended: Promise<string>;
  /** Called when there is more to read, or the pipe has closed. */
  wake?: () => void;
}

/** A piece of what is asked for: samples, or a picture with its header. */
export interface Piece {
  kind: number;
  bytes: Buffer<ArrayBuffer>;
}

const idle: Decoder[] = [];
let failedStarts = 0;

/**
 * Decodes in a process of its own and yields what comes; the pipe's back pressure bounds the memory, and what the
 * consumer does with a piece takes as long as it takes. Leaving the loop early, or `signal`, ends the process; a file
 * that breaks it costs that clip alone.
 * @throws InputError where nothing can be decoded here; ClipError with the reason where the clip cannot be had, or not
 * whole; the signal's reason.
 */
export async function* decode(request: Request, signal?: AbortSignal): AsyncGenerator<Piece> {
  signal?.throwIfAborted();
  let decoder: Decoder | undefined;
  const abort = () => decoder && kill(decoder);
  signal?.addEventListener('abort', abort, { once: true });
  let reusable = false;
  try {
    let piece: Piece | undefined;
    while (piece === undefined) {
      const waiting = idle.pop();
      decoder = waiting ?? (await startDecoder());
      hold(decoder);
      decoder.pipe.write(`${JSON.stringify(request)}\n`);
      piece = await nextPiece(decoder).catch((error) => {
        // One that was there already may have died while it waited, and a new one before it could read: this clip is
        // innocent of both.
        if (signal?.aborted || !(error instanceof BrokenError)) throw error;
        if (waiting === undefined) countFailedStart(error);
        return undefined;
      });
      if (waiting === undefined && piece !== undefined) failedStarts = 0;
    }
    while (piece.kind === KIND.sound || piece.kind === KIND.picture || piece.kind === KIND.alive) {
      if (piece.kind !== KIND.alive) yield piece;
      signal?.throwIfAborted();
      piece = await nextPiece(decoder as Decoder);
    }
    if (piece.kind === KIND.unusable) throw unusable(piece.bytes.toString('utf8'));
    reusable = true;
    if (piece.kind === KIND.end) return;
    const { reason, noTrack } = JSON.parse(piece.bytes.toString('utf8')) as Refusal;
    throw noTrack === undefined ? new ClipError(reason) : new NoTrackError(noTrack);
  } catch (error) {
    // What an ended process says of itself is not why it ended.
    throw signal?.aborted ? signal.reason : error;
  } finally {
    signal?.removeEventListener('abort', abort);
    if (decoder !== undefined && reusable && !signal?.aborted) release(decoder);
    else if (decoder !== undefined) kill(decoder);
  }
}

/** @throws InputError where it was the last of too many. */
function countFailedStart({ how }: BrokenError): void {
  if (++failedStarts < MOST_FAILED_STARTS) return;
  failedStarts = 0;
  throw new InputError(
    `What decodes recordings ends as soon as it starts (${how}), ${MOST_FAILED_STARTS} times in a row. Install vega-merc-encoders anew, or leave recordings out with --audio none --visual none.`,
  );
}

async function startDecoder(): Promise<Decoder> {
  // Before a process is started in vain.
  await findDecoder();
  const child = spawn(process.execPath, [CHILD], {
    // The standard input stays open and empty: when it closes, the decoder knows that this process is gone.
    stdio: ['pipe', 'ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  const ended = Promise.race([
    once(child, 'exit').then(([code, by]) => (by ?? `exit code ${code}`) as string),
    once(child, 'error').then(([error]) => (error as Error).message),
  ]);
  const pipe = child.stdio[PIPE] as Socket;
  // Writing to a process that has just died; reading then tells how.
  pipe.on('error', () => undefined);
  child.stdin?.on('error', () => undefined);
  child.once('exit', () => {
    const place = idle.findIndex((one) => one.child === child);
    if (place >= 0) idle.splice(place, 1);
  });
  const decoder: Decoder = { child, pipe, ended };
  // Listeners of their own for each wait would be told at once of what is there already, again and again.
  for (const event of ['readable', 'end', 'close']) pipe.on(event, () => decoder.wake?.());
  return decoder;
}

/** While a clip is decoded, this process stays for it; an idle decoder keeps nobody. */
function hold({ child, pipe }: Decoder): void {
  child.ref();
  pipe.ref();
}

function release(decoder: Decoder): void {
  if (idle.length >= MOST_IDLE || decoder.child.exitCode !== null || decoder.child.signalCode !== null) {
    kill(decoder);
    return;
  }
  decoder.child.unref();
  decoder.pipe.unref();
  (decoder.child.stdin as Socket | null)?.unref();
  idle.push(decoder);
}

function kill({ child, pipe }: Decoder): void {
  child.kill('SIGKILL');
  pipe.destroy();
}

/** @throws ClipError where the decoder dies or stands still before the message is whole. */
async function nextPiece(decoder: Decoder): Promise<Piece> {
  const header = await take(decoder, HEADER_BYTES);
  const length = header.readUInt32LE(1);
  return { kind: header[0], bytes: length === 0 ? Buffer.alloc(0) : await take(decoder, length) };
}

async function take(decoder: Decoder, length: number): Promise<Buffer<ArrayBuffer>> {
  const { pipe } = decoder;
  for (;;) {
    const bytes = pipe.read(length) as Buffer<ArrayBuffer> | null;
    if (bytes !== null && bytes.length === length) return bytes;
    if (bytes !== null || pipe.readableEnded || pipe.destroyed) throw await death(decoder);
    await moreOrClosed(decoder);
  }
}

/** Waits until there is more to read; the watchdog runs only here, not while the consumer computes. */
function moreOrClosed(decoder: Decoder): Promise<void> {
  return new Promise((resolve, reject) => {
    const watchdog = setTimeout(() => {
      kill(decoder);
      reject(new ClipError(`cannot be decoded (the decoder stood still for ${SILENCE_LIMIT_MS / 1000} seconds)`));
    }, SILENCE_LIMIT_MS);
    decoder.wake = () => {
      clearTimeout(watchdog);
      resolve();
    };
  });
}

async function death({ child, ended }: Decoder): Promise<Error> {
  // The pipe closes a moment before the process has ended; one that shut it and stays is of no use either.
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) child.kill('SIGKILL');
  const how = await ended;
  if (child.pid === undefined) return new InputError(`A process for decoding recordings cannot be started (${how}).`);
  return new BrokenError(how);
}

function unusable(words: string): Error {
  return /Could not load the node-av native binding/.test(words)
    ? new InputError(
        `Reading sound and pictures of recordings needs node-av, which is installed but cannot run on this system (${process.platform} ${process.arch}). Leave recordings out with --audio none --visual none.`,
      )
    : new Error(words);
}
