import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

/** Runs the built program as a user would; `npm test` builds it first. */
export function vegaMerc(args: readonly string[], environment: NodeJS.ProcessEnv = {}, input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/cli/main.js', ...args], {
    encoding: 'utf8',
    input,
    env: { ...process.env, VEGA_MERC_DEBUG: '', ...environment },
    maxBuffer: 64 * 1024 * 1024,
    // No timer of the tests runs while this waits: a program that hangs must not hang them all.
    timeout: 240_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}

/** A directory of its own for the tests of a file, gone afterwards. @returns makes a path inside */
export function temporaryDirectory(): (name: string) => string {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'vega-merc-'));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return (name) => join(directory, name);
}
