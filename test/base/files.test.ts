import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { makeDirectory, removeTemporaries, writeFileAtomic } from '../../src/base/files.js';

const root = mkdtempSync(join(tmpdir(), 'vega-files-'));
afterAll(() => rmSync(root, { recursive: true }));
const at = (...names: string[]) => join(root, ...names);

describe('writeFileAtomic', () => {
  it('writes a file and the directories above it, and replaces an older one', () => {
    writeFileAtomic(at('a/b/c.txt'), 'one', Uint8Array.of(33));
    expect(readFileSync(at('a/b/c.txt'), 'utf8')).toBe('one!');
    writeFileAtomic(at('a/b/c.txt'), 'two');
    expect(readFileSync(at('a/b/c.txt'), 'utf8')).toBe('two');
    expect(readdirSync(at('a/b'))).toEqual(['c.txt']);
  });

  it('says in a sentence what is in the way, and leaves nothing', () => {
    mkdirSync(at('taken/report.html/inside'), { recursive: true });
    symlinkSync('loop', at('loop'));
    writeFileSync(at('file'), '');
    const sentences = (path: string) => {
      try {
        writeFileAtomic(path, 'x');
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return (error as Error).message;
      }
      throw new Error(`${path} was written.`);
    };
    expect(sentences(at('taken/report.html'))).toBe(`${at('taken/report.html')}: it is a directory.`);
    expect(readdirSync(at('taken'))).toEqual(['report.html']);
    expect(sentences(at('loop/x'))).toMatch(/lead round in a circle|of another kind/);
    expect(sentences(at('file/x'))).toBe(`${at('file')}: it is a file, not a directory.`);
    expect(sentences(at('file/x/y'))).toContain('is not a directory');
    expect(sentences(at('n'.repeat(300)))).toContain('the name is too long');
    expect(sentences('/proc/nowhere/x')).toMatch(/^\/proc\/nowhere: /);
  });
});

describe('makeDirectory', () => {
  it('says which directory was the first that it made', () => {
    expect(makeDirectory(at('new/deep/er'))).toBe(at('new'));
    expect(makeDirectory(at('new/deep/er'))).toBeUndefined();
  });
});

describe('removeTemporaries', () => {
  it('removes what killed writers left, of all files or of one', () => {
    const names = ['a.json', 'a.json.0123abcd.tmp', 'b.json.ffffffff.tmp', 'my.tmp', 'c.12.tmp'];
    for (const name of names) writeFileAtomic(at('left', name), '');
    removeTemporaries(at('left'), at('left/b.json'));
    expect(readdirSync(at('left')).sort()).toEqual(['a.json', 'a.json.0123abcd.tmp', 'c.12.tmp', 'my.tmp']);
    removeTemporaries(at('left'));
    expect(readdirSync(at('left')).sort()).toEqual(['a.json', 'c.12.tmp', 'my.tmp']);
    removeTemporaries(at('nowhere'));
  });
});
