import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { parsePickle, parseSafetensors, parseTorch } from '../../src/interchange/index.js';
import { corruptions, fixture, fixtureOf, fixtures, truncations } from './fixtures.js';

const bytes = (...parts: (string | number[])[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))),
  );
const ARRAY = 'cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS"b"\ntR';
const FLOATS = 'cnumpy\ndtype\n(S"f4"\nI0\nI1\ntR';

describe('pickles that are refused', () => {
  const reasons: Record<string, RegExp> = {
    'os.system': /"(posix|nt)\.system"/,
    eval: /"(builtins|__builtin__)\.eval"/,
    getattr: /"(builtins|__builtin__)\.getattr"/,
    complex: /"(builtins|__builtin__)\.complex"/,
    'complex array': /element type "c16"/,
    records: /element type "V12"/,
    longdouble: /element type "f16"/,
    dates: /element type "M8"/,
    'a type': /a Python type/,
  };
  it.each(fixtures('refused.json'))('%s', (name, file) => {
    const reason = reasons[name.split(',')[0]];
    expect(() => parsePickle(file, 'evil.pkl')).toThrow(InputError);
    expect(() => parsePickle(file, 'evil.pkl')).toThrow(reason);
    expect(() => parsePickle(file, 'evil.pkl')).toThrow(/^evil\.pkl cannot be read as a pickle: .* \(at byte \d+\)\.$/);
  });

  it('an unknown name by the byte where it stands', () => {
    expect(() => parsePickle(bytes('(lp0\ncos\nsystem\n.'), 'x')).toThrow(/"os\.system", .* \(at byte 5\)/);
    expect(() => parsePickle(bytes('(cos\nsystem\no.'), 'x')).toThrow(/"os\.system"/);
    expect(() => parsePickle(bytes('(S"ls"\nios\nsystem\n.'), 'x')).toThrow(/"os\.system"/);
    expect(() => parsePickle(bytes([0x80, 2], 'ccopy_reg\n_reconstructor\n.'), 'x')).toThrow(
      /"copy_reg\._reconstructor"/,
    );
    expect(() => parsePickle(bytes('c__proto__\n\n.'), 'x')).toThrow(/"__proto__\."/);
  });

  it('without letting a name reach the terminal as it stands', () => {
    const red = bytes([0x80, 4, 0x8c, 5], '\x1b[31m', [0x8c, 1], 'a', [0x93], '.');
    expect(() => parsePickle(red, 'x')).toThrow('"\\u001b[31m.a"');
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an empty file', bytes(), /cut short/],
    ['garbage', bytes('hello world'), /it is no pickle, or damaged/],
    ['protocol 6', bytes([0x80, 6], 'N.'), /protocol 6/],
    [
      'a text longer than the file',
      bytes('X\xff\xff\xff\x7fabc'),
      /2147483647 bytes should follow but only 3 are left/,
    ],
    [
      '8-byte lengths beyond all files',
      bytes([0x8e, 255, 255, 255, 255, 255, 255, 255, 255, 0]),
      /bytes should follow/,
    ],
    ['a frame longer than the file', bytes([0x80, 4, 0x95, 9, 0, 0, 0, 0, 0, 0, 0], 'N.'), /cut short/],
    ['text that is not UTF-8', bytes('X\x02\0\0\0\xff\xfe.'), /not UTF-8/],
    ['an integer of too many digits', bytes(`L${'9'.repeat(2000)}L\n.`), /integer/],
    ['an integer of too many bytes', bytes([0x8b, 0, 4, 0, 0], 'x'.repeat(1024), '.'), /integer of 1024 bytes/],
    ['nothing to stop with', bytes('.'), /not there/],
    ['a group that never began', bytes('t.'), /never began/],
    ['a value never remembered', bytes('g5\n.'), /never remembered/],
    ['a memory number beyond the file', bytes('Np999999999\n.'), /remembers/],
    ['an append to no list', bytes('NNa.'), /no list/],
    ['items of no dict', bytes('NNNs.'), /no dict/],
    ['a call of no function', bytes('N(tR.'), /no function/],
    ['a call with too little', bytes('cnumpy.core.multiarray\nscalar\n(tR.'), /element type/],
    ['a state of something without', bytes('N}b.'), /state/],
    ['a persistent id', bytes('Pabc\n.'), /outside it/],
    ['a buffer outside the file', bytes([0x80, 5, 0x97], '.'), /buffers outside/],
    ['an extension', bytes([0x80, 2, 0x82, 1], '.'), /registry/],
    ['a list in itself', bytes('(lp0\ng0\na.'), /contains itself/],
    ['lists in lists without end', bytes('('.repeat(5000), 'l'.repeat(5000), '.'), /nested more than 100/],
    ['groups in groups without end', bytes('('.repeat(5000), 't'.repeat(5000), '.'), /nested more than 100/],
    ['an unfinished array', bytes(ARRAY, '.'), /unfinished/],
    [
      'an array larger than its data',
      bytes(ARRAY, '(I1\n(I1000000000\nI1000000000\nt', FLOATS, 'I0\nS"abcd"\ntb.'),
      /far more/,
    ],
    [
      'an array smaller than its data',
      bytes(ARRAY, '(I1\n(I3\nt', FLOATS, 'I0\nS"abcd"\ntb.'),
      /needs 12 bytes .* has 4/,
    ],
    ['an array of negative size', bytes(ARRAY, '(I1\n(I-1\nt', FLOATS, 'I0\nS"abcd"\ntb.'), /shape/],
    ['an empty array of endless rows', bytes(ARRAY, '(I1\n(I900000000\nI0\nt', FLOATS, 'I0\nS""\ntb.'), /far more/],
    ['an endless range', bytes('c__builtin__\nxrange\n(I900000000\ntR.'), /far more/],
    ['a zip archive', bytes('PK\x03\x04....'), /zip archive/],
    ['a gzip file', bytes([0x1f, 0x8b, 8, 0]), /gzip/],
  ])('%s', (_, file, reason) => {
    expect(() => parsePickle(file, 'x.pkl')).toThrow(InputError);
    expect(() => parsePickle(file, 'x.pkl')).toThrow(reason);
    expect(() => parsePickle(file, 'x.pkl')).toThrow(/^x\.pkl /);
  });

  it('shared parts that repeat without end, but not those that repeat a little', () => {
    const laughs = (levels: number) => {
      let program = '(lp0\nI1\na';
      for (let level = 1; level <= levels; level++) program += `(${`g${level - 1}\n`.repeat(10)}lp${level}\n`;
      return bytes(program, '.');
    };
    expect(parsePickle(laughs(3), 'x')).toHaveLength(10);
    expect(() => parsePickle(laughs(40), 'x')).toThrow(/repeats parts of itself/);
  });

  it('the same bytes decoded over and over', () => {
    const data = `S'${'abcd'.repeat(50_000)}'\np0\n0${FLOATS}p1\n0`;
    const again = `${ARRAY}(I1\n(I50000\ntg1\nI0\ng0\ntb`;
    expect(() => parsePickle(bytes(data, '(', again.repeat(300), 'l.'), 'x')).toThrow(/far more/);
  });
});

describe('damaged files never crash a reader', () => {
  const safetensors = fixture('python.safetensors');
  const pickles = ['plain.json', 'python2.json', 'tensors.json', 'numpy.json', 'refused.json'].flatMap((name) =>
    fixtures(name).map(([key, file]) => [`${name} ${key}`, file] as const),
  );

  it.each(pickles.filter(([name]) => !name.startsWith('numpy')))('%s cut at every byte', (_, file) => {
    expect(truncations(parsePickle, file)).toBe(file.length);
  });

  it.each(pickles)('%s with bytes changed', (_, file) => {
    expect(corruptions(parsePickle, file, 150)).toBeGreaterThan(0);
  });

  it('torch archives cut at every byte', () => {
    const file = fixtureOf('torch.json', 'anchors');
    expect(truncations(parseTorch, file)).toBe(file.length);
  });

  it.each(fixtures('torch.json'))('torch archive "%s" with bytes changed', (_, file) => {
    expect(corruptions(parseTorch, file, 300)).toBeGreaterThan(0);
  });

  it('safetensors with bytes changed', () => {
    expect(corruptions(parseSafetensors, safetensors, 1000)).toBeGreaterThan(0);
  });
});
