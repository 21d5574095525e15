import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../src/corpus/files.js';
import { createCorpus, type EncoderPart, encoderName } from '../../src/corpus/index.js';
import { describeEncoders } from '../../src/encoders/extract/choice.js';
import { extract } from '../../src/encoders/index.js';
import type { RawInput } from '../../src/prediction/index.js';
import { open, openWith } from '../../src/prediction/node/index.js';
import { openRowEncoder } from '../../src/prediction/node/rows.js';
import { readRunConfig } from '../../src/run/index.js';
import { record } from '../encoders/make.js';
import { LINES, spokenRuns } from './spoken.js';

let spoken: Awaited<ReturnType<typeof spokenRuns>>;
let run: string;
beforeAll(async () => {
  spoken = await spokenRuns();
  run = await spoken.train('words');
}, 240_000);
afterAll(() => spoken.remove());

/** A voice-like sound of two seconds, 16 kHz. */
const samples = Float32Array.from({ length: 32_000 }, (_, i) => {
  const t = i / 16_000;
  const pitch = 140 + 30 * Math.sin(2 * Math.PI * 2 * t);
  let sum = 0;
  for (let k = 1; k < 12; k++) sum += Math.sin(2 * Math.PI * pitch * k * t) / k;
  return 0.2 * sum * (0.6 + 0.4 * Math.sin(2 * Math.PI * 3 * t));
});

/** Float WAV, one channel. */
function wav(sound: Float32Array, rate: number): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + sound.byteLength, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(3, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 4, 28);
  header.writeUInt16LE(4, 32);
  header.writeUInt16LE(32, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(sound.byteLength, 40);
  return Buffer.concat([header, Buffer.from(sound.buffer)]);
}

describe('raw media', () => {
  it('text becomes the row that extract made of it, and is understood', async () => {
    const corpus = readCorpus(spoken.corpus);
    const { parts } = readRunConfig(run).inputs.text ?? {};
    expect(parts).toEqual(corpus.features.text?.parts);
    expect(parts?.[0]).toMatchObject({ encoder: 'sentence', package: expect.any(String), version: expect.any(String) });
    const encoder = await openRowEncoder('text', parts as EncoderPart[]);
    const texts = corpus.dialogues.flatMap(({ utterances }) => utterances.map(({ text }) => text as string));
    const rows = await encoder.encode(
      texts.map((text) => ({ text })),
      {},
    );
    await encoder.dispose();
    rows.forEach((encoded, n) => {
      expect('row' in encoded && encoded.row).toEqual(corpus.features.text?.rows.slice(512 * n, 512 * (n + 1)));
    });
    await using model = await open(run);
    const answers = await model.predict([
      { speaker: 'Ann', text: LINES.joy[0] },
      { speaker: 'Bo', text: LINES.neutral[0] },
      { speaker: 'Ann', text: ' ' },
    ]);
    expect(answers.slice(0, 2).map(({ emotion }) => emotion)).toEqual(['joy', 'neutral']);
    expect(answers[2].modalities).toEqual({});
  });

  it('sound and pictures become the rows that extract makes of the same in files', async () => {
    writeFileSync(join(spoken.root, 'voice.wav'), wav(samples, 16_000));
    const picture = await sharp('samples/faces/joy/p01.webp').png().toBuffer();
    writeFileSync(join(spoken.root, 'face.png'), picture);
    // A film of one frame, without loss.
    const film = { filters: `movie=${join(spoken.root, 'face.png')}`, codec: 'ffv1', format: 'bgr0' };
    record(join(spoken.root, 'face.mkv'), { pictures: film });
    const media = ['voice.wav', 'face.mkv'].map((name, i) => JSON.stringify({ dialogue: 'a', media: name, index: i }));
    const manifest = join(spoken.root, 'media.jsonl');
    writeFileSync(manifest, `${media.join('\n')}\n`);
    const out = join(spoken.root, 'media');
    const encoders = { audio: ['functionals', 'speech'], visual: ['expression'], rate: 3 };
    const cache = join(spoken.root, 'cache');
    const { corpus } = await extract({ input: manifest, out, encoders, jobs: 1, cache, classes: ['joy', 'anger'] });
    const { audio, visual } = corpus.features;
    const encode = async (modality: 'audio' | 'visual', parts: readonly EncoderPart[], input: RawInput) => {
      const encoder = await openRowEncoder(modality, parts);
      const [encoded] = await encoder.encode([input], {});
      await encoder.dispose();
      return encoded;
    };
    const voices: RawInput[] = [
      { sound: { samples, sampleRate: 16_000 } },
      { sound: join(spoken.root, 'voice.wav') },
      { sound: new Blob([new Uint8Array(wav(samples, 16_000))]) },
    ];
    for (const voice of voices) {
      const encoded = await encode('audio', audio?.parts as EncoderPart[], voice);
      expect('row' in encoded && encoded.row).toEqual(audio?.rows.slice(0, audio.dim));
    }
    const { data, info } = await sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const decoded = { width: info.width, height: info.height, data: new Uint8Array(data) };
    const faces: RawInput[] = [
      { picture: decoded },
      { picture: join(spoken.root, 'face.png') },
      { picture: new Blob([new Uint8Array(picture)]) },
      { film: join(spoken.root, 'face.mkv') },
    ];
    expect(visual?.presence?.[1] ?? 1).toBe(1);
    for (const shown of faces) {
      const encoded = await encode('visual', visual?.parts as EncoderPart[], shown);
      expect('row' in encoded && encoded.row).toEqual(visual?.rows.slice(visual.dim, 2 * visual.dim));
      // The face is shown as the encoder saw it.
      const { thumbnail = '', time } = ('face' in encoded && encoded.face) || {};
      expect(time).toBe('film' in shown ? 0 : undefined);
      expect(thumbnail.length).toBeLessThan(3000);
      expect(thumbnail).toMatch(/^data:image\/jpeg;base64,/);
      const shot = await sharp(Buffer.from(thumbnail.split(',')[1], 'base64')).metadata();
      expect(shot).toMatchObject({ format: 'jpeg', width: 64, height: 64 });
    }
    // A corpus says where faces were, and holds no picture of anybody.
    expect(readFileSync(join(out, 'extraction.json'), 'utf8')).not.toContain('thumbnail');
    const silent = await encode('audio', audio?.parts as EncoderPart[], {
      sound: { samples: new Float32Array(16_000), sampleRate: 16_000 },
    });
    expect(silent).toEqual({ absent: 'silence' });
    const lost = await encode('audio', audio?.parts as EncoderPart[], { sound: join(spoken.root, 'nothing.wav') });
    expect(lost).toEqual({ failed: expect.stringContaining('does not exist') });
  }, 240_000);

  it('sound of another rate is heard alike', async () => {
    const described = await describeEncoders({ audio: ['functionals'], rate: 3 }, 'audio');
    const encoder = await openRowEncoder('audio', described);
    const fine = Float32Array.from({ length: 2 * 44_100 }, (_, i) => {
      const t = i / 44_100;
      return 0.3 * Math.sin(2 * Math.PI * 220 * t) + 0.1 * Math.sin(2 * Math.PI * 440 * t);
    });
    const plain = Float32Array.from({ length: 32_000 }, (_, i) => {
      const t = i / 16_000;
      return 0.3 * Math.sin(2 * Math.PI * 220 * t) + 0.1 * Math.sin(2 * Math.PI * 440 * t);
    });
    const [a, b] = await encoder.encode(
      [{ sound: { samples: fine, sampleRate: 44_100 } }, { sound: { samples: plain, sampleRate: 16_000 } }],
      {},
    );
    await encoder.dispose();
    if (!('row' in a) || !('row' in b)) throw new Error('no row');
    const near = a.row.reduce(
      (sum, x, i) => sum + (Math.abs(x - b.row[i]) <= 0.05 * (Math.abs(b.row[i]) + 1) ? 1 : 0),
      0,
    );
    expect(near / a.row.length).toBeGreaterThan(0.8);
  });

  it('is refused in a sentence where it cannot be read, or counts as missing where that is asked for', async () => {
    await using model = await open(run);
    await using alone = await open(run, { encoders: { open: async () => Promise.reject(new Error('never')) } });
    await expect(alone.predict([{ text: 'Hello.' }])).rejects.toThrow('never');
    const broken = {
      open: async () => ({
        encode: async (inputs: readonly RawInput[]) => inputs.map(() => ({ failed: 'is torn' })),
        dispose: async () => {},
      }),
    };
    await using torn = await open(run, { encoders: broken });
    await expect(torn.predict([{ speaker: 'Ann' }, { text: 'Hello.' }])).rejects.toThrow('utterances[1].text is torn.');
    const [answer] = await torn.predict([{ text: 'Hello.' }], { unreadable: 'absent' });
    expect(answer.missing).toEqual({ text: 'is torn' });
    const narrow = {
      open: async () => ({ encode: async () => [{ row: new Float32Array(3) }], dispose: async () => {} }),
    };
    await using other = await open(run, { encoders: narrow });
    await expect(other.predict([{ text: 'Hello.' }])).rejects.toThrow(
      'utterances[0].text gave 3 numbers, but the model takes 512',
    );
    expect(model.inputs.text?.encoder).toContain('sentence');
  });
});

