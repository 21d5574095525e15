import fc from 'fast-check';

/** Pieces that formats of text trip over. */
const NASTY = [
  'null',
  '-1',
  '1e999',
  '1e38',
  '9007199254740993',
  '1000000000',
  '0.5',
  'true',
  '""',
  '"__proto__"',
  '"constructor"',
  '[]',
  '{}',
  '[null]',
  '{"a":1}',
  '"\\u001b[2J"',
  '"\\ud800"',
  '\u202e',
  '\ufeff',
  '\n\n',
  '-->',
  '00:00:01,000 --> 00:00:00,500',
  ',,,',
  '"',
  '*x',
  '&x',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
  'x'.repeat(3000),
];

/** One change of bytes; places are shares of the length, so that a change means the same while it is shrunk. */
type Edit = (bytes: Bytes) => Bytes;
type Bytes = Uint8Array<ArrayBufferLike>;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const splice = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array =>
  new Uint8Array(Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(Math.min(bytes.length, at + remove))]));

const byteEdit = fc.oneof(
  fc.tuple(place, fc.nat(255)).map(
    ([p, value]): Edit =>
      (bytes) => {
        if (bytes.length > 0) bytes[Math.floor(p * (bytes.length - 1))] = value;
        return bytes;
      },
  ),
  fc.tuple(place, fc.nat(12)).map(
    ([p, count]): Edit =>
      (b) =>
        splice(b, Math.floor(p * b.length), count, new Uint8Array(0)),
  ),
  fc.tuple(place, fc.uint8Array({ maxLength: 12 })).map(
    ([p, more]): Edit =>
      (b) =>
        splice(b, Math.floor(p * b.length), 0, more),
  ),
  fc.tuple(place, place, fc.nat(64)).map(
    ([from, to, count]): Edit =>
      (b) => {
        const begin = Math.floor(from * b.length);
        return splice(b, Math.floor(to * b.length), 0, b.slice(begin, begin + count));
      },
  ),
  place.map(
    (p): Edit =>
      (b) =>
        b.slice(0, Math.floor(p * b.length)),
  ),
);

/** Replaces the n-th token of a text by something else. */
const tokenEdit = fc.tuple(place, fc.constantFrom(...NASTY)).map(
  ([p, token]): Edit =>
    (bytes) => {
      const text = Buffer.from(bytes).toString('utf8');
      const tokens = [...text.matchAll(/"(?:[^"\\\n]|\\.)*"|-?\d[\d.e+-]*|[A-Za-z_]+|[^\s]/g)];
      const found = tokens[Math.floor(p * (tokens.length - 1))];
      if (found === undefined) return bytes;
      const { index } = found;
      return new Uint8Array(Buffer.from(text.slice(0, index) + token + text.slice(index + found[0].length)));
    },
);

/** Copies of valid files with some of their bytes (and, for text, tokens) changed; now and then none is. */
export function mutated(seeds: readonly Uint8Array[], kind: 'binary' | 'text'): fc.Arbitrary<Uint8Array> {
  // A copy: a Buffer's slice would share its memory, and one case spoil the next.
  const edit = kind === 'text' ? fc.oneof(tokenEdit, tokenEdit, byteEdit) : byteEdit;
  return fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 5 }))
    .map(([seed, edits]) => edits.reduce<Bytes>((bytes, change) => change(bytes), new Uint8Array(seed)));
}

export const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'utf8'));
