import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { InputError } from '../../base/errors.js';
import { ClipError } from './errors.js';

/** A file over which the decoder says nothing for so long is taken for one that it cannot get through. */
const SILENCE_LIMIT_MS = 60_000;
const KEPT_STDERR = 4000;

/**
 * Runs ffmpeg or ffprobe and yields what it writes, as it comes: the pipe's back pressure bounds the memory.
 * Leaving the loop early ends the process.
 * @throws InputError where the program is missing; ClipError with its own words where it fails.
 */
export async function* runMediaTool(tool: 'ffmpeg' | 'ffprobe', args: readonly string[]): AsyncGenerator<Buffer> {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(tool, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close').catch((error: NodeJS.ErrnoException) => error);
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-KEPT_STDERR);
  });
  let stalled = false;
  const watchdog = setTimeout(() => {
    stalled = true;
    child.kill('SIGKILL');
  }, SILENCE_LIMIT_MS);
  try {
    for await (const chunk of child.stdout) {
      watchdog.refresh();
      yield chunk as Buffer;
    }
    const end = await ended;
    if (end instanceof Error) throw missing(tool, end);
    if (stalled) throw new ClipError(`cannot be decoded (${tool} stood still for ${SILENCE_LIMIT_MS / 1000} seconds)`);
    if (end[0] !== 0) throw new ClipError(explain(words));
  } finally {
    clearTimeout(watchdog);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
}

/** The sentence that a missing ffmpeg gets. */
function missing(tool: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT') return error;
  return new InputError(
    `Reading sound and pictures of recordings needs ${tool}, which is not on the PATH. Install it (Debian, Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg; Windows: winget install ffmpeg), or leave recordings out with --audio none --visual none.`,
  );
}

/** What went wrong, in ffmpeg's words but without its addresses and the file's name. */
function explain(words: string): string {
  const lines = words.split('\n').map((line) => line.replace(/^\[[^\]]*\]\s*/, '').trim());
  const said = lines.filter((line) => line !== '').join('; ');
  if (/moov atom not found/.test(said)) return 'is damaged or was cut short (its index is missing)';
  if (/Invalid data found|could not find codec|Format .* detected only with low score/i.test(said)) {
    return 'is damaged or is no recording, whatever its name says';
  }
  if (/does not contain any stream|matches no streams/.test(said)) return 'has no such track';
  return `cannot be decoded (${lines.filter((line) => line !== '').at(-1) ?? 'no reason given'})`;
}
