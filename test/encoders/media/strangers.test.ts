import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodePictures, decodeSound } from '../../../src/encoders/media/decode.js';
import { pattern, record, temporaryFolder, voice } from '../make.js';

// Recordings that come from strangers: what they hold must not reach any other file, nor stop the program.

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

async function seconds(name: string): Promise<number> {
  let samples = 0;
  for await (const piece of decodeSound(at(name))) samples += piece.length;
  return samples / 16_000;
}

async function pictures(name: string, fps = 3) {
  const found = [];
  for await (const picture of decodePictures(at(name), { fps })) found.push(picture);
  return found;
}

beforeAll(() => {
  record(at('private.ts'), { sound: voice(2), pictures: pattern(2) });
  record(at('voice.wav'), { sound: voice(1) });
});

describe('a file that names other files', () => {
  const hls = '#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:2.0,\nprivate.ts\n#EXT-X-ENDLIST\n';
  const dash =
    '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>private.ts</BaseURL></Representation></AdaptationSet></Period></MPD>';
  it.each([
    ['an HLS playlist', 'hls.mp4', hls, 'is a list of other files'],
    ['an HLS playlist by its own ending', 'hls.m3u8', hls, 'is a list of other files'],
    ['ffconcat', 'concat.mp4', "ffconcat version 1.0\nfile 'private.ts'\n", 'is a list of other files'],
    ['a DASH manifest', 'dash.mp4', dash, 'is a list of other files'],
    [
      'a session description',
      'session.mp4',
      'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n',
      'is',
    ],
  ])('is refused: %s', async (_, name, content, reason) => {
    writeFileSync(at(name), content);
    await expect(seconds(name)).rejects.toThrow(reason);
    await expect(pictures(name)).rejects.toThrow(reason);
  });

  it('is refused where it is a picture', async () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    for (const name of ['face.png', 'face.mp4', 's%d.png', 's0.png', 's1.png']) writeFileSync(at(name), png);
    for (const name of ['face.png', 'face.mp4', 's%d.png']) {
      await expect(seconds(name)).rejects.toThrow('is a picture, not a recording');
      await expect(pictures(name)).rejects.toThrow('is a picture, not a recording');
    }
  });

  it('is itself read, not the files of a pattern that its name may look like', async () => {
    record(at('s0.mp4'), { pictures: pattern(3) });
    copyFileSync(at('private.ts'), at('s%d.mp4'));
    expect(await pictures('s%d.mp4')).toHaveLength(6);
  });
});

describe('a name', () => {
  it.each([
    '-i',
    'a "quoted" \'name\'',
    'two\nlines',
    '%d %03d',
    '$(touch oops)',
    '`id`',
    'data:,x',
    'concat:a|b',
    'ü 語',
  ])('is but a name: %s', async (name) => {
    copyFileSync(at('voice.wav'), at(name));
    expect(await seconds(name)).toBeCloseTo(1, 2);
  });
});

describe('what is no file', () => {
  it.skipIf(process.platform === 'win32')('is refused without opening it', async () => {
    // Node makes no pipes with names: where no program does, a device stands in.
    const made = spawnSync('mkfifo', [at('pipe.wav')]);
    if (made.error) symlinkSync('/dev/null', at('pipe.wav'));
    mkdirSync(at('folder.wav'));
    await expect(seconds('pipe.wav')).rejects.toThrow('is a pipe or a device, not a file');
    await expect(seconds('folder.wav')).rejects.toThrow('is a folder, not a recording');
  });
});

describe('formats', () => {
  it.each(['mp4', 'mov', 'mkv', 'webm', 'avi', 'ts', 'ogg'])('reads sound and pictures of .%s', async (ending) => {
    record(at(`film.${ending}`), { sound: voice(2), pictures: pattern(2) });
    expect(await seconds(`film.${ending}`)).toBeCloseTo(2, 0);
    expect((await pictures(`film.${ending}`))[0]).toMatchObject({ width: 320, height: 180, time: expect.any(Number) });
  });

  it.each(['m4a', 'opus', 'mp3', 'flac', 'wav'])('reads sound of .%s', async (ending) => {
    record(at(`sound.${ending}`), { sound: voice(2) });
    expect(await seconds(`sound.${ending}`)).toBeCloseTo(2, 1);
    await expect(pictures(`sound.${ending}`)).rejects.toThrow('has no video track');
  });

  it('mixes the channels of 5.1, and reads telephone sound', async () => {
    record(at('surround.wav'), { sound: { filters: voice(2), layout: '5.1', rate: 44_100 } });
    record(at('telephone.wav'), { sound: { filters: voice(2), codec: 'pcm_mulaw', rate: 8000 } });
    expect(await seconds('surround.wav')).toBeCloseTo(2, 2);
    expect(await seconds('telephone.wav')).toBeCloseTo(2, 2);
  });

  it('turns pictures as the file says', async () => {
    record(at('upright.mp4'), { pictures: pattern(1) });
    const film = readFileSync(at('upright.mp4'));
    // The matrix of the track's header: a quarter turn.
    const place = film.indexOf('tkhd') + 4 + 40;
    const turn = [0, 65_536, 0, -65_536, 0, 0, 180 * 65_536, 0, 0x40000000];
    for (const [i, value] of turn.entries()) film.writeInt32BE(value, place + i * 4);
    writeFileSync(at('turned.mp4'), film);
    const [[straight], [turned]] = [await pictures('upright.mp4'), await pictures('turned.mp4')];
    expect(turned).toMatchObject({ width: 180, height: 320 });
    // Turned clockwise: what was at the left below is at the left above.
    const colour = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) =>
      [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)].map((value) => Math.round(value / 16));
    expect(colour(turned, 2, 2)).toEqual(colour(straight, 2, 177));
    expect(colour(turned, 177, 2)).toEqual(colour(straight, 2, 2));
  });

  it('puts samples where their times say, when asked to', async () => {
    record(at('late.mkv'), { pictures: pattern(3), sound: `${voice(1)},asetpts=PTS+1/TB` });
    const timed = [];
    for await (const piece of decodeSound(at('late.mkv'), { timed: true })) timed.push(...piece);
    expect(timed.length / 16_000).toBeCloseTo(2, 1);
    expect(timed.slice(0, 15_000).every((value) => value === 0)).toBe(true);
    expect(timed.slice(17_000).some((value) => Math.abs(value) > 0.05)).toBe(true);
  });
});
