import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { createEncoderPool } from '../../src/encoders/extract/pool.js';
import type { PredictionLine } from '../../src/prediction/index.js';
import { encodersOf } from '../../src/prediction/node/encoders.js';
import { openModel, predictInput } from '../../src/prediction/node/index.js';
import { film, temporaryFolder } from '../encoders/make.js';

const pools = vi.hoisted(() => [] as number[]);
vi.mock('../../src/encoders/extract/pool.js', async (original) => {
  const { createEncoderPool: create } = await original<{ createEncoderPool: typeof createEncoderPool }>();
  return {
    createEncoderPool: (...options: Parameters<typeof create>) => {
      pools.push(options[1]);
      return create(...options);
    },
  };
});

const folder = temporaryFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const faces = '../shared/data/faces';

describe('a film of many utterances', { timeout: 300_000 }, () => {
  it.skipIf(!existsSync(faces))('is answered by several processes as by one, to the byte', async () => {
    const media = join(folder, 'talk.mp4');
    const face = { picture: 'joy/00.jpg', x: 200, y: 60, side: 240, speaks: true };
    film(media, 8, [face]);
    const input = join(folder, 'talk.jsonl');
    const stretches = Array.from({ length: 16 }, (_, i) => ({ start: i / 2, end: (i + 1) / 2 }));
    // Past the film's end: this one cannot be read.
    const lines = [...stretches, { start: 60, end: 61 }].map((times) => ({
      speaker: 'Ann',
      text: 'Hm.',
      media,
      ...times,
    }));
    writeFileSync(input, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const answered = async (jobs: number) => {
      const opened = await openModel('starter', { encoders: encodersOf(jobs), threads: 1 });
      const answers: PredictionLine[] = [];
      await predictInput(opened, input, { stdin: process.stdin }, (some) => answers.push(...some));
      await opened.predictor.dispose();
      return answers.map((answer) => `${JSON.stringify(answer)}\n`).join('');
    };
    const alone = await answered(1);
    expect(pools).toEqual([]);
    expect(await answered(2)).toBe(alone);
    expect(pools).toEqual([2, 2]);
    const answers = alone.trim().split('\n');
    expect(answers[0]).toContain('"thumbnail":"data:image/jpeg');
    expect(answers[16]).toMatch(/before the clip's start/);
  });
});
