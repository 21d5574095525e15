import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHearing, type HeardUtterance, type Hearing, tellSpeakers } from '../../../src/encoders/hearing/index.js';
import { decodeSound } from '../../../src/encoders/media/decode.js';

const RATE = 16_000;
/** Two synthetic voices of an earlier sample, in turn. */
const SPEECH = [
  { file: 'test/fixtures/speech/d01_0.webm', text: 'The post came while you were out.' },
  { file: 'test/fixtures/speech/d01_1.webm', text: 'Anything for me?' },
  { file: 'test/fixtures/speech/d01_2.webm', text: "It's on the table." },
  { file: 'test/fixtures/speech/d01_5.webm', text: "I don't believe it." },
  { file: 'test/fixtures/speech/d01_6.webm', text: 'What does it say?' },
];
const ravdess = '../shared/data/ravdess/audio';

let hearing: Hearing;
beforeAll(async () => {
  hearing = await createHearing();
}, 120_000);
afterAll(() => hearing.dispose());

async function soundOf(path: string): Promise<Float32Array> {
  const samples: number[] = [];
  for await (const piece of decodeSound(path)) for (const sample of piece) samples.push(sample);
  return Float32Array.from(samples);
}

/** Sounds one after the other, with silence around each; and where each begins, in seconds. */
function conversation(sounds: readonly Float32Array[], pause: number) {
  const gap = Math.round(pause * RATE);
  const starts: number[] = [];
  const whole = new Float32Array(sounds.reduce((sum, { length }) => sum + length + gap, gap));
  let at = gap;
  for (const sound of sounds) {
    starts.push(at / RATE);
    whole.set(sound, at);
    at += sound.length + gap;
  }
  return { whole, starts };
}

async function* pieces(sound: Float32Array, size: number) {
  for (let at = 0; at < sound.length; at += size) yield sound.subarray(at, at + size);
}

async function listen(sound: Float32Array, size = 1000): Promise<HeardUtterance[]> {
  const heard: HeardUtterance[] = [];
  for await (const utterance of hearing.listen(pieces(sound, size))) heard.push(utterance);
  return heard;
}

const plain = (text: string) => text.toLowerCase().replace(/[^a-z' ]/g, '');

describe('hearing', { timeout: 300_000 }, () => {
  it('finds utterances, words and speakers of a conversation', async () => {
    const sounds = await Promise.all(SPEECH.map(({ file }) => soundOf(file)));
    const { whole, starts } = conversation(sounds, 0.6);
    const heard = await listen(whole);
    expect(heard.map(({ text }) => plain(text))).toEqual(SPEECH.map(({ text }) => plain(text)));
    heard.forEach(({ start, end }, i) => {
      expect(start).toBeGreaterThan(starts[i]);
      expect(start).toBeLessThan(starts[i] + 0.5);
      expect(end).toBeLessThan(starts[i] + sounds[i].length / RATE);
      expect(end).toBeGreaterThan(starts[i] + sounds[i].length / RATE - 0.8);
    });
    // Maya, Leo, Maya, Leo, Maya.
    expect(tellSpeakers(heard)).toEqual([0, 1, 0, 1, 0]);
  });

  it('hears the same however the sound is cut into pieces', async () => {
    const sound = await soundOf('test/fixtures/speech/d01_0.webm');
    const { whole } = conversation([sound], 0.5);
    const [a, b] = [await listen(whole, 77), await listen(whole, 40_000)];
    expect(a).toEqual(b);
    expect(a).toHaveLength(1);
  });

  it.each([
    { what: 'silence', at: () => 0 },
    { what: 'noise', at: (i: number) => 0.2 * (((i * 7919) % 1009) / 1009 - 0.5) },
    { what: 'a tone', at: (i: number) => 0.5 * Math.sin(i * 0.1) },
    { what: 'clicks', at: (i: number) => (i % 8000 < 40 ? 0.9 : 0) },
  ])('hears nothing in $what', async ({ at }) => {
    expect(await listen(Float32Array.from({ length: 3 * RATE }, (_, i) => at(i)))).toEqual([]);
  });

  it('ends when it is told to', async () => {
    const stop = new AbortController();
    const other = await createHearing({ signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(other.listen(pieces(new Float32Array(RATE), 1000)).next()).rejects.toThrow('enough');
    await other.dispose();
  });

  it.skipIf(!existsSync(ravdess))('understands real people, angry ones too', async () => {
    const clips = ['03-01-05-02-01-01-24', '03-01-01-01-02-02-21', '03-01-03-01-01-01-24', '03-01-05-01-02-02-21'];
    const { whole, starts } = conversation(
      await Promise.all(clips.map((name) => soundOf(`${ravdess}/${name}.opus`))),
      0,
    );
    const heard = await listen(whole);
    expect(heard.map(({ text }) => text)).toEqual([
      'Kids are talking by the door.',
      'Dogs are sitting by the door.',
      'Kids are talking by the door.',
      'Dogs are sitting by the door.',
    ]);
    // The actors begin to speak about a second after their clips do.
    heard.forEach(({ start }, i) => {
      expect(Math.abs(start - starts[i] - 1.1)).toBeLessThan(0.3);
    });
    expect(tellSpeakers(heard)).toEqual([0, 1, 0, 1]);
  });
});
