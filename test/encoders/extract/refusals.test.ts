import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { featureCache } from '../../../src/encoders/extract/cache.js';
import { checkChoice } from '../../../src/encoders/extract/choice.js';
import { extract } from '../../../src/encoders/extract/extract.js';
import { modelCache } from '../../../src/encoders/hub.js';
import { DEFAULT_CHOICE } from '../../../src/encoders/index.js';
import { record, temporaryFolder, voice } from '../make.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const encoders = { ...DEFAULT_CHOICE, text: undefined, audio: ['functionals'], visual: undefined };
const run = (input: string, out: string, rest = {}) =>
  extract({ input: at(input), out: at(out), encoders, jobs: 1, cache: at('cache'), ...rest });

beforeAll(() => {
  record(at('voice.wav'), { sound: voice(1) });
  writeFileSync(at('words.srt'), '1\n00:00:00,000 --> 00:00:01,000\nANN: Hello.\n');
});

describe('extract', { timeout: 120_000 }, () => {
  it.each([
    ['audio', { audio: ['functionls'] }, 'There is no audio encoder "functionls". Did you mean "functionals"?'],
    ['visual', { visual: ['faces'] }, 'There is no visual encoder "faces".'],
    ['text', { text: 'sentense' }, 'There is no text encoder "sentense". Did you mean "sentence"?'],
  ])('refuses a mistyped %s encoder though the input has nothing for it', async (_, wrong, sentence) => {
    const choice = { ...DEFAULT_CHOICE, ...wrong };
    await expect(run('words.srt', 'typo', { encoders: choice })).rejects.toThrow(sentence);
    expect(existsSync(at('typo'))).toBe(false);
  });

  it('takes the names of models and their folders', () => {
    const models = { text: 'owner/name', audio: ['functionals', 'microsoft/wavlm-base'], visual: ['clip:owner/clip'] };
    expect(() => checkChoice({ ...DEFAULT_CHOICE, ...models })).not.toThrow();
    expect(() => checkChoice({ ...DEFAULT_CHOICE, audio: [folder] })).not.toThrow();
  });

  it('says that a picture shows no face', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    writeFileSync(at('face.png'), Buffer.from(png, 'base64'));
    await expect(run('face.png', 'picture')).rejects.toThrow(/Nothing could be encoded: /);
  });

  it('finds before it encodes that the result cannot be written', async () => {
    writeFileSync(at('file'), '');
    mkdirSync(at('other'));
    writeFileSync(at('other/notes.txt'), '');
    let encoded = 0;
    const onProgress = () => encoded++;
    await expect(run('voice.wav', 'file/corpus', { onProgress })).rejects.toThrow('not a directory');
    await expect(run('voice.wav', 'other', { onProgress })).rejects.toThrow('holds other files and no corpus');
    expect(encoded).toBe(0);
  });

  it('keeps nothing of a file that changed while it was read', async () => {
    writeFileSync(at('changing.wav'), readFileSync(at('voice.wav')));
    const lines = ['voice.wav', 'changing.wav'].map((media, index) =>
      JSON.stringify({ dialogue: 'a', index, text: `line ${index}`, media, start: index / 10 }),
    );
    writeFileSync(at('both.jsonl'), lines.join('\n'));
    let first = true;
    // While the first text is settled, the sound is hashed and not yet read.
    const { record: said } = await run('both.jsonl', 'both', {
      encoders: { ...encoders, text: 'sentence' },
      onProgress() {
        if (first) writeFileSync(at('changing.wav'), readFileSync(at('voice.wav')).subarray(0, 20_000));
        first = false;
      },
    });
    expect(said.misses).toMatchObject([{ index: 1, modality: 'audio', reason: 'changed while it was read' }]);
    writeFileSync(at('changing.wav'), Buffer.concat([readFileSync(at('voice.wav'))]));
    expect((await run('both.jsonl', 'again')).record.counts.audio).toEqual({ present: 2, absent: 0, failed: 0 });
  });

  it('records what decoded the recordings, in the corpus and in the key of its features', async () => {
    const { corpus, record: said } = await run('voice.wav', 'decoded');
    expect(said.encoders.audio?.parts).toMatchObject([{ decoder: expect.stringMatching(/^node-av \d/) }]);
    expect(corpus.origin).toContainEqual(expect.stringMatching(/^recordings decoded by node-av \d/));
  });
});

describe('the cache folders', () => {
  it.each(['VEGA_MERC_CACHE', 'XDG_CACHE_HOME', 'HOME'])('are never in the working directory: %s empty', (name) => {
    const before = { ...process.env };
    try {
      delete process.env.VEGA_MERC_CACHE;
      if (name === 'HOME') delete process.env.XDG_CACHE_HOME;
      process.env[name] = '';
      for (const path of [featureCache(), modelCache()]) {
        expect(path).toBe(resolve(path));
        expect(path.startsWith(process.cwd())).toBe(false);
      }
    } finally {
      for (const key of ['VEGA_MERC_CACHE', 'XDG_CACHE_HOME', 'HOME']) {
        if (before[key] === undefined) delete process.env[key];
        else process.env[key] = before[key];
      }
    }
  });
});
