import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { currentFile } from '../../src/base/replace.js';
import { isCorpusDirectory, readCorpus } from '../../src/corpus/files.js';

const root = mkdtempSync(join(tmpdir(), 'vega-corpus-kill-'));
afterAll(() => rmSync(root, { recursive: true }));
const script = fileURLToPath(new URL('./writer.mjs', import.meta.url));
/** @returns whether it was killed. */
const write = (directory: string, name: string, ...fatal: string[]) =>
  spawnSync(process.execPath, [script, directory, name, ...fatal], { stdio: 'inherit' }).signal === 'SIGKILL';
const FILES = ['corpus.json', 'extraction.json', 'features.safetensors', 'utterances.jsonl'];

it('a corpus is replaced whole or not at all, at whichever rename its writer dies', () => {
  const old = join(root, 'old');
  write(old, 'before');
  writeFileSync(join(old, 'notes.txt'), 'mine');
  const seen = new Set<string>();
  let renames = 0;
  for (let fatal = 1; ; fatal++) {
    const moments = ['before', 'after'].map((moment) => {
      const [place, fresh] = [join(root, `place-${fatal}-${moment}`), join(root, `fresh-${fatal}-${moment}`)];
      cpSync(old, place, { recursive: true });
      const killed = write(place, 'later', `${fatal}`, moment);
      write(fresh, 'later', `${fatal}`, moment);
      const { name } = readCorpus(place);
      seen.add(name);
      // What belongs with the corpus has changed with it.
      expect(JSON.parse(readFileSync(currentFile(place, 'extraction.json'), 'utf8'))).toBe(name);
      expect(isCorpusDirectory(fresh)).toBe(name === 'later');
      // The same command again ends as if nothing had happened.
      for (const directory of [place, fresh]) {
        expect(write(directory, 'later')).toBe(false);
        expect(readCorpus(directory).name).toBe('later');
      }
      expect(readdirSync(place).sort()).toEqual([...FILES, 'notes.txt'].sort());
      expect(readdirSync(fresh).sort()).toEqual(FILES);
      return killed;
    });
    if (!moments.includes(true)) break;
    renames = fatal;
  }
  // Four files made, the folder renamed, four files moved.
  expect(renames).toBe(9);
  expect(seen).toEqual(new Set(['before', 'later']));
}, 240_000);
