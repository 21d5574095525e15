import chardet from 'chardet';
import iconv from 'iconv-lite';

/** A text and how its bytes were read. */
export interface Decoded {
  text: string;
  /** "UTF-8", or the encoding that was told by a mark or guessed. */
  encoding: string;
  /** True where nothing but the letters themselves tells the encoding. */
  guessed: boolean;
}

/** Bytes looked at to find UTF-16 without a mark. */
const LOOKED_AT = 4096;
/** Below this a guess is worth less than the commonest answer. */
const LEAST_CONFIDENCE = 20;
const COMMONEST = 'windows-1252';
/** What Windows writes for Latin-1: the same letters, and “quotes” where Latin-1 has control characters. */
const SUPERSET: Record<string, string> = { 'ISO-8859-1': 'windows-1252', 'ISO-8859-9': 'windows-1254' };

/**
 * Decodes the bytes of a text file: by its byte-order mark; as UTF-16 where every other byte of the text is zero or the
 * same; as UTF-8 where it is valid; else by the frequency of letters, Windows-1252 where that says little.
 */
export function decodeText(bytes: Uint8Array): Decoded {
  const wide = utf16Of(bytes);
  if (wide !== undefined) {
    const text = iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), wide);
    return { text, encoding: wide, guessed: false };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: 'UTF-8', guessed: false };
  } catch {
    const [best] = chardet.analyse(bytes).filter(({ name }) => !name.startsWith('UTF') && iconv.encodingExists(name));
    const name = best !== undefined && best.confidence >= LEAST_CONFIDENCE ? best.name : COMMONEST;
    const encoding = SUPERSET[name] ?? name;
    return { text: iconv.decode(Buffer.from(bytes), encoding), encoding, guessed: true };
  }
}

/** UTF-16 by its mark, or by the zeros that ASCII letters, digits and line ends leave in one half of the bytes. */
function utf16Of(bytes: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'UTF-16LE';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'UTF-16BE';
  const length = Math.min(bytes.length, LOOKED_AT) & ~1;
  const zeros = [0, 0];
  for (let i = 0; i < length; i++) if (bytes[i] === 0) zeros[i % 2]++;
  const [even, odd] = zeros.map((count) => count / (length / 2));
  // Every transcript is full of digits and line ends; no text in another encoding holds a zero.
  if (odd > 0.1 && even < odd / 4) return 'UTF-16LE';
  if (even > 0.1 && odd < even / 4) return 'UTF-16BE';
  return undefined;
}
