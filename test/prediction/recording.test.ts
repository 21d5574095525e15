import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecording } from '../../src/index.js';
import type { PredictionLine } from '../../src/prediction/index.js';
import { open, openModel, predictInput } from '../../src/prediction/node/index.js';
import { record } from '../encoders/make.js';
import { spokenRuns } from './spoken.js';

let spoken: Awaited<ReturnType<typeof spokenRuns>>;
let run: string;
const at = (name: string) => join(spoken.root, name);
beforeAll(async () => {
  spoken = await spokenRuns();
  run = await spoken.train('words');
  // Maya, Leo, Maya.
  const clips = [0, 5, 2].map((index, i) => `amovie=test/fixtures/speech/d01_${index}.webm,apad=pad_dur=0.5[${i}]`);
  record(at('talk.wav'), {
    sound: { filters: [...clips, '[0][1][2]concat=n=3:v=0:a=1'].join(';'), rate: 16_000, layout: 'mono' },
  });
}, 300_000);
afterAll(() => spoken.remove());

const heard = { estimated: ['speaker', 'text'], dialogue: 'talk' };
const said = [
  { ...heard, index: 0, speaker: 'speaker 1', text: 'The post came while you were out.' },
  { ...heard, index: 1, speaker: 'speaker 2', text: "I don't believe it." },
  { ...heard, index: 2, speaker: 'speaker 1', text: "It's on the table." },
];

describe('a recording without a transcript', { timeout: 300_000 }, () => {
  const listened: string[] = [];
  const options = () => ({ cache: at('cache'), onListen: (media: string) => listened.push(media) });

  it('is heard, predicted, and said to be estimated', async () => {
    const { utterances, places, notes } = await readRecording(at('talk.wav'), options());
    expect(places).toMatchObject(said);
    expect(notes.join()).toMatch(/words and speakers are estimated/);
    await using model = await open(run);
    const answers = await model.predict(utterances);
    expect(answers).toHaveLength(3);
    // The same as of the words alone, which is all that this model takes.
    const written = await model.predict(utterances.map(({ speaker, text }) => ({ speaker, text })));
    expect(answers).toEqual(written);
  });

  it('is answered as a file of predictions, from what was heard before, with names that its owner gives', async () => {
    listened.length = 0;
    const opened = await openModel(run);
    const lines: PredictionLine[] = [];
    const speakers = ['Maya', 'Leo'];
    const input = { ...options(), speakers, stdin: process.stdin };
    const notes = await predictInput(opened, at('talk.wav'), input, (some) => lines.push(...some));
    await opened.predictor.dispose();
    expect(listened).toEqual([]);
    expect(notes[0]).toMatch(/English alone/);
    expect(lines.map(({ speaker }) => speaker)).toEqual(['Maya', 'Leo', 'Maya']);
    expect(lines).toMatchObject(said.map(({ text, estimated }) => ({ text, estimated })));
    expect(lines[0].start).toBeLessThan(0.5);
  });

  it('is not listened to where there is a transcript, or where it is to be taken as a whole', async () => {
    listened.length = 0;
    cpSync(at('talk.wav'), at('written.wav'));
    writeFileSync(at('written.srt'), '1\n00:00:00,100 --> 00:00:02,000\nANN: What nobody said.\n');
    const { places, notes } = await readRecording(at('written.wav'), options());
    expect(places).toMatchObject([{ speaker: 'ANN', text: 'What nobody said.', estimated: undefined }]);
    expect(notes).toEqual([]);
    const whole = await readRecording(at('talk.wav'), { ...options(), whole: true });
    expect(whole.places).toMatchObject([{ text: undefined, estimated: undefined }]);
    expect(listened).toEqual([]);
    await expect(readRecording(at('written.wav'), { ...options(), speakers: 2 })).rejects.toThrow(
      '--speakers belongs to a single recording without a transcript',
    );
  });

  it('is one conversation', async () => {
    await expect(readRecording(spoken.manifest, options())).rejects.toThrow('12 conversations, and is no recording');
  });
});
