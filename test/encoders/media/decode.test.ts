import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_RATE } from '../../../src/encoders/media/audio.js';
import type { Clip } from '../../../src/encoders/media/clip.js';
import { decodePictures, decodeSound } from '../../../src/encoders/media/decode.js';
import { pattern, record, remux, temporaryFolder, voice } from '../make.js';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

async function seconds({ media, ...stretch }: Clip): Promise<number> {
  let samples = 0;
  for await (const piece of decodeSound(media, stretch)) samples += piece.length;
  return samples / SAMPLE_RATE;
}

async function frames({ media, ...stretch }: Clip, fps = 3) {
  const found = [];
  for await (const picture of decodePictures(media, { ...stretch, fps })) found.push(picture);
  return found;
}

beforeAll(() => {
  record(at('film.mp4'), { sound: voice(4), pictures: pattern(4) });
  record(at('voice.wav'), { sound: voice(4) });
  record(at('mute.mp4'), { pictures: pattern(1) });
  writeFileSync(at('empty.mp4'), '');
  writeFileSync(at('words.mp4'), 'these are words\n'.repeat(500));
  const film = readFileSync(at('film.mp4'));
  writeFileSync(at('cut.mp4'), film.subarray(0, film.length / 2));
  remux(at('film.mp4'), at('film.mkv'));
  remux(at('film.mp4'), at('fast.mp4'), { movflags: '+faststart' });
  writeFileSync(at('cut-fast.mp4'), readFileSync(at('fast.mp4')).subarray(0, film.length / 2));
  writeFileSync(at('cut.mkv'), readFileSync(at('film.mkv')).subarray(0, film.length / 2));
  const sound = readFileSync(at('voice.wav'));
  writeFileSync(at('cut.wav'), sound.subarray(0, sound.length / 2));
});

describe('decodeSound', () => {
  it('reads a whole file, and a stretch of one', async () => {
    expect(await seconds({ media: at('film.mp4') })).toBeCloseTo(4, 1);
    expect(await seconds({ media: at('film.mp4'), start: 1.5, end: 2.25 })).toBeCloseTo(0.75, 2);
    expect(await seconds({ media: at('voice.wav'), start: 3 })).toBeCloseTo(1, 2);
  });

  it('goes by the bytes of a file and not by its name', async () => {
    copyFileSync(at('film.mp4'), at('film.wav'));
    expect(await seconds({ media: at('film.wav') })).toBeCloseTo(4, 1);
  });

  it('reads names with colons, blanks and hyphens', async () => {
    copyFileSync(at('voice.wav'), at('-a voice: 1.wav'));
    expect(await seconds({ media: at('-a voice: 1.wav') })).toBeCloseTo(4, 2);
  });

  it.each(['mp4', 'webm'])('reads the sound of a whole film (%s) that ends before its pictures do', async (format) => {
    record(at(`short-sound.${format}`), { sound: voice(1.5), pictures: pattern(4) });
    expect(await seconds({ media: at(`short-sound.${format}`) })).toBeCloseTo(1.5, 1);
    expect(await seconds({ media: at(`short-sound.${format}`), start: 1, end: 3 })).toBeCloseTo(0.5, 1);
  });

  it('reads up to the end where the end is a little late', async () => {
    expect(await seconds({ media: at('voice.wav'), start: 3, end: 4.5 })).toBeCloseTo(1, 2);
  });

  it.each([
    ['a file that is not there', 'gone.mp4', {}, 'does not exist'],
    ['a film without sound', 'mute.mp4', {}, 'has no audio track'],
    ['an empty file', 'empty.mp4', {}, 'is empty'],
    ['a file that is no recording', 'words.mp4', {}, 'is damaged, cut short or no recording'],
    ['a film cut short before its index', 'cut.mp4', {}, 'is damaged, cut short or no recording'],
    ['a sound cut short', 'cut.wav', {}, 'is damaged or was cut short: its last packet is not whole'],
    ['a film cut short after its index', 'cut.mkv', {}, 's could be decoded'],
    ['a film cut short that begins with its index', 'cut-fast.mp4', {}, 'its last packet is not whole'],
    ['times of no length', 'voice.wav', { start: 2, end: 2 }, 'is asked for from 2 s to 2 s, which is no time at all'],
    ['times past the end', 'voice.wav', { start: 5, end: 6 }, "ends at 4 s, before the clip's start at 5 s"],
    ['times far past the end', 'voice.wav', { start: 3, end: 9 }, "ends at 4 s, but the clip's end is at 9 s"],
  ])('says what is wrong with %s', async (_, name, times, reason) => {
    await expect(seconds({ media: at(name), ...times })).rejects.toThrow(reason);
  });
});

describe('decodePictures', () => {
  it('takes the first frame, then frames at the rate asked for', async () => {
    const found = await frames({ media: at('film.mp4') });
    expect(found).toHaveLength(12);
    expect(found[0]).toMatchObject({ width: 320, height: 180 });
    expect(found[0].data).toHaveLength(320 * 180 * 3);
    expect(await frames({ media: at('film.mp4'), start: 1, end: 2 })).toHaveLength(3);
    expect(await frames({ media: at('film.mp4'), start: 1, end: 1.1 })).toHaveLength(1);
  });

  it('goes by the times of frames where their rate varies', async () => {
    // Frames of the first second only, then one each second: 15 + 3 in 4 seconds.
    record(at('varies.mkv'), { pictures: `${pattern(4)},select='lt(t,1)+not(mod(n,15))'` });
    expect(await frames({ media: at('varies.mkv') })).toHaveLength(6);
  });

  it('shrinks large pictures, squares their pixels and turns them upright', async () => {
    record(at('large.mkv'), { pictures: `${pattern(0.4, '1200x1200')},setsar=1/2` });
    expect((await frames({ media: at('large.mkv') }))[0]).toMatchObject({ width: 320, height: 640 });
  });

  it.each(['cut.mp4', 'cut.mkv', 'cut-fast.mp4'])('says that a film was cut short: %s', async (name) => {
    await expect(frames({ media: at(name) })).rejects.toThrow('cut short');
  });

  it('says that a sound has no pictures', async () => {
    await expect(frames({ media: at('voice.wav') })).rejects.toThrow('has no video track');
  });
});
