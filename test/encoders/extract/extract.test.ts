import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/corpus/files.js';
import {
  DEFAULT_CHOICE,
  EXTRACTION_FILE,
  type ExtractionRecord,
  type ExtractOptions,
  type ExtractProgress,
  extract,
} from '../../../src/encoders/index.js';
import { childrenOf } from '../../processes.js';
import { film, pattern, record, temporaryFolder, voice } from '../make.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const ravdess = '../shared/data/ravdess/audio';

function manifest(name: string, lines: object[]): string {
  writeFileSync(at(name), lines.map((line) => JSON.stringify(line)).join('\n'));
  return at(name);
}

function run(input: string, out: string, options: Partial<ExtractOptions> = {}) {
  return extract({ input, out: at(out), encoders: DEFAULT_CHOICE, jobs: 1, cache: at('cache'), ...options });
}

const words = { ...DEFAULT_CHOICE, audio: undefined, visual: undefined };

beforeAll(() => {
  mkdirSync(at('clips'));
  film(at('clips/face.mp4'), 1.5, [{ picture: 'joy/00.jpg', x: 200, y: 60, side: 240 }]);
  record(at('clips/faceless.mp4'), { sound: voice(1.5), pictures: pattern(1.5) });
  record(at('clips/mute.mp4'), { pictures: pattern(1) });
  record(at('clips/silence.wav'), { sound: 'anullsrc=r=16000:cl=mono:d=1' });
  writeFileSync(at('clips/broken.mp4'), 'no film');
  cpSync(join(ravdess, '03-01-05-02-01-01-01.opus'), at('clips/anger.opus'));
}, 120_000);

