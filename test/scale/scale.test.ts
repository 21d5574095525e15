import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt } from '../jobs/attempts.js';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'vega-scale-test-'));
  mkdirSync(join(home, 'experiment/jobs/attempts'), { recursive: true });
  // Two at a time, uneven: 10 runs of 40 to 80 s.
  const free = [0, 0];
  const attempts = Array.from({ length: 10 }, (_, i) => {
    const lane = free[0] <= free[1] ? 0 : 1;
    const from = free[lane];
    free[lane] = from + 40 + 10 * (i % 5);
    return attempt(i, 'here', from, free[lane]);
  });
  writeFileSync(
    join(home, 'experiment/jobs/attempts/here.jsonl'),
    attempts.map((one) => `${JSON.stringify(one)}\n`).join(''),
  );
  const measured = (help: string, seconds: number) => ({
    runs: 100,
    help,
    job: { operations: 150, startOperations: 10 },
    look: { operations: 4, cpu: 0.001 },
    start: { cpu: 1, cpuPerPlannedJob: 0 },
    tables: { cpuPerRun: 0 },
    ledger: { secondsEmpty: 0.001, secondsLong: seconds },
  });
  writeFileSync(join(home, 'now.json'), JSON.stringify(measured('logs', 0.001)));
  writeFileSync(join(home, 'before.json'), JSON.stringify(measured('all', 0.1)));
});
afterAll(() => rmSync(home, { recursive: true }));

function scale(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/scale.mjs', ...args], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

describe('bench/scale.mjs', () => {
  it('has the throughput of a recorded experiment from its own attempts', () => {
    const { runs, atATime, error } = scale('validate', join(home, 'experiment'));
    expect([runs, atATime]).toEqual([10, 2]);
    expect(Math.abs(error)).toBeLessThan(0.1);
  });

  it('prints makespan and wasted work against the ideal, and draws them', () => {
    const svg = join(home, 'scale.svg');
    const both = `${join(home, 'now.json')},${join(home, 'before.json')}`;
    const found = scale('simulate', join(home, 'experiment'), '--measured', both, '--runs', '2000', '--svg', svg);
    expect(found.now).toHaveLength(12);
    for (const row of [...found.now, ...found.before]) {
      expect(row.hours).toBeGreaterThanOrEqual(row.idealHours);
      expect(row.wastedPercent).toBeLessThan(20);
    }
    expect(found.now[0].idealHours).toBeCloseTo((2000 * 60) / 3600, 1);
    const slowest = (rows: { hours: number }[]) => Math.max(...rows.slice(-1).map(({ hours }) => hours));
    expect(slowest(found.before)).toBeGreaterThan(2 * slowest(found.now));
    expect(Object.keys(found.changesAlone)).toEqual(['logs', 'ledger', 'tables']);
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [\s\S]*ideal: the work alone[\s\S]*<\/svg>\s*$/);
  });
});
