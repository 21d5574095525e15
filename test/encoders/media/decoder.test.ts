import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodePictures, decodeSound } from '../../../src/encoders/media/decode.js';
import { childrenOf } from '../../processes.js';
import { pattern, record, temporaryFolder, voice } from '../make.js';

const folder = temporaryFolder();
const [long, short, film] = ['long.wav', 'short.wav', 'film.mkv'].map((name) => join(folder, name));

/** Decoders that a process has started and that live. */
function decodersOf(parent: number): number[] {
  return childrenOf(parent).flatMap(({ pid, args }) => (args.includes('media/child/main') ? [pid] : []));
}

async function count(path: string): Promise<number> {
  let samples = 0;
  for await (const piece of decodeSound(path)) samples += piece.length;
  return samples;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

beforeAll(() => {
  record(long, { sound: voice(300) });
  record(short, { sound: voice(1) });
  record(film, { pictures: pattern(20, '1280x720') });
});

describe.skipIf(process.platform === 'win32')('the decoder', { timeout: 120_000 }, () => {
  it('reads one clip after the other in one process', async () => {
    await count(short);
    const [first] = decodersOf(process.pid);
    expect(await count(short)).toBe(16_000);
    expect(decodersOf(process.pid)).toEqual([first]);
  });

  it('costs the clip on which it breaks down, and no other', async () => {
    const read = decodeSound(long);
    await read.next();
    for (const pid of decodersOf(process.pid)) process.kill(pid, 'SIGSEGV');
    await expect(
      (async () => {
        for await (const _ of read);
      })(),
    ).rejects.toThrow('made the decoder break down (SIGSEGV)');
    expect(await count(short)).toBe(16_000);
  });

  it('is not started for every clip where it dies before it can read any', async () => {
    const preload = join(folder, 'die.mjs');
    const starts = join(folder, 'starts');
    writeFileSync(starts, '');
    writeFileSync(
      preload,
      `import { appendFileSync } from 'node:fs';
      if (process.argv[1]?.includes('media/child/main')) {
        appendFileSync(${JSON.stringify(starts)}, 'x');
        process.kill(process.pid, 'SIGKILL');
      }`,
    );
    // The idle ones would still read.
    const idle = decodersOf(process.pid);
    for (const pid of idle) process.kill(pid, 'SIGKILL');
    await until(() => decodersOf(process.pid).length === 0);
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = `--import=${pathToFileURL(preload)}`;
    try {
      await expect(count(short)).rejects.toThrow('ends as soon as it starts (SIGKILL), 3 times in a row.');
      expect(readFileSync(starts, 'utf8')).toBe('xxx');
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
    expect(await count(short)).toBe(16_000);
  });

  it('starts another one where an idle one has died', async () => {
    await count(short);
    const [pid] = decodersOf(process.pid);
    process.kill(pid, 'SIGKILL');
    await until(() => !decodersOf(process.pid).includes(pid));
    expect(await count(short)).toBe(16_000);
  });

  it('ends when it is told to, with the reason that was given', async () => {
    const stop = new AbortController();
    const read = decodeSound(long, { signal: stop.signal });
    await read.next();
    const running = decodersOf(process.pid);
    stop.abort(new Error('enough'));
    await expect(
      (async () => {
        for await (const _ of read);
      })(),
    ).rejects.toThrow('enough');
    await until(() => decodersOf(process.pid).every((pid) => !running.includes(pid)));
    await expect(decodeSound(long, { signal: stop.signal }).next()).rejects.toThrow('enough');
    expect(await count(short)).toBe(16_000);
  });

  it('ends when its consumer leaves', async () => {
    for await (const _ of decodePictures(film, { fps: 10 })) break;
    expect(await count(short)).toBe(16_000);
  });

  it('waits for a slow consumer instead of running ahead', async () => {
    const read = decodePictures(film, { fps: 15 });
    await read.next();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const [pid] = decodersOf(process.pid).slice(-1);
    const used = () => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[11]);
    const before = used();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(used()).toBe(before);
    await read.return(undefined);
  });

  it('reads several clips at the same time', async () => {
    expect(await Promise.all([count(short), count(long), count(short)])).toEqual([16_000, 4_800_000, 16_000]);
  });

  it('does not keep a program that has nothing else to do, and dies with one that is killed', async () => {
    const module = pathToFileURL(join(process.cwd(), 'dist/encoders/media/decode.js')).href;
    const program = (rest: string) => {
      writeFileSync(
        join(folder, 'program.mjs'),
        `import { decodeSound } from ${JSON.stringify(module)};\nconst read = decodeSound(${JSON.stringify(long)});\nawait read.next();\n${rest}`,
      );
      return spawn(process.execPath, [join(folder, 'program.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    };
    const ending = program('for await (const _ of read);');
    expect((await once(ending, 'exit'))[0]).toBe(0);
    const killed: ChildProcess = program("console.log('reading'); setInterval(() => {}, 1000);");
    await once(killed.stdout as NodeJS.ReadableStream, 'data');
    const orphans = decodersOf(killed.pid as number);
    expect(orphans).toHaveLength(1);
    killed.kill('SIGKILL');
    await until(() => {
      try {
        process.kill(orphans[0], 0);
        return false;
      } catch {
        return true;
      }
    });
  });
});
