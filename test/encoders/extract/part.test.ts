import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { extractPart } from '../../../src/encoders/extract/extract.js';
import { extract } from '../../../src/encoders/index.js';
import * as models from '../../../src/encoders/models.js';

vi.mock('../../../src/encoders/models.js', { spy: true });

const CLIPS = 12;
const PARTS = 3;
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'vega-part-'));
  symlinkSync(resolve('samples/media'), join(home, 'media'));
  const lines = readFileSync('samples/manifest.jsonl', 'utf8').split('\n').slice(0, CLIPS);
  writeFileSync(join(home, 'manifest.jsonl'), `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(home, { recursive: true }));

it('parts of an extraction read each recording once among them, and leave nothing to encode', async () => {
  const options = {
    input: join(home, 'manifest.jsonl'),
    out: join(home, 'corpus'),
    encoders: { audio: ['functionals'], rate: 3 },
    cache: join(home, 'cache'),
    jobs: 1,
  };
  const folders = Array.from({ length: PARTS }, (_, part) => join(home, 'parts', `${part}`));
  vi.mocked(models.hashFile).mockClear();
  for (const [part, folder] of folders.entries()) await extractPart(options, { part, of: PARTS, folder });
  const hashed = vi.mocked(models.hashFile).mock.calls.map(([path]) => path);
  expect(hashed.length).toBe(CLIPS);
  expect(new Set(hashed).size).toBe(CLIPS);
  const { cached, record } = await extract({ ...options, alsoCached: folders });
  expect(cached).toBe(CLIPS);
  expect(record.counts.audio?.present).toBe(CLIPS);
}, 300_000);
