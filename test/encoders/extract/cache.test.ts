import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCache } from '../../../src/encoders/extract/cache.js';
import { temporaryFolder } from '../make.js';

const key = (digit: string) => digit.repeat(64);

describe('openCache', () => {
  it('gives back what was put, in a later run too, and only to the same encoder', () => {
    const folder = temporaryFolder();
    const cache = openCache(folder, { encoder: 'a', version: 1 });
    const present = { state: 'present', row: Float32Array.from([1.5, -2, 1e-30]), faces: 2, frames: 3 } as const;
    cache.put(key('1'), present);
    cache.put(key('2'), { state: 'absent', reason: 'silence' });
    cache.put(key('3'), { state: 'failed', reason: 'is empty' });
    const later = openCache(folder, { encoder: 'a', version: 1 });
    expect(later.get(key('1'))).toEqual(present);
    expect(later.get(key('2'))).toEqual({ state: 'absent', reason: 'silence' });
    expect(later.get(key('3'))).toBeUndefined();
    expect(openCache(folder, { encoder: 'a', version: 2 }).get(key('1'))).toBeUndefined();
  });

  it('skips a line that was cut off, and loses nothing that follows', () => {
    const folder = temporaryFolder();
    const row = Float32Array.of(1, 2);
    openCache(folder, 'a').put(key('1'), { state: 'present', row });
    const [encoder] = readdirSync(folder);
    const [file] = readdirSync(join(folder, encoder));
    appendFileSync(join(folder, encoder, file), `\n{"key":"${'1'.repeat(63)}2","state":"present","row":"AACA`);
    const other = `${'1'.repeat(63)}3`;
    openCache(folder, 'a').put(other, { state: 'present', row });
    const later = openCache(folder, 'a');
    expect(later.get(key('1'))).toEqual({ state: 'present', row });
    expect(later.get(`${'1'.repeat(63)}2`)).toBeUndefined();
    expect(later.get(other)).toEqual({ state: 'present', row });
  });
});
