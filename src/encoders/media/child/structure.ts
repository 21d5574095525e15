import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Whether a file ends before the length that it states itself; false where its kind states none. */
export function endsEarly(path: string, kind: string): boolean {
  const size = kind.startsWith('matroska') ? matroskaSize : kind.startsWith('mov') ? boxesSize : undefined;
  if (size === undefined) return false;
  const file = openSync(path, 'r');
  try {
    const read = (at: number, length: number) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, readSync(file, bytes, 0, length, at));
    };
    return size(read) > fstatSync(file).size;
  } finally {
    closeSync(file);
  }
}

/** Bytes at a place in the file; fewer at its end. */
type Read = (at: number, length: number) => Buffer;

/** A file has a handful of boxes; fragments have more. */
const MOST_BOXES = 100_000;

/** MP4, MOV: where the last of the outermost boxes ends (ISO/IEC 14496-12, 4.2). */
function boxesSize(read: Read): number {
  let at = 0;
  for (let boxes = 0; boxes < MOST_BOXES; boxes++) {
    const header = read(at, 16);
    if (header.length < 8) break;
    let size = header.readUInt32BE(0);
    if (size === 1 && header.length === 16) size = Number(header.readBigUInt64BE(8));
    // A last box without a size goes to the end of the file.
    if (size < 8) break;
    at += size;
  }
  return at;
}

/** Matroska, WebM: where the segment ends (RFC 8794, 4 and 6; RFC 9559, 4.5). */
function matroskaSize(read: Read): number {
  const header = read(0, 16);
  const outer = sizeAt(header, 4);
  if (header.length < 16 || header.readUInt32BE(0) !== 0x1a45dfa3 || outer === undefined) return 0;
  const at = 4 + outer.bytes + outer.value;
  const segment = read(at, 16);
  if (segment.length < 16 || segment.readUInt32BE(0) !== 0x18538067) return 0;
  const inner = sizeAt(segment, 4);
  return inner === undefined ? 0 : at + 4 + inner.bytes + inner.value;
}

/** A size of one to eight bytes, of which the first bits say how many; undefined where it is said to be unknown. */
function sizeAt(bytes: Buffer, at: number): { value: number; bytes: number } | undefined {
  const length = Math.clz32(bytes[at]) - 23;
  if (length > 8) return undefined;
  let value = bytes[at] & (0xff >> length);
  for (let i = 1; i < length; i++) value = value * 256 + bytes[at + i];
  return value === 2 ** (7 * length) - 1 ? undefined : { value, bytes: length };
}
