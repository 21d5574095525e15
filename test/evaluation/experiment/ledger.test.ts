import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import * as read from '../../../src/base/read.js';
import { type LedgerEntry, ledgerFailures, readLedger, recordLook } from '../../../src/evaluation/experiment/ledger.js';

vi.mock('../../../src/base/read.js', { spy: true });

let home: string;
let path: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vega-ledger-'));
  path = join(home, 'ledger.jsonl');
});
afterEach(() => rmSync(home, { recursive: true }));

const look = (seed: number, what = 'scores'): LedgerEntry => ({
  time: '2026-01-02T03:04:05.000Z',
  corpus: 'toy',
  corpusHash: 'h',
  split: 'test',
  configuration: 'none – ohne',
  seed,
  model: 'm'.repeat(64),
  what,
  selection: 'validation-selected',
});
const seeds = () => readLedger(home).map(({ seed }) => seed);

describe('recordLook', () => {
  it('chains each look to the one before, however long lines are', () => {
    for (const seed of [1, 2, 3]) recordLook(home, { ...look(seed), what: `${seed}`.repeat(30_000) });
    recordLook(home, look(4));
    expect(seeds()).toEqual([1, 2, 3, 4]);
    expect(ledgerFailures(home)).toEqual([]);
  });

  it('takes the place of a line that was cut off, also of the only one', () => {
    writeFileSync(path, '{"time":');
    recordLook(home, look(1));
    appendFileSync(path, '{"time": "200');
    recordLook(home, look(2));
    truncateSync(path, readFileSync(path).length - 1);
    recordLook(home, look(3));
    expect(seeds()).toEqual([1, 3]);
    expect(ledgerFailures(home)).toEqual([]);
  });

  it('does not repeat the look of a run that was killed between it and its scores, or before it', () => {
    const [one, two] = [join(home, 'one.json'), join(home, 'two.json')];
    recordLook(home, look(1), { intent: one });
    recordLook(home, look(2), { intent: two });
    recordLook(home, look(1), { intent: one });
    recordLook(home, look(1, 'drop audio 0.5'), { intent: one });
    recordLook(home, look(1, 'drop audio 0.5'), { intent: one });
    expect(readLedger(home).map(({ seed, what }) => `${seed} ${what}`)).toEqual([
      '1 scores',
      '2 scores',
      '1 drop audio 0.5',
    ]);
    // Killed after the intent was written, and before the look was.
    rmSync(path);
    rmSync(two);
    recordLook(home, look(9), {});
    recordLook(home, look(1), { intent: one });
    expect(seeds()).toEqual([9, 1]);
    expect(ledgerFailures(home)).toEqual([]);
  });

  it('reads the end of a long ledger, not all of it', () => {
    recordLook(home, look(1));
    appendFileSync(path, readFileSync(path, 'utf8').repeat(10_000));
    const bytes = vi.mocked(read.readFileStart);
    bytes.mockClear();
    recordLook(home, look(2), { intent: join(home, 'run.json') });
    expect(bytes.mock.results.reduce((sum, { value }) => sum + value.bytes.length, 0)).toBeLessThan(20_000);
    expect(existsSync(join(home, 'run.json'))).toBe(true);
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(10_002);
  });
});
