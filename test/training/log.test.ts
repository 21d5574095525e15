import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog, readLog } from '../../src/training/log.js';
import { START } from '../../src/training/progress.js';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'vega-log-'));
  path = join(directory, 'metrics.jsonl');
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (...epochs: number[]) => {
  const log = openLog(path, START);
  log.write({ event: 'start', epoch: 0 });
  for (const epoch of epochs) log.write({ event: 'epoch', epoch, losses: { total: 1.5 } });
  log.close();
};
const at = (epoch: number) => ({ ...START, epoch });

describe('the metrics log', () => {
  it('has every event in the file as soon as it is written', () => {
    const log = openLog(path, START);
    log.write({ event: 'start', epoch: 0 });
    expect(readFileSync(path, 'utf8')).toBe('{"event":"start","epoch":0}\n');
    log.close();
  });

  it('drops what comes after the checkpoint that a run resumes from', () => {
    write(1, 2, 3);
    appendFileSync(path, '{"event":"end","epoch":3}\n');
    const log = openLog(path, at(2));
    log.write({ event: 'resume', epoch: 2 });
    log.close();
    expect(readLog(path).map(({ event, epoch }) => `${event} ${epoch}`)).toEqual([
      'start 0',
      'epoch 1',
      'epoch 2',
      'resume 2',
    ]);
  });

  it('keeps all epochs but not the end where the last checkpoint is the end', () => {
    write(1, 2);
    appendFileSync(path, '{"event":"end","epoch":2}\n');
    openLog(path, at(2)).close();
    expect(readLog(path).map(({ event }) => event)).toEqual(['start', 'epoch', 'epoch']);
  });

  it('survives a torn last line', () => {
    write(1);
    appendFileSync(path, '{"event":"epoch","epo');
    expect(readLog(path)).toHaveLength(2);
    const log = openLog(path, at(1));
    log.write({ event: 'epoch', epoch: 2 });
    log.close();
    expect(readLog(path).map(({ epoch }) => epoch)).toEqual([0, 1, 2]);
  });

  it('is empty where there is no file', () => {
    expect(readLog(path)).toEqual([]);
  });
});
