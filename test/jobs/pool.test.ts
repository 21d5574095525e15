import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { createPool, type Pool } from '../../src/jobs/index.js';

interface Task {
  note?: string;
  tellPid?: boolean;
  ms?: number;
  exit?: number;
  die?: NodeJS.Signals;
  throw?: string;
  spin?: boolean;
  rows?: Float32Array;
}
interface Result {
  pid: number;
  rows?: Float32Array;
}

const tasks = new URL('./tasks.mjs', import.meta.url);
let pool: Pool<Task, Result, string>;
const open = (size: number, signal?: AbortSignal, module = tasks) => {
  pool = createPool({ module, size, signal });
  return pool;
};
afterEach(() => pool?.close());

const pidOf = async (): Promise<number> => {
  const outcome = await pool.run({});
  if (!('done' in outcome)) throw new Error('The task did not end.');
  return outcome.done.pid;
};

describe('createPool', () => {
  it('runs tasks in processes of its own and takes results as they are', async () => {
    open(2);
    const busy: Promise<unknown>[] = [];
    const started = [1, 2].map(
      () => new Promise<string>((onNote) => busy.push(pool.run({ tellPid: true, ms: 600_000 }, { onNote }))),
    );
    expect(new Set([...(await Promise.all(started)), `${process.pid}`]).size).toBe(3);
    const ends = Promise.allSettled(busy);
    await pool.close();
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    open(1);
    const rows = Float32Array.of(1, 2, 3);
    expect(await pool.run({ rows })).toMatchObject({ done: { rows } });
    const failed = { message: 'no', stack: expect.stringContaining('tasks.mjs') };
    expect(await pool.run({ throw: 'no' })).toMatchObject({ failed });
  });

  it('goes on after a process that was killed idle, and blames no task for it', async () => {
    open(1);
    const first = await pidOf();
    process.kill(first, 'SIGKILL');
    expect(await pidOf()).not.toBe(first);
    // Now the pool has not yet heard of the death when the task comes.
    const second = await pidOf();
    const next = pool.run({});
    process.kill(second, 'SIGSTOP');
    process.kill(second, 'SIGKILL');
    expect(await next).toHaveProperty('done');
  });

  it('says of a task at which its process was killed that it died, and does those behind it', async () => {
    open(1);
    const pid = await pidOf();
    const killed = pool.run({ ms: 60_000 }, { onStart: () => process.kill(pid, 'SIGKILL') });
    const behind = pool.run({});
    expect(await killed).toEqual({ died: 'SIGKILL' });
    expect(await behind).toHaveProperty('done');
    expect(await pool.run({ exit: 3 })).toEqual({ died: 'exit code 3' });
  });

  it('ends although the last task kills its process', async () => {
    open(2);
    const outcomes = await Promise.all([pool.run({}), pool.run({ die: 'SIGKILL' })]);
    expect(outcomes[1]).toEqual({ died: 'SIGKILL' });
    await pool.close();
  });

  it('says so where the system refuses to start a process, and goes on with those that it has', async () => {
    const { execPath } = process;
    open(2);
    const pid = await pidOf();
    process.execPath = '/nowhere/node';
    try {
      const both = await Promise.all([pool.run({ ms: 200 }), pool.run({})]);
      expect(both).toMatchObject([{ done: { pid } }, { done: { pid } }]);
      await pool.close();
      open(2);
      await expect(Promise.all([pool.run({}), pool.run({})])).rejects.toThrow(InputError);
      await expect(pool.run({})).rejects.toThrow('The system refuses to start a process (ENOENT).');
    } finally {
      process.execPath = execPath;
    }
  });

  it('does not start for ever what ends before it can work', async () => {
    open(2, undefined, new URL('./unusable.mjs', import.meta.url));
    await expect(pool.run({})).rejects.toThrow('end before they can work (the last one: exit code 7)');
  });

  it('ends everything when a listener throws, and when it is aborted', async () => {
    open(2);
    const long = pool.run({ ms: 60_000 });
    const broken = pool.run(
      { note: 'x', ms: 60_000 },
      {
        onNote: () => {
          throw new Error('the listener');
        },
      },
    );
    const waiting = pool.run({});
    for (const task of [long, broken, waiting]) await expect(task).rejects.toThrow('the listener');
    await pool.close();
    const abort = new AbortController();
    open(1, abort.signal);
    const busy = pool.run({ spin: true }, { onStart: () => abort.abort(new Error('enough')) });
    await expect(busy).rejects.toThrow('enough');
    await expect(pool.run({})).rejects.toThrow('enough');
    await pool.close();
    await expect(open(1, AbortSignal.abort(new Error('before'))).run({})).rejects.toThrow('before');
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves no process behind when %s ends the one that opened it, even of those that compute without a pause',
    async (signal) => {
      const parent = spawn(process.execPath, [fileURLToPath(new URL('./parent.mjs', import.meta.url))], {
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      });
      const ended = new Promise((resolve) => parent.once('exit', (code, by) => resolve(by ?? code)));
      let said = '';
      const pids = await new Promise<number[]>((resolve) => {
        parent.stdout.on('data', (text) => {
          said += text;
          const numbers = said.trim().split('\n').map(Number);
          if (said.endsWith('\n') && numbers.length === 3) resolve(numbers);
        });
      });
      // As a terminal's interrupt, to the whole group; the others to the parent alone.
      process.kill(signal === 'SIGINT' ? -(parent.pid as number) : (parent.pid as number), signal);
      expect(await ended).toBe(signal);
      await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([]);
    },
  );
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
