import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { crc32 } from '../../src/interchange/crc32.js';
import { encodeTorch, type NdArray, parseTorch } from '../../src/interchange/index.js';
import { storedParts } from '../../src/interchange/zip.js';
import { fixtures } from './fixtures.js';

const tensor: NdArray = { shape: [64], dtype: 'float32', data: Float32Array.from({ length: 64 }, (_, i) => i) };
const file = () => new Uint8Array(encodeTorch(new Map([['w', tensor]])));
const refuse = (why: string): never => {
  throw new InputError(why);
};

describe('parts of a zip archive', () => {
  it('have the checksum that all the world computes', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
  });

  it('come out of what torch wrote, 64-bit records included, and of what is written here', () => {
    expect(storedParts(file(), refuse).size).toBe(4);
    const archives = fixtures('torch.json').filter(([, bytes]) => bytes[0] === 0x50 && (bytes[8] | bytes[9]) === 0);
    expect(archives.length).toBeGreaterThan(3);
    for (const [, torch] of archives) expect(storedParts(torch, refuse).size).toBeGreaterThan(1);
  });

  it('are refused with a bit flipped anywhere in a weight, which no reader would notice otherwise', () => {
    const bytes = file();
    const at = bytes.findIndex(
      (_, i) => new DataView(bytes.buffer).byteLength > i + 4 && new DataView(bytes.buffer).getFloat32(i, true) === 63,
    );
    bytes[at] ^= 1;
    expect(() => parseTorch(bytes, 'w.pt')).toThrow(
      /^w\.pt is not a sound torch file: its part "archive\/data\/0" is damaged: its checksum \(CRC-32\) is another\.$/,
    );
  });

  it('are refused where the archive says that they are encrypted, compressed or twice there', () => {
    const bytes = file();
    const central = bytes.findLastIndex((_, i) => bytes[i] === 0x50 && bytes[i + 1] === 0x4b && bytes[i + 2] === 1);
    const encrypted = bytes.slice();
    encrypted[central + 8] |= 1;
    expect(() => parseTorch(encrypted, 'w.pt')).toThrow(/is encrypted, which torch\.save never does/);
    const packed = zipSync({ 'a/data.pkl': new Uint8Array(1000) }, { level: 9 });
    expect(() => storedParts(packed, refuse)).toThrow(/is compressed/);
    const twice = zipSync({ 'a/1': Uint8Array.of(1), 'a/2': Uint8Array.of(1) }, { level: 0 });
    expect(() =>
      storedParts(
        twice.map((byte) => (byte === 0x32 ? 0x31 : byte)),
        refuse,
      ),
    ).toThrow(/comes twice/);
  });
});
