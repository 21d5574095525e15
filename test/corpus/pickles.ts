/** What a test's feature file may hold: arrays become lists, integers int, other numbers float, Maps dict. */
export type Plain = null | number | string | Plain[] | Map<string | number, Plain>;

/** A pickle, protocol 2, whose root is a tuple: the feature files that tests refuse or accept, made without Python. */
export function pickleTuple(items: readonly Plain[]): Uint8Array {
  return Buffer.concat([Buffer.from([0x80, 2]), Buffer.from('('), ...items.map(encode), Buffer.from('t.')]);
}

function encode(value: Plain): Buffer {
  if (value === null) return Buffer.from('N');
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    const head = Buffer.from('X0000');
    head.writeUInt32LE(text.length, 1);
    return Buffer.concat([head, text]);
  }
  if (typeof value === 'number') {
    const short = (value | 0) === value;
    const out = Buffer.alloc(short ? 5 : 9);
    if (short) {
      out.write('J');
      out.writeInt32LE(value, 1);
    } else {
      out.write('G');
      out.writeDoubleBE(value, 1);
    }
    return out;
  }
  const [empty, close] = value instanceof Map ? ['}(', 'u'] : ['](', 'e'];
  const items = value instanceof Map ? [...value].flat() : value;
  return Buffer.concat([Buffer.from(empty), ...items.map(encode), Buffer.from(close)]);
}