// Loading every network takes its time on a machine that does much else.
describe('extract', { timeout: 300_000 }, () => {
  it('makes a corpus in which every modality is there, absent or failed, with the reason', async () => {
    const input = manifest('all.jsonl', [
      { dialogue: 'one', speaker: 'Ann', text: 'Look at me!', label: 'joy', media: 'clips/face.mp4', split: 'train' },
      { dialogue: 'one', speaker: 'Ben', media: 'clips/faceless.mp4', label: 'neutral' },
      { dialogue: 'one', speaker: 'Ann', text: 'Nobody hears me.', media: 'clips/mute.mp4' },
      { dialogue: 'two', speaker: 'Ben', text: '…', media: 'clips/silence.wav', split: 'test' },
      { dialogue: 'two', text: 'Broken.', media: 'clips/broken.mp4', label: 'anger' },
      { dialogue: 'two', media: 'clips/anger.opus', start: 0.5, end: 2, label: 'anger' },
      { dialogue: 'two', media: 'clips/gone.mp4', text: 'Gone.' },
      { dialogue: 'two', text: 'Words alone.' },
    ]);
    const steps: ExtractProgress[] = [];
    const { record } = await run(input, 'all', { onProgress: (progress) => steps.push({ ...progress }) });
    const corpus = readCorpus(at('all'));
    expect(corpus).toMatchObject({
      name: 'all',
      classes: ['neutral', 'joy', 'anger'],
      speakers: ['Ann', 'Ben', 'unknown'],
      splits: { train: ['one'], test: ['two'] },
    });
    const presence = (modality: 'text' | 'audio' | 'visual') =>
      [...(corpus.features[modality]?.presence ?? [])].join('');
    expect(presence('text')).toBe('10111011');
    expect(presence('audio')).toBe('11000100');
    expect(presence('visual')).toBe('10000000');
    expect(corpus.features.text).toMatchObject({
      dim: 512,
      encoder: expect.stringMatching(/^sentence \(@energetic-ai/),
    });
    expect(corpus.features.audio?.encoder).toMatch(/^functionals \(1\) \+ speech \(@moonshine-ai/);
    expect(corpus.features.visual?.encoder).toMatch(/^expression \(@vladmandic/);
    expect(corpus.dialogues[1].utterances[2]).toMatchObject({
      media: '../clips/anger.opus',
      start: 0.5,
      end: 2,
      label: 2,
    });
    // An absent row is nothing that a model sees; a present one is something.
    const { rows, dim } = corpus.features.audio as { rows: Float32Array; dim: number };
    expect(Math.hypot(...rows.subarray(dim, 2 * dim))).toBeGreaterThan(1);

    const misses = record.misses.map(({ dialogue, index, modality, state, reason }) =>
      [dialogue, index, modality, state, reason].join(' | '),
    );
    expect(misses).toEqual([
      'one | 1 | text | absent | no text',
      'one | 1 | visual | absent | no face in 5 frames',
      'one | 2 | audio | absent | no sound track',
      'one | 2 | visual | absent | no face in 3 frames',
      'two | 0 | audio | absent | silence',
      'two | 0 | visual | absent | no moving pictures',
      'two | 1 | audio | failed | is damaged, cut short or no recording, whatever its name says',
      'two | 1 | visual | failed | is damaged, cut short or no recording, whatever its name says',
      'two | 2 | text | absent | no text',
      'two | 2 | visual | absent | no moving pictures',
      'two | 3 | audio | failed | does not exist',
      'two | 3 | visual | failed | does not exist',
      'two | 4 | audio | absent | no recording',
      'two | 4 | visual | absent | no recording',
    ]);
    // Eight utterances, however many texts, voices and faces they have.
    expect(steps.at(-1)).toEqual({ done: 8, total: 8, faces: 1, failures: 4 });
    expect(steps.map(({ done }) => done)).toEqual(steps.map(({ done }) => done).toSorted((a, b) => a - b));
    const written = JSON.parse(readFileSync(at('all', EXTRACTION_FILE), 'utf8')) as ExtractionRecord;
    expect(written).toEqual(JSON.parse(JSON.stringify(record)));
    expect(written.encoders.audio?.columns).toHaveLength(dim);
    expect(written.encoders.audio?.columns).toContain('functionals.pitch.mean');
    expect(written.encoders.visual?.columns).toHaveLength(corpus.features.visual?.dim as number);
    expect(written.counts.audio).toEqual({ present: 3, absent: 3, failed: 2 });
  });

  it('takes what it has from the cache, whatever the files are called', async () => {
    cpSync(at('clips/anger.opus'), at('clips/renamed.opus'));
    const line = { dialogue: 'a', text: 'Look at me!', start: 0.5, end: 2 };
    const input = manifest('again.jsonl', [{ ...line, media: 'clips/renamed.opus' }]);
    const { cached, corpus } = await run(input, 'again');
    expect(cached).toBe(3);
    const before = readCorpus(at('all'));
    const dim = before.features.audio?.dim as number;
    expect(corpus.features.audio?.rows).toEqual(before.features.audio?.rows.slice(5 * dim, 6 * dim));
    const other = manifest('other.jsonl', [{ ...line, end: 2.5, media: 'clips/renamed.opus' }]);
    expect(await run(other, 'other')).toMatchObject({ cached: 1 });
  });

  it('encodes anew with other encoders or settings', async () => {
    const input = manifest('rate.jsonl', [{ dialogue: 'a', media: 'clips/face.mp4' }]);
    const encoders = { ...DEFAULT_CHOICE, audio: ['functionals'], text: undefined, rate: 2 };
    const { cached, record, corpus } = await run(input, 'rate', { encoders });
    expect(cached).toBe(0);
    expect(record.encoders.visual?.parts).toMatchObject([{ encoder: 'expression', framesPerSecond: 2 }]);
    expect(corpus.features.text).toBeUndefined();
    expect(corpus.classes).toHaveLength(7);
  });

  it('gives the same with several processes, also when one of them dies on the way', async () => {
    const lines = readdirSync(ravdess)
      .slice(0, 20)
      .map((name) => ({
        dialogue: name.slice(18, 20),
        text: `Clip ${name}`,
        media: join(process.cwd(), ravdess, name),
      }));
    const input = manifest('many.jsonl', lines);
    const encoders = { ...DEFAULT_CHOICE, audio: ['functionals'], visual: undefined };
    const one = await run(input, 'one', { encoders, cache: at('cache-one') });
    let killed = false;
    const several = await run(input, 'several', {
      encoders,
      cache: at('cache-several'),
      jobs: 2,
      onProgress: ({ done }) => {
        if (killed || done === 0) return;
        killed = true;
        const [worker] = workers();
        process.kill(worker, 'SIGKILL');
      },
    });
    expect([killed, several.record.misses]).toEqual([true, []]);
    const again = await run(input, 'again-several', { encoders, cache: at('cache-several'), jobs: 2 });
    expect(again.cached).toBe(2 * lines.length);
    expect(again.corpus.features.audio?.rows).toEqual(one.corpus.features.audio?.rows);
    expect(again.corpus.features.text?.rows).toEqual(one.corpus.features.text?.rows);
  });

  it('goes on where it was cut off', async () => {
    const lines = Array.from({ length: 150 }, (_, i) => ({ dialogue: `d${i % 10}`, text: `Sentence ${i}.` }));
    const input = manifest('long.jsonl', lines);
    const cut = run(input, 'long', {
      encoders: words,
      cache: at('cache-long'),
      onProgress: ({ done }) => {
        if (done === 64) throw new Error('cut off');
      },
    });
    await expect(cut).rejects.toThrow('cut off');
    const { cached, corpus } = await run(input, 'long', { encoders: words, cache: at('cache-long') });
    expect(cached).toBe(64);
    expect(corpus.utterances).toBe(150);
  });

  it('counts many speakers anew in each dialogue', async () => {
    const lines = Array.from({ length: 24 }, (_, i) => ({
      dialogue: `d${Math.floor(i / 4)}`,
      text: 'Hi.',
      speaker: `actor ${Math.floor(i / 4)}${'ab'[i % 2]}`,
    }));
    const { corpus } = await run(manifest('actors.jsonl', lines), 'actors', { encoders: words });
    expect(corpus.speakers).toEqual(['speaker 1', 'speaker 2']);
    expect(corpus.dialogues[3].utterances.map(({ speaker }) => speaker)).toEqual([0, 1, 0, 1]);
    expect(corpus.origin?.join()).toContain('12 speakers are counted anew');
  });

  it.each([
    [
      'a label that is no class',
      { classes: ['joy', 'sadness'] },
      'has the label "joyy", which is none of the classes. Did you mean "joy"?',
    ],
    [
      'an unknown visual encoder',
      { encoders: { ...DEFAULT_CHOICE, visual: ['expresion'] } },
      'no visual encoder "expresion". Did you mean "expression"?',
    ],
    [
      'an unknown text encoder',
      { encoders: { ...DEFAULT_CHOICE, text: 'sentense' } },
      'There is no text encoder "sentense"',
    ],
    ['nothing to read', { encoders: { ...words, text: undefined } }, 'Nothing could be encoded'],
  ])('refuses %s, and writes nothing', async (_, options, sentence) => {
    const label = sentence.startsWith('Nothing') ? 'joy' : 'joyy';
    const input = manifest('wrong.jsonl', [{ dialogue: 'a', text: 'Hi!', label, media: 'clips/face.mp4' }]);
    await expect(run(input, 'wrong', options)).rejects.toThrow(sentence);
    expect(readdirSync(root)).not.toContain('wrong');
  });
});

/** Processes that this one has started to encode. */
function workers(): number[] {
  return childrenOf(process.pid).flatMap(({ pid, args }) => (args.includes('jobs/worker.js') ? [pid] : []));
}
