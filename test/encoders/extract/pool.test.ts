import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createEncoderPool } from '../../../src/encoders/extract/pool.js';
import { DEFAULT_CHOICE } from '../../../src/encoders/index.js';
import { childrenOf } from '../../processes.js';
import { film, pattern, record, temporaryFolder, voice } from '../make.js';

const folder = temporaryFolder();

beforeAll(() => {
  record(join(folder, 'long.wav'), { sound: voice(120) });
  record(join(folder, 'short.wav'), { sound: voice(1) });
});

describe('createEncoderPool', { timeout: 120_000 }, () => {
  it('gives a clip the same row alone and together with others, broken ones among them', async () => {
    const encoders = createEncoderPool({ ...DEFAULT_CHOICE, audio: ['functionals'] }, 1);
    const clips = [
      { media: join(folder, 'short.wav') },
      { media: join(folder, 'long.wav'), start: 10, end: 12 },
      { media: join(folder, 'short.wav'), start: 0.25 },
    ];
    const run = (...chosen: { media: string }[]) => encoders.run({ modality: 'audio', clips: chosen });
    const alone = [];
    for (const clip of clips) alone.push(...((await run(clip)) as object[]));
    expect(await run(...clips)).toEqual(alone);
    const late = { media: join(folder, 'short.wav'), start: 5, end: 6 };
    const gone = { media: join(folder, 'gone.wav') };
    const mute = { media: join(folder, 'mute.mp4') };
    record(mute.media, { pictures: pattern(1) });
    const reasons = [
      { state: 'failed', reason: "ends at 1 s, before the clip's start at 5 s" },
      { state: 'failed', reason: 'does not exist' },
      { state: 'absent', reason: 'no sound track' },
    ];
    expect(await run(clips[0], late)).toEqual([alone[0], reasons[0]]);
    expect(await run(clips[0], gone, clips[2])).toEqual([alone[0], reasons[1], alone[2]]);
    const nothing = { media: join(folder, 'short.wav'), start: 0.5, end: 0.5 };
    expect(await run(clips[0], nothing)).toMatchObject([
      alone[0],
      { reason: expect.stringMatching('which is no time at all') },
    ]);
    expect(await run(clips[0], mute, clips[2], mute)).toEqual([alone[0], reasons[2], alone[2], reasons[2]]);
  });

  it('gives a film the same row alone and together with others, whose frames come in between', async () => {
    film(join(folder, 'left.mp4'), 1.5, [{ picture: 'joy/00.jpg', x: 60, y: 60, side: 240 }]);
    film(join(folder, 'right.mp4'), 2, [{ picture: 'anger/00.jpg', x: 300, y: 60, side: 240, speaks: true }]);
    const encoders = createEncoderPool({ ...DEFAULT_CHOICE, rate: 6 }, 1);
    const clips = ['left.mp4', 'short.wav', 'right.mp4', 'mute.mp4'].map((name) => ({ media: join(folder, name) }));
    const alone = [];
    for (const clip of clips) alone.push(...((await encoders.run({ modality: 'visual', clips: [clip] })) as object[]));
    expect(await encoders.run({ modality: 'visual', clips })).toEqual(alone);
    expect(alone).toMatchObject([
      { state: 'present' },
      { state: 'absent', reason: 'no moving pictures' },
      { state: 'present' },
      { state: 'absent', reason: 'no face in 5 frames' },
    ]);
  });

  it.skipIf(process.platform === 'win32')('ends within a clip when it is told to', async () => {
    const stop = new AbortController();
    const pool = createEncoderPool({ ...DEFAULT_CHOICE, audio: ['functionals'] }, 1, stop.signal);
    const decoders = () => childrenOf(process.pid).filter(({ args }) => args.includes('media/child/main'));
    const clips = Array.from({ length: 4 }, () => ({ media: join(folder, 'long.wav') }));
    const running = pool.run({ modality: 'audio', clips });
    const ended = expect(running).rejects.toThrow('enough');
    while (decoders().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    stop.abort(new Error('enough'));
    await ended;
    await pool.close();
  });
});
