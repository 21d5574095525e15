import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/corpus/files.js';
import { DEFAULT_CHOICE, type ExtractOptions, extract } from '../../../src/encoders/index.js';
import { record, temporaryFolder } from '../make.js';

const root = temporaryFolder();
const at = (name: string) => join(root, name);
const listened: string[] = [];

/** Words alone are encoded; what is heard is the matter here. */
function run(input: string, out: string, options: Partial<ExtractOptions> = {}) {
  listened.length = 0;
  const encoders = { ...DEFAULT_CHOICE, audio: undefined, visual: undefined };
  const onListen = (media: string) => listened.push(media);
  return extract({ input, out: at(out), encoders, jobs: 1, cache: at('cache'), onListen, ...options });
}

function said(out: string) {
  const { dialogues, speakers } = readCorpus(at(out));
  return dialogues[0].utterances.map(({ speaker, text, estimated }) => ({
    speaker: speakers[speaker],
    text,
    estimated,
  }));
}

beforeAll(() => {
  // Maya, Leo, Maya.
  const clips = [0, 5, 2].map((index, i) => `amovie=test/fixtures/speech/d01_${index}.webm,apad=pad_dur=0.5[${i}]`);
  const filters = [...clips, '[0][1][2]concat=n=3:v=0:a=1'].join(';');
  record(at('talk.wav'), { sound: { filters, rate: 16_000, layout: 'mono' } });
  record(at('silence.wav'), { sound: 'anullsrc=r=16000:cl=mono:d=2' });
}, 120_000);

const talk = [
  { speaker: 'speaker 1', text: 'The post came while you were out.', estimated: ['speaker', 'text'] },
  { speaker: 'speaker 2', text: "I don't believe it.", estimated: ['speaker', 'text'] },
  { speaker: 'speaker 1', text: "It's on the table.", estimated: ['speaker', 'text'] },
];

describe('a recording without a transcript', { timeout: 300_000 }, () => {
  it('has the utterances, words and speakers that are heard in it, and says that they are estimated', async () => {
    const { corpus, record } = await run(at('talk.wav'), 'talk');
    expect(said('talk')).toEqual(talk);
    expect(corpus.features.text?.dim).toBe(512);
    expect(corpus.origin?.join('\n')).toMatch(/words and speakers are estimated: Moonshine tiny .* English alone/);
    expect(record.hearing).toMatchObject({ voices: expect.stringContaining('Resemblyzer') });
    expect(listened).toEqual([at('talk.wav')]);
    const [first, second] = readCorpus(at('talk')).dialogues[0].utterances;
    expect(first.media).toBe('../talk.wav');
    expect(first.end).toBeLessThan(second.start as number);
  });

  it('is not listened to a second time, and takes names and numbers of speakers from its owner', async () => {
    await run(at('talk.wav'), 'talk');
    await run(at('talk.wav'), 'named', { speakers: ['Maya', 'Leo'] });
    expect(listened).toEqual([]);
    expect(said('named').map(({ speaker }) => speaker)).toEqual(['Maya', 'Leo', 'Maya']);
    await run(at('talk.wav'), 'alone', { speakers: 1 });
    expect(said('alone').map(({ speaker }) => speaker)).toEqual(['speaker 1', 'speaker 1', 'speaker 1']);
  });

  it('is not listened to where there is a transcript', async () => {
    cpSync(at('talk.wav'), at('written.wav'));
    writeFileSync(at('written.srt'), '1\n00:00:00,100 --> 00:00:02,000\nANN: What nobody said.\n');
    await run(at('written.wav'), 'written');
    expect(listened).toEqual([]);
    expect(said('written')).toEqual([{ speaker: 'ANN', text: 'What nobody said.', estimated: undefined }]);
    await expect(run(at('written.wav'), 'written', { speakers: 2 })).rejects.toThrow('--speakers belongs to');
  });

  it('stays one utterance where nobody speaks, or where that is wished', async () => {
    const sound = { encoders: { ...DEFAULT_CHOICE, text: undefined, visual: undefined } };
    await run(at('talk.wav'), 'whole', { ...sound, whole: true });
    expect(said('whole')).toEqual([{ speaker: 'unknown', text: undefined, estimated: undefined }]);
    await expect(run(at('silence.wav'), 'silence', sound)).rejects.toThrow('Nothing could be encoded');
    expect(listened).toEqual([at('silence.wav')]);
  });
});