describe('encoders of a run', () => {
  it('other ones of the same dimension are refused by name, in a corpus and in an utterance', async () => {
    const corpus = readCorpus(spoken.corpus);
    const { text } = corpus.features;
    if (text === undefined) throw new Error('no text');
    const own = text.parts as EncoderPart[];
    const remade = (parts: EncoderPart[]) =>
      createCorpus(
        { ...corpus, features: { text: { ...text, parts, encoder: parts.map(encoderName).join(' + ') } } },
        'the test',
      );
    const other = remade([{ encoder: 'roberta', sha256: 'f'.repeat(64), pooling: 'mean' }]);
    await expect(openWith(run, other)).rejects.toThrow(
      /text features of roberta \(SHA-256 ffffffffffffffff\), but the model was trained with those of sentence \(/,
    );
    // Another release of the same package is the same encoder; a reader is told.
    const { predictor, fit } = await openWith(run, remade([{ ...own[0], version: '9.9.9' }]));
    expect(fit.notes).toEqual([expect.stringContaining('9.9.9')]);
    const row = new Float32Array(512);
    const { encoder } = predictor.inputs.text ?? {};
    await predictor.predict([{ features: { text: { row, encoder: encoder as string } } }]);
    await expect(predictor.predict([{ features: { text: { row, encoder: 'roberta' } } }])).rejects.toThrow(
      /utterances\[0\]\.features\.text was made by roberta, but the model was trained on features of sentence/,
    );
    await predictor.dispose();
  });

  it('are not opened where they cannot make such rows', async () => {
    const parts = readRunConfig(run).inputs.text?.parts as EncoderPart[];
    await expect(openRowEncoder('text', [{ ...parts[0], package: 'another' }])).rejects.toThrow(
      /The model's text features were made by sentence \(another/,
    );
  });
});
