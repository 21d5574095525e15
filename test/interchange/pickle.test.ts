import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPickle } from '../../src/interchange/files.js';
import { type PickleValue, parsePickle } from '../../src/interchange/index.js';
import { fixtureOf, fixtures } from './fixtures.js';

const asMap = (value: PickleValue) => value as Map<string | number, PickleValue>;
const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))),
  );

describe('plain Python data', () => {
  it.each(fixtures('plain.json'))('%s', (_, file) => {
    const value = asMap(parsePickle(file, 'x.pkl'));
    expect(value.get('none')).toBeNull();
    expect(value.get('bools')).toEqual([true, false]);
    expect(value.get('ints')).toEqual([
      0,
      1,
      -1,
      255,
      256,
      65535,
      65536,
      -(2 ** 31),
      2 ** 31,
      2 ** 53 - 1,
      2n ** 53n,
      -(2n ** 70n),
    ]);
    expect(value.get('floats')).toEqual([
      0.5,
      -0,
      1e300,
      -2.5e-7,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(value.get('text')).toEqual(['', 'abc', "é€😀\n\\u0041 'x'", 'long'.repeat(100)]);
    const all = Array.from({ length: 256 }, (_, i) => i);
    expect(value.get('bytes')).toEqual([
      new Uint8Array(0),
      Uint8Array.of(0, 255, 32, 97, 98, 99),
      Uint8Array.from([...all, ...all]),
    ]);
    expect(value.get('bytearray')).toEqual(Uint8Array.of(1, 254));
    expect(value.get('tuples')).toEqual([[], [1], [1, 2], [1, 2, 3], [1, [2, 3, 4, 5]]]);
    expect(value.get('set')).toEqual(new Set([1, 2]));
    expect(value.get('frozenset')).toEqual(new Set(['a']));
    expect([...asMap(value.get('ordered') as PickleValue)]).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
    expect(value.get('default')).toEqual(new Map([['k', [1]]]));
    expect(value.get('counter')).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    );
    const shared = value.get('shared') as PickleValue[];
    expect(shared).toEqual([[1], [1]]);
    expect(shared[0]).toBe(shared[1]);
    expect(value.get('range')).toEqual([2, 5]);
    expect(value.get(7)).toEqual(new Map([['nested', [new Map(), [], [[]]]]]));
  });

  it.each(fixtures('python2.json'))('as Python 2 wrote it, %s', (_, file) => {
    const value = asMap(parsePickle(file, 'x.pkl'));
    expect(value.get('ids')).toEqual(['Ses01', 'Ses02']);
    expect(value.get('quotes')).toBe('it\'s "q" \\ \n\t\0\xe9');
    expect(value.get('unicode')).toBe('é');
    expect(value.get('long')).toBe('\x80\x81'.repeat(200));
    expect(value.get('array')).toEqual({
      shape: [2, 2],
      dtype: 'float64',
      data: Float64Array.of(1.5, -2.5, 256, 1e-3),
    });
    expect(value.get('set')).toEqual(new Set([1, 2]));
    expect([...asMap(value.get('ordered') as PickleValue)]).toEqual([
      ['b', 1],
      ['a', 2],
    ]);
    expect(value.get('float')).toBe(0.5);
  });

  it.each<[string, Uint8Array, PickleValue]>([
    ['a long of Python 2', bytes('L12345678901234567890L\n.'), 12345678901234567890n],
    ['escapes of Python 2', bytes("S'\\x41\\102\\a\\q\\'\\\"'\n."), 'AB\x07\\q\'"'],
    ['surrogate pairs', bytes('V\\ud83d\\ude00\\U0001f600\n.'), '😀😀'],
    ['an 8-byte integer', bytes([0x80, 2, 0x8a, 8], [255, 255, 255, 255, 255, 255, 255, 127], '.'), 2n ** 63n - 1n],
    ['a negative integer', bytes([0x80, 2, 0x8a, 1, 0x80], '.'), -128],
    ['a large LONG4', bytes([0x80, 2, 0x8b, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '.'), 2n ** 64n],
    ['instructions that drop values', bytes('I1\n(I2\n0(I3\n1I4\n2\x86.').fill(0x30, 0, 0), [4, 4]],
    ['a list that is a dict key', bytes('(dp0\n(I1\ntp1\nI5\ns.'), new Map([[[1], 5]])],
    ['an old-style call', bytes('((lp0\ni__builtin__\nset\n.'), new Set()],
    ['an object call', bytes('(c__builtin__\nset\no.'), new Set()],
    ['a protocol 5 frozenset', bytes([0x80, 5], '(K\x01K\x02\x91.'), new Set([1, 2])],
    ['a protocol 4 object', bytes([0x80, 4], 'cbuiltins\nset\n)}\x92.'), new Set()],
  ])('reads %s', (_, file, expected) => {
    expect(parsePickle(file, 'x.pkl')).toEqual(expected);
  });

  it('reads the pickles of shared/data', () => {
    const meld = readPickle(new URL('../../../shared/data/meld/meld_text_use512.pkl', import.meta.url).pathname);
    const [speakers, labels, text, audio, , train, test] = meld as [...Map<number, PickleValue>[]] as Map<
      number,
      PickleValue
    >[];
    expect(speakers.size).toBe(1432);
    expect([...labels.values()].flat()).toHaveLength(13708);
    expect((text.get(0) as PickleValue[])[0]).toMatchObject({ shape: [512], dtype: 'float32' });
    expect(audio.get(0)).toMatchObject({ shape: [14, 8] });
    expect([train, test]).toEqual([expect.any(Array), expect.any(Array)]);
    const iemocap = readPickle(
      new URL('../../../shared/data/iemocap/iemocap_text_use512.pkl', import.meta.url).pathname,
    );
    const [sexes, , rows, , visual, trainIds] = iemocap as Map<string, PickleValue>[];
    expect((sexes.get('Ses03F_impro06') as string[]).slice(0, 3)).toEqual(['M', 'F', 'F']);
    expect(rows.get('Ses03F_impro06')).toMatchObject({ shape: [1, 53, 512] });
    expect(visual.get('Ses03F_impro06')).toMatchObject({ dtype: 'float64' });
    expect(trainIds).toBeInstanceOf(Set);
  });

  it('names the file that it cannot read', () => {
    const directory = mkdtempSync(join(tmpdir(), 'pickle-'));
    const path = join(directory, 'cut.pkl');
    writeFileSync(path, fixtureOf('plain.json', 'protocol 4').subarray(0, 100));
    expect(() => readPickle(path)).toThrow(/cut\.pkl cannot be read as a pickle/);
    expect(() => readPickle(join(directory, 'none.pkl'))).toThrow(/none\.pkl: there is no such file/);
    rmSync(directory, { recursive: true });
  });
});
