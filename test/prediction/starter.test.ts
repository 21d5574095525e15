import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withTables } from '../../scripts/starter/card.mjs';
import { faceSplits } from '../../scripts/starter/manifests.mjs';
import { decodeSound } from '../../src/encoders/media/decode.js';
import { filesIn, open, type Predictor } from '../../src/index.js';
import { readSafetensors } from '../../src/interchange/files.js';

const home = resolve('models/starter');
const shared = resolve('../shared/data');
const folder = mkdtempSync(join(tmpdir(), 'vega-starter-'));
afterAll(() => rmSync(folder, { recursive: true }));
const settings = JSON.parse(readFileSync('scripts/starter/settings.json', 'utf8'));
/** Paths of pictures that the starter was not trained on. */
const heldOut = (label: string) =>
  [...faceSplits(join(shared, 'faces', label), settings.splits.faces.seed)].flatMap(([name, split]) =>
    split === 'test' ? [join(shared, 'faces', label, name)] : [],
  );
const recorded = JSON.parse(readFileSync(join(home, 'scores.json'), 'utf8'));

describe('the package vega-merc-starter', () => {
  const files = readdirSync(join(home, 'model'));

  it('is small, in half-precision numbers, and holds no pictures and no paths of a machine', () => {
    const bytes = files.reduce((sum, name) => sum + statSync(join(home, 'model', name)).size, 0);
    expect(bytes).toBeLessThan(8e6);
    expect(recorded.bytes).toBe(bytes);
    const { tensors } = readSafetensors(join(home, 'model/model.safetensors'));
    expect(new Set([...tensors.values()].map(({ dtype }) => dtype))).toEqual(new Set(['float16']));
    const anchors = readSafetensors(join(home, 'model/anchors.safetensors'));
    expect([...anchors.tensors.keys()].filter((name) => name.startsWith('thumbnail'))).toEqual([]);
    expect(readFileSync(join(home, 'model/config.json'), 'utf8')).not.toMatch(/\.\.\/|\/tmp|\/home|\/work/);
  });

  it('has terms of its own, and is no part of the MIT package', () => {
    expect(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).license).toBe('SEE LICENSE IN LICENSE');
    const main = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(main.license).toBe('MIT');
    expect(main.files.some((name: string) => name.startsWith('models'))).toBe(false);
    expect(main.dependencies).not.toHaveProperty('vega-merc-starter');
  });

  it('has a card whose numbers are those that were recorded', () => {
    const card = readFileSync(join(home, 'README.md'), 'utf8');
    expect(withTables(card, recorded)).toBe(card);
    expect(card).toContain('5(1)(f)');
  });

  it('calls what is composed so beside every number', () => {
    for (const { name, composed } of recorded.scores) expect(name.includes('composed')).toBe(composed);
  });
});

