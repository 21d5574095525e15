import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createProgress, formatTable, paceOf, percent, plural, print } from '../../src/cli/output.js';

describe('formatTable', () => {
  test('puts numbers to the right and words to the left, without colours', () => {
    expect(
      formatTable(
        ['class', 'f1', 'support'],
        [
          ['joy', '61.3', '1,205'],
          ['anger', '–', 9],
        ],
      ),
    ).toBe(
      [
        '┌───────┬──────┬─────────┐',
        '│ class │   f1 │ support │',
        '├───────┼──────┼─────────┤',
        '│ joy   │ 61.3 │   1,205 │',
        '│ anger │    – │       9 │',
        '└───────┴──────┴─────────┘',
      ].join('\n'),
    );
  });

  test('is a head alone without rows', () => {
    expect(formatTable(['a'], [])).toContain('│ a │');
  });
});

test('percent has one digit after the point', () => {
  expect(percent(0.61349)).toBe('61.3');
  expect(percent(1)).toBe('100.0');
});

test('paceOf says how fast it goes and how long it takes', () => {
  expect(paceOf(0, 400, 10)).toBe('');
  expect(paceOf(100, 400, 100)).toBe('3,600 an hour, about 5 min left');
  expect(paceOf(400, 400, 400)).toBe('3,600 an hour');
});

test('plural counts', () => {
  expect([plural(1, 'dialogue'), plural(0, 'dialogue'), plural(1432, 'dialogue')]).toEqual([
    '1 dialogue',
    '0 dialogues',
    '1,432 dialogues',
  ]);
});

describe('createProgress away from a terminal', () => {
  const lines: string[] = [];
  const tty = process.stderr.isTTY;
  beforeEach(() => {
    lines.length = 0;
    process.stderr.isTTY = false;
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.stderr.isTTY = tty;
  });

  test('prints a plain line a tenth', () => {
    const progress = createProgress('faces', 200);
    for (let done = 1; done <= 200; done++) progress.update(done);
    progress.stop();
    expect(lines).toEqual(Array.from({ length: 10 }, (_, i) => `faces ${20 * (i + 1)}/200\n`));
  });

  test('prints every unit of a few, with its note', () => {
    const progress = createProgress('epoch', 3);
    progress.update(1, 'F1 50.1');
    progress.update(2, 'F1 52.0');
    progress.update(3);
    expect(lines).toEqual(['epoch 1/3 F1 50.1\n', 'epoch 2/3 F1 52.0\n', 'epoch 3/3\n']);
  });
});

test('a class name that would command a terminal is written out, in tables and in lines', () => {
  const name = '\x1b]0;owned\x07\x1b[2J\nx';
  expect(formatTable(['class'], [[name]])).toContain('\\u001b]0;owned\\u0007\\u001b[2J\\nx');
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  print(`class ${name}`);
  expect(write.mock.calls[0][0]).toBe('class \\u001b]0;owned\\u0007\\u001b[2J\nx\n');
  write.mockRestore();
});
