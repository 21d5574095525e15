import { InputError } from '../../base/errors.js';
import { latin1Text, utf8Text } from '../../base/text.js';

/** Reads bytes forwards; every length is checked against what is left before anything is made of it. */
export class ByteCursor {
  readonly bytes: Uint8Array;
  readonly source: string;
  /** Where the next read begins. */
  position = 0;
  /** Where the instruction being carried out began, for error sentences. */
  instruction = 0;
  private readonly view: DataView;

  constructor(bytes: Uint8Array, source: string) {
    this.bytes = bytes;
    this.source = source;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  refuse(why: string): never {
    throw new InputError(`${this.source} cannot be read as a pickle: ${why} (at byte ${this.instruction}).`);
  }

  /** Steps over `length` bytes and gives where they begin. */
  private take(length: number): number {
    const begin = this.position;
    const left = this.bytes.length - begin;
    if (length > left) {
      this.refuse(
        left === 0
          ? 'it ends in the middle; it was cut short'
          : `${length} bytes should follow but only ${left} are left; it was cut short or is damaged`,
      );
    }
    this.position += length;
    return begin;
  }

  u8(): number {
    return this.view.getUint8(this.take(1));
  }

  u16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  i32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  u32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** A 64-bit length, rounded where it passes 2^53: no file is that long. */
  u64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  /** A double, which pickles write big-endian. */
  f64(): number {
    return this.view.getFloat64(this.take(8), false);
  }

  /** A view on the next bytes. */
  raw(length: number): Uint8Array {
    const begin = this.take(length);
    return this.bytes.subarray(begin, begin + length);
  }

  latin1(length: number): string {
    return latin1Text(this.raw(length));
  }

  utf8(length: number): string {
    return utf8Text(this.raw(length)) ?? this.refuse('it holds text that is not UTF-8');
  }

  /** The rest of a line of text, without its end. */
  line(): string {
    const end = this.bytes.indexOf(0x0a, this.position);
    if (end < 0) this.refuse('a line of text has no end; it was cut short');
    const text = latin1Text(this.bytes.subarray(this.position, end));
    this.position = end + 1;
    return text;
  }
}
