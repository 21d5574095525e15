import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const inside = temporaryDirectory();
const quick = ['--preset', 'small', '--set', 'hidden=16', '--set', 'epochs=1', '--set', 'batchSize=40'];

describe('vega-merc verify', () => {
  beforeAll(() => {
    vegaMerc(['sample', inside('corpus')]);
    for (const run of ['one', 'two'])
      vegaMerc(['train', inside('corpus'), '--anchors', 'none', '--out', inside(run), ...quick]);
  }, 120_000);

  test('says that untouched runs hold, and with exit code 1 which does not and why', () => {
    const fine = vegaMerc(['verify', inside('one'), inside('two')]);
    expect(fine.stderr).toBe('');
    expect(fine.status).toBe(0);
    expect(fine.stdout).toContain(`${inside('one')}: holds\n  test: 117 utterances, weighted F1 `);
    expect(fine.stdout).toContain('2 of 2 runs hold.');

    const card = inside('two/evaluation.json');
    const text = readFileSync(card, 'utf8');
    writeFileSync(card, text.replace(/"weightedF1": [\d.]+/, '"weightedF1": 0.97'));
    const tampered = vegaMerc(['verify', inside('one'), inside('two')]);
    expect(tampered.status).toBe(1);
    expect(tampered.stdout).toContain(`${inside('one')}: holds\n`);
    expect(tampered.stdout).toContain(`${inside('two')}: does NOT hold\n`);
    expect(tampered.stdout).toContain('1 of 2 runs hold.');
    expect(tampered.stderr).toContain('splits.test.classHead.weightedF1 is 0.97 and not 0.');

    const json = vegaMerc(['verify', inside('two'), '--json']);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject([
      { directory: inside('two'), holds: false, splits: [{ split: 'test' }] },
    ]);
  }, 120_000);

  test('of what is no run is a failure in a sentence', () => {
    const { status, stderr } = vegaMerc(['verify', inside('nothing')]);
    expect(status).toBe(1);
    expect(stderr).toContain('has no evaluation.json, so there are no numbers to verify');
    expect(vegaMerc(['verify']).status).toBe(2);
  });
});
