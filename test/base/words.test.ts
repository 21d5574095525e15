import { describe, expect, it } from 'vitest';
import { duplicateName } from '../../src/base/duplicates.js';
import { nearestName, suggestion } from '../../src/base/names.js';
import { portableSha256, sha256 } from '../../src/base/sha256.js';
import { fileName, latin1Bytes, latin1Text, stem } from '../../src/base/text.js';
import { printable, quote, quoteSome } from '../../src/base/words.js';

describe('what a terminal would obey', () => {
  it('is written out', () => {
    expect(printable('\x1b]0;owned\x07\x1b[2Jjoy\r\u009b31m\u202etfel')).toBe(
      '\\u001b]0;owned\\u0007\\u001b[2Jjoy\\u000d\\u009b31m\\u202etfel',
    );
  });

  it('leaves words of every language, lines and tabs alone, and a JSON document its meaning', () => {
    const text = 'größe\t悲しみ\nحزن – 😀';
    expect(printable(text)).toBe(text);
    const value = { name: '\u009b2J\x1b', list: [1, 'a\nb'] };
    expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
  });
});

describe('names that sentences repeat', () => {
  it('are quoted, and cut where they are long', () => {
    expect(quote('joy')).toBe('"joy"');
    expect(quote('a"b\x1b')).toBe('"a\\"b\\u001b"');
    const long = quote('x'.repeat(10_000_000));
    expect(long.length).toBeLessThan(120);
    expect(long).toContain('10,000,000 characters');
    // No half of a character beyond the first plane.
    expect(quote(`${'x'.repeat(79)}😀${'y'.repeat(9)}`)).not.toMatch(/\\ud83d/);
    expect(quoteSome(['a', 'b', 'c'], 2)).toBe('"a", "b" and 1 more');
  });

  it('are compared only where they are short: 2 MB beside 2 MB would take minutes', () => {
    const name = 'a'.repeat(2_000_000);
    expect(nearestName(name, [`${name}b`])).toBeUndefined();
    expect(nearestName('joy', [name, 'jo'])).toBe('jo');
    expect(suggestion(name, [name]).length).toBeLessThan(200);
    expect(suggestion('jy', ['anger', 'joy'])).toBe(' Did you mean "joy"?');
    expect(suggestion('zebra', ['anger', 'joy'])).toBe(' Known: anger, joy.');
  });
});

describe('names that an object of JSON holds twice', () => {
  it.each([
    ['{"a":1,"a":2}', 'a'],
    ['{"x":{"b":[{"a":1}],"b":1}}', 'b'],
    ['{"a\\u0062":1,"ab":2}', 'ab'],
    ['{"a":"a","b":["b","b"],"c":{"a":1}}', undefined],
    ['{"a\\"":1,"a":[{"a":1},{"a":1}]}', undefined],
    ['["a","a"]', undefined],
  ])('%s', (json, name) => {
    expect(duplicateName(json)).toBe(name);
  });
});

it('hashes the same with and without Node', () => {
  const parts = ['größe', Uint8Array.of(0, 255, 7), new Uint8Array(1000).fill(3)];
  expect(sha256(...parts)).toBe(portableSha256(...parts));
  expect(portableSha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('gives bytes as latin-1 text and back, and names of paths', () => {
  const bytes = Uint8Array.from({ length: 20_000 }, (_, i) => i & 0xff);
  expect(latin1Bytes(latin1Text(bytes))).toEqual(bytes);
  expect(latin1Text(Uint8Array.of(0x80))).toBe('\x80');
  expect([fileName('a/b.c/'), fileName('a\\b.pkl'), stem('x/a.tar.gz'), stem('.hidden')]).toEqual([
    'b.c',
    'b.pkl',
    'a.tar',
    '.hidden',
  ]);
});
