import { latin1Bytes as bytesOf } from '../../base/text.js';
import type { Work } from './values.js';

/** Longer integers are no data, and reading them takes more than linear time. */
const MAX_DIGITS = 1000;
const MAX_INTEGER_BYTES = 400;

/** A number where it is exact, else a bigint. */
export function exactInteger(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** An integer in decimals, as protocol 0 writes it (Python 2 may end it with L). */
export function parseInteger(text: string, work: Work): number | bigint {
  const digits = text.replace(/L$/, '');
  if (!/^[+-]?\d+$/.test(digits) || digits.length > MAX_DIGITS) work.refuse('an integer is written as no integer');
  const near = Number(digits);
  return Number.isSafeInteger(near) ? near + 0 : BigInt(digits.replace(/^\+/, ''));
}

/** An integer in two's complement, little-endian. */
export function decodeInteger(bytes: Uint8Array, work: Work): number | bigint {
  if (bytes.length > MAX_INTEGER_BYTES) work.refuse(`it holds an integer of ${bytes.length} bytes`);
  if (bytes.length === 0) return 0;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).reverse();
  return exactInteger(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex.join('')}`)));
}

/** A float in decimals, as protocol 0 writes it. */
export function parseFloatText(text: string, work: Work): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return Number(text);
  const special = /^([+-]?)(inf|nan)$/.exec(text);
  if (special === null) return work.refuse('a float is written as no float');
  return special[2] === 'nan' ? Number.NaN : special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '\n': '' };

/** A Python 2 str in quotes with escapes, as protocol 0 writes it; its bytes become latin-1 text. */
export function parseQuoted(text: string, work: Work): string {
  const quote = text[0];
  if (text.length < 2 || !(quote === "'" || quote === '"') || text.at(-1) !== quote)
    work.refuse('a string stands in no quotes');
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[\s\S])/g, (whole, code: string) => {
    if (code.length === 3 && code[0] === 'x') return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    return ESCAPES[code] ?? (/[\\'"]/.test(code) ? code : whole);
  });
}

/** Text in Python's raw-unicode-escape, as protocol 0 writes it. */
export function parseRawUnicode(text: string, work: Work): string {
  return text.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) => {
    if (short !== undefined) return String.fromCharCode(Number.parseInt(short, 16));
    const point = Number.parseInt(long as string, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : work.refuse('it holds a character beyond Unicode');
  });
}

/** The bytes that latin-1 text stands for: raw data of Python 2, and of protocols 0 to 2 of Python 3. */
export function latin1Bytes(text: string, work: Work): Uint8Array {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole range of latin-1 is meant, NUL included.
  if (/[^\x00-\xff]/.test(text)) work.refuse('text that should stand for bytes has characters beyond latin-1');
  work.charge(text.length);
  return bytesOf(text);
}