describe('the starter', { timeout: 300_000 }, () => {
  let model: Predictor;
  beforeAll(async () => {
    model = await open('starter');
  });
  afterAll(() => model.dispose());
  const of = async (utterance: object) => (await model.predict([utterance]))[0];

  it('says what it is', () => {
    expect(model.classes).toEqual(['neutral', 'surprise', 'fear', 'sadness', 'joy', 'disgust', 'anger']);
    expect(model.about).toMatchObject({ calibrated: true, context: 'causal', speakers: 'within', finished: true });
    expect(model.about.notes.join(' ')).toContain('composed');
  });

  it.each([
    ["That's wonderful, I'm so happy!", 'joy'],
    ['Get out of my house! I hate you!', 'anger'],
    ['She died last night. I miss her so much.', 'sadness'],
    ['Oh my God! I had no idea!', 'surprise'],
    ['The meeting is at three in the usual room.', 'neutral'],
  ])('reads "%s" as %s', async (text, emotion) => {
    expect((await of({ speaker: 'Ann', text })).emotion).toBe(emotion);
  });

  it('reads a conversation, live too', async () => {
    const said = [
      { speaker: 'Ann', text: 'We won! We actually won!' },
      { speaker: 'Bo', text: 'That is amazing, congratulations!' },
    ];
    const answers = await model.predict(said);
    expect(answers.map(({ emotion }) => emotion)).toEqual(['joy', 'joy']);
    const live = model.live();
    for (const [i, utterance] of said.entries())
      expect((await live.say(utterance)).confidence).toBeCloseTo(answers[i].confidence, 4);
  });

  it('hears most of loud voices of actors that it never heard', async () => {
    const clips = readdirSync(join(shared, 'ravdess/audio')).filter((name) =>
      /^..-..-0[3567]-02-01-01-2[0-4]/.test(name),
    );
    const meant: Record<string, string> = { '03': 'joy', '05': 'anger', '06': 'fear', '07': 'disgust' };
    const right = [];
    for (const clip of clips) {
      const answer = await of({ audio: join(shared, 'ravdess/audio', clip) });
      right.push(answer.emotion === meant[clip.slice(6, 8)]);
    }
    expect(clips).toHaveLength(20);
    expect(right.filter(Boolean).length).toBeGreaterThanOrEqual(12);
  });

  it.each(['joy', 'anger', 'surprise', 'sadness'])('sees %s in held-out faces', async (emotion) => {
    const answers = await Promise.all(heldOut(emotion).map((face) => of({ face })));
    expect(answers).toHaveLength(12);
    expect(answers.filter((answer) => answer.emotion === emotion).length).toBeGreaterThanOrEqual(10);
  });

  it('answers the same from its bytes, as a page opens it', async () => {
    const utterance = [{ speaker: 'Ann', text: 'I am so scared of him.' }];
    await using other = await open(filesIn(join(home, 'model')));
    const [answer] = await other.predict(utterance);
    expect(answer.confidence).toBeCloseTo((await model.predict(utterance))[0].confidence, 5);
  });

  it('takes transcripts, sound and pictures from the command line', () => {
    const predict = (input: string, ...options: string[]) =>
      spawnSync(process.execPath, ['dist/cli/main.js', 'predict', 'starter', input, ...options], { encoding: 'utf8' });
    const [face] = heldOut('joy');
    const seen = predict(face, '--format', 'jsonl');
    expect(seen.stderr).toContain('trained on a composed corpus');
    expect(JSON.parse(seen.stdout)).toMatchObject({
      emotion: 'joy',
      evidence: { shares: { visual: 1 }, face: { box: [0, 0, 1, 1] } },
    });
    const clip = join(shared, 'ravdess/audio/03-01-05-02-01-01-21.opus');
    writeFileSync(join(folder, 'talk.jsonl'), `${JSON.stringify({ speaker: 'Ann', audio: clip, text: 'Get out!' })}\n`);
    const heard = predict(join(folder, 'talk.jsonl'), '--format', 'csv');
    expect(heard.stdout).toContain('Ann,,,Get out!,,anger,');
  });

  it('is seldom sure of voices of a synthesiser, by which it was never taught', async () => {
    const sample = readFileSync('samples/manifest.jsonl', 'utf8').split('\n').slice(0, 30);
    const answers = [];
    for (const line of sample) {
      const answer = await of({ audio: join('samples', JSON.parse(line).media) });
      if (!answer.missing?.audio) answers.push(answer); // one clip in twenty is silent
    }
    expect(answers.length).toBeGreaterThan(25);
    expect(answers.filter(({ unfamiliar }) => unfamiliar).length).toBeGreaterThan(0.8 * answers.length);
    const sure = answers.reduce((sum, { confidence }) => sum + confidence, 0) / answers.length;
    expect(sure).toBeLessThan(0.5); // 0.9 if it did not look at the distance
  });

  it('is about as sure of overdriven voices of actors that it never heard as it is right', async () => {
    const EMOTIONS = ['neutral', 'neutral', 'joy', 'sadness', 'anger', 'fear', 'disgust', 'surprise'];
    const clips = readdirSync(join(shared, 'ravdess/audio')).filter((name) => /-(15|16)\.opus$/.test(name));
    let [sure, right, count] = [0, 0, 0];
    for (const clip of clips.filter((_, i) => i % 3 === 0)) {
      const parts: number[] = [];
      for await (const part of decodeSound(join(shared, 'ravdess/audio', clip), {})) parts.push(...part);
      const samples = Float32Array.from(parts, (x) => Math.min(1, Math.max(-1, 20 * x)));
      const { confidence, emotion } = await of({ audio: { samples, sampleRate: 16_000 } });
      sure += confidence;
      if (emotion === EMOTIONS[Number(clip.slice(6, 8)) - 1]) right++;
      count++;
    }
    expect(count).toBe(40);
    expect(sure / count - right / count).toBeLessThan(0.2); // 0.67 before such voices were taught
  });

  it('has a confidence of its own for conversations that are heard and not seen', () => {
    const { metadata } = readSafetensors(join(home, 'model/model.safetensors'));
    const { temperatures } = JSON.parse(metadata.calibration);
    for (const key of ['text', 'audio', 'visual', 'text,audio', 'text,audio,visual'])
      expect(temperatures[key], key).toBeGreaterThan(0);
  });

  it('marks a voice that is noise as unfamiliar, and not a real one', async () => {
    let seed = 1;
    const noise = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed / 2 ** 30 - 1;
    };
    const samples = Float32Array.from({ length: 32_000 }, () => 0.3 * noise());
    const answer = await of({ audio: { samples, sampleRate: 16_000 } });
    expect(answer.unfamiliar).toEqual(['audio']);
    // Nothing is known of it, so nothing is sure.
    expect(answer.confidence).toBeLessThan(0.25);
    expect(Math.max(...Object.values(answer.probabilities))).toBeLessThan(0.4);
    const text = "That's wonderful, I'm so happy!";
    const [said, alone] = [await of({ text, audio: { samples, sampleRate: 16_000 } }), await of({ text })];
    expect(said).toMatchObject({ emotion: 'joy', confidence: alone.confidence, unfamiliar: ['audio'] });
    expect(said.missing?.audio).toContain('left out');
    const real = await of({ audio: join(shared, 'ravdess/audio/03-01-05-02-01-01-21.opus') });
    expect(real.unfamiliar).toBeUndefined();
  });
});

describe('a starter that is not installed', () => {
  it('says how to get it', async () => {
    vi.resetModules();
    vi.doMock('node:module', () => ({
      createRequire: () => ({
        resolve() {
          throw new Error('not found');
        },
      }),
    }));
    const { modelPath } = await import('../../src/prediction/node/named.js');
    expect(() => modelPath('starter')).toThrow('Install it: npm install vega-merc-starter');
    expect(modelPath('runs/starter')).toBe('runs/starter');
    vi.doUnmock('node:module');
  });
});
