import { AsyncResource } from 'node:async_hooks';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { ClaimedError, withDirectory, withFile } from '../../src/base/claim.js';
import { HERE, type Owner, startOf } from '../../src/base/owner.js';

const root = mkdtempSync(join(tmpdir(), 'vega-claim-'));
afterAll(() => rmSync(root, { recursive: true }));
const at = (...names: string[]) => join(root, ...names);
const script = fileURLToPath(new URL('./claimant.mjs', import.meta.url));
const brief = { doing: 'evaluate', brief: true };
/** Code that does not belong to what a claim was made for. */
const outside = new AsyncResource('outside');
/** What a process on another machine does. */
const other = (name: string) => withDirectory(at(name), { ...brief, here: elsewhere }, () => readdirSync(at(name)));
const elsewhere = { host: 'node2', machine: 'another boot' };

/** A process that holds a directory. @param before what starts Node. */
async function holder(directory: string, before: string[] = []): Promise<ChildProcess> {
  const [program, ...args] = [...before, process.execPath, script, directory, 'hold'];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  return child;
}

const killed = (child: ChildProcess) =>
  new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill('SIGKILL');
  });

describe('withDirectory', () => {
  it('lets one in at a time, says who it is, and is free afterwards on every path', async () => {
    const inside = withDirectory(at('a'), { doing: 'train' }, async (claim) => {
      claim.check();
      const names = readdirSync(at('a'));
      expect(names).toEqual(['.claim.1']);
      expect(JSON.parse(readFileSync(at('a', names[0]), 'utf8'))).toMatchObject({ doing: 'train', pid: process.pid });
      // What it calls may write there too.
      expect(withDirectory(at('a'), brief, () => 'nested')).toBe('nested');
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    const second = () => withDirectory(at('a'), brief, () => undefined);
    expect(second).toThrow(ClaimedError);
    expect(second).toThrow(
      new RegExp(`is in use: "train", process ${process.pid} on ${hostname()}, has been writing there since 20.*Wait`),
    );
    await inside;
    expect(existsSync(at('a'))).toBe(false);
    expect(withDirectory(at('a'), brief, () => readdirSync(at('a')))).toEqual(['.claim.1']);
  });

  it('leaves no empty directory behind where nothing was written', async () => {
    const fail = () => withDirectory(at('deep/er'), brief, () => Promise.reject(new Error('no')));
    await expect(fail()).rejects.toThrow('no');
    expect(existsSync(at('deep'))).toBe(false);
    expect(() =>
      withDirectory(at('deep'), brief, () => {
        writeFileSync(at('deep/kept'), '');
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(readdirSync(at('deep'))).toEqual(['kept']);
  });

  it('is free at once when its holder was killed, also where its process number is in use again', async () => {
    const child = await holder(at('killed'));
    expect(() => withDirectory(at('killed'), brief, () => undefined)).toThrow(`process ${child.pid} on`);
    await killed(child);
    expect(withDirectory(at('killed'), brief, () => readdirSync(at('killed')))).toEqual(['.claim.2']);
    const reused: Owner = {
      ...HERE,
      doing: 'train',
      pid: process.ppid,
      started: `${Number(startOf(process.ppid)?.started) - 1}`,
      since: new Date().toISOString(),
      lease: 1000,
      token: 'x',
    };
    withDirectory(at('reused'), brief, () => writeFileSync(at('reused/kept'), ''));
    writeFileSync(at('reused/.claim.3'), JSON.stringify(reused));
    expect(withDirectory(at('reused'), brief, () => readdirSync(at('reused')).sort())).toEqual(['.claim.4', 'kept']);
  });

  it('is taken over from another machine when its signs of life have been missing for a lease, which it notices', async () => {
    let over = () => {};
    const inside = withDirectory(at('far'), { ...brief, lease: 0.3 }, async (claim) => {
      await new Promise<void>((resolve) => {
        over = resolve;
      });
      expect(() => claim.check()).toThrow('another one has taken the place over');
    });
    expect(() => other('far')).toThrow(/last sign of life was \d+ s ago.*free 0.3 s after the last sign/);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(other('far')).toEqual(['.claim.2']);
    over();
    await inside;
    expect(existsSync(at('far'))).toBe(false);
  });

  it('gives signs of life also while its process computes without a pause', async () => {
    await withDirectory(at('busy'), { doing: 'train', lease: 12 }, async () => {
      // The thread of the signs starts; then nothing else runs for longer than the lease.
      await new Promise((resolve) => setTimeout(resolve, 1000));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 14_000);
      expect(() => outside.runInAsyncScope(() => other('busy'))).toThrow(/last sign of life was \d s ago/);
    });
  }, 60_000);

  it('keeps many processes apart that come at once to what a dead one left', async () => {
    await killed(await holder(at('many')));
    writeFileSync(at('many/kept'), '');
    const codes = await Promise.all(
      Array.from({ length: 6 }, () => {
        const child = spawn(process.execPath, [script, at('many'), 'again', '25'], { stdio: 'inherit' });
        return new Promise((resolve) => child.once('exit', resolve));
      }),
    );
    expect(codes).toEqual([0, 0, 0, 0, 0, 0]);
    expect(readdirSync(at('many'))).toEqual(['kept']);
  });

  it('keeps out a process that cannot see the one that holds it', async ({ skip }) => {
    const unshare = ['unshare', '--pid', '--fork', '--kill-child', '--uts', 'sh', '-c', 'exec "$0" "$@"'];
    const probe = spawn(unshare[0], [...unshare.slice(1), 'true'], { stdio: 'ignore' });
    const able = await new Promise((resolve) => {
      probe.once('error', () => resolve(false));
      probe.once('exit', (code) => resolve(code === 0));
    });
    if (!able) skip('needs the right to make a namespace of processes');
    const child = await holder(at('apart'), unshare);
    expect(() => withDirectory(at('apart'), brief, () => undefined)).toThrow(/last sign of life was \d+ s ago/);
    await killed(child);
  });
});

describe('withFile', () => {
  it('claims a file that need not be there', async () => {
    // A process was killed as it was claiming.
    writeFileSync(at('x.bin.claim.1.0123abcd.tmp'), '');
    const inside = withFile(at('x.bin'), { doing: 'anchors build' }, async () => {
      expect(existsSync(at('x.bin.claim.1.0123abcd.tmp'))).toBe(false);
      expect(existsSync(at('x.bin.claim.1'))).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    expect(() => withFile(at('x.bin'), brief, () => undefined)).toThrow('x.bin is in use: "anchors build"');
    await inside;
    expect(existsSync(at('x.bin.claim.1'))).toBe(false);
  });
});
