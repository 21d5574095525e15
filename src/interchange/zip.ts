import { latin1Text, utf8Text } from '../base/text.js';
import { crc32 } from './crc32.js';

type Refuse = (why: string) => never;

const END = 0x06054b50;
const END_64 = 0x06064b50;
const END_64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** Bytes of the end record without its comment, and the most that the comment may have. */
const END_SIZE = 22;
const COMMENT = 0xffff;
/** What a 32-bit field says where the number stands in a 64-bit one. */
const ELSEWHERE = 0xffffffff;

/**
 * The parts of a zip archive that keeps them uncompressed, as torch.save does: views on `bytes`, by name, each checked
 * against its CRC (fflate and its like check none, and copy every part). PKWARE's APPNOTE.TXT, sections 4.3 and 4.5.
 * @param refuse throws; its argument says what is wrong with the file
 */
export function storedParts(bytes: Uint8Array, refuse: Refuse): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const damaged = (): never => refuse('its zip archive is cut short or damaged');
  const u16 = (at: number) => (at >= 0 && at + 2 <= bytes.length ? view.getUint16(at, true) : damaged());
  const u32 = (at: number) => (at >= 0 && at + 4 <= bytes.length ? view.getUint32(at, true) : damaged());
  // Rounded where it passes 2^53: no file is that long.
  const u64 = (at: number) => (at >= 0 && at + 8 <= bytes.length ? Number(view.getBigUint64(at, true)) : damaged());

  /** A field of 64 bits in the extra field of a central header, counted among those that stand there. */
  const wide = (at: number, length: number, place: number): number => {
    for (let field = at; field + 4 <= at + length; field += 4 + u16(field + 2)) {
      if (u16(field) === 1 && u16(field + 2) >= 8 * (place + 1)) return u64(field + 4 + 8 * place);
    }
    return damaged();
  };

  const { count, start } = directory();
  const parts = new Map<string, Uint8Array>();
  let total = 0;
  let at = start;
  for (let i = 0; i < count; i++) {
    if (u32(at) !== CENTRAL) damaged();
    const [nameLength, extraLength, commentLength] = [u16(at + 28), u16(at + 30), u16(at + 32)];
    const extra = at + 46 + nameLength;
    if (extra + extraLength + commentLength > bytes.length) damaged();
    const nameBytes = bytes.subarray(at + 46, extra);
    const name = utf8Text(nameBytes) ?? latin1Text(nameBytes);
    const part = JSON.stringify(name.slice(0, 200));
    if (u16(at + 8) & 1) refuse(`its part ${part} is encrypted, which torch.save never does`);
    if (u16(at + 10) !== 0) refuse(`its part ${part} is compressed, which torch.save never does`);
    let [packed, size, header] = [u32(at + 20), u32(at + 24), u32(at + 42)];
    let place = 0;
    if (size === ELSEWHERE) size = wide(extra, extraLength, place++);
    if (packed === ELSEWHERE) packed = wide(extra, extraLength, place++);
    if (header === ELSEWHERE) header = wide(extra, extraLength, place);
    total += size;
    // Parts that share their bytes could make a small file a large one.
    if (packed !== size || total > bytes.length || parts.has(name))
      refuse(`its part ${part} has an impossible size or comes twice`);
    if (u32(header) !== LOCAL) damaged();
    const begin = header + 30 + u16(header + 26) + u16(header + 28);
    if (begin + size > bytes.length) refuse(`its part ${part} is cut short`);
    const data = bytes.subarray(begin, begin + size);
    if (crc32(data) !== u32(at + 16)) refuse(`its part ${part} is damaged: its checksum (CRC-32) is another`);
    parts.set(name, data);
    at = extra + extraLength + commentLength;
  }
  return parts;

  /** Where the central directory begins, and how many parts it lists. */
  function directory(): { count: number; start: number } {
    let end = bytes.length - END_SIZE;
    const last = Math.max(0, end - COMMENT);
    while (end >= last && u32(end) !== END) end--;
    if (end < last) return damaged();
    if (end < 20 || u32(end - 20) !== END_64_LOCATOR) return { count: u16(end + 10), start: u32(end + 16) };
    const wideEnd = u64(end - 12);
    if (u32(wideEnd) !== END_64) return damaged();
    return { count: u64(wideEnd + 32), start: u64(wideEnd + 48) };
  }
}
