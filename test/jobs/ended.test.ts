import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { endedBySlurm } from '../../src/jobs/index.js';

const root = mkdtempSync(join(tmpdir(), 'vega-ended-'));
afterAll(() => rmSync(root, { recursive: true }));

describe('endedBySlurm', () => {
  it('says of which workers SLURM ended, why, and what to do', () => {
    const logs = join(root, 'jobs', 'slurm');
    expect(endedBySlurm(root)).toEqual([]);
    mkdirSync(logs, { recursive: true });
    const log = (name: string, text: string) => writeFileSync(join(logs, name), text);
    log(
      '7_0.log',
      'job 0 (toy, none, seed 1) …\nslurmstepd-n1: error: *** JOB 7 ON n1 CANCELLED AT 2026-01-01T00:00:00 DUE TO TIME LIMIT ***\n',
    );
    log(
      '7_1.log',
      'slurmstepd: error: Detected 1 oom_kill event in StepId=8.batch. Some of the step tasks have been OOM Killed.\n',
    );
    log('7_2.log', 'job 2 (toy, zoom, seed 3): done\n1 job done, 0 failed.\n');
    log('7_3.log', 'slurmstepd: error: *** JOB 9 ON n2 CANCELLED AT 2026-01-01T00:00:00 DUE TO NODE FAILURE ***\n');
    expect(endedBySlurm(root)).toEqual([
      { log: join(logs, '7_0.log'), reason: expect.stringMatching(/time limit.*submit again.*--time/) },
      { log: join(logs, '7_1.log'), reason: expect.stringMatching(/memory.*submit again.*--mem/) },
    ]);
  });
});
