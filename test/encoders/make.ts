import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for a test's files; the system clears it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'vega-extract-'));
}

/** Runs ffmpeg. */
export function ffmpeg(...args: string[]): void {
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
}

/** ffmpeg's input of a voice-like sound: harmonics of `pitch` Hz, at a quarter of full scale. */
export function voice(seconds: number, pitch = 150): string[] {
  const harmonics = [1, 2, 3, 4, 5].map((k) => `${0.15 / k}*sin(2*PI*${k * pitch}*t)`).join('+');
  return ['-f', 'lavfi', '-i', `aevalsrc=${harmonics}:s=16000:d=${seconds}`];
}

/** ffmpeg's input of a film without any face: colour bars, since the detector takes the clock of `testsrc` for one. */
export function pattern(seconds: number, size = '320x180'): string[] {
  return ['-f', 'lavfi', '-i', `smptebars=s=${size}:r=15:d=${seconds}`];
}

const FACES = '../shared/data/faces';

/**
 * Writes a film of still faces, with a voice.
 * @param faces picture of `../shared/data/faces`, place and side of each; a face that speaks opens and shuts its mouth.
 */
export function film(
  path: string,
  seconds: number,
  faces: { picture: string; x: number; y: number; side: number; speaks?: boolean }[],
  size = '640x360',
): void {
  const inputs = faces.flatMap(({ picture }) => [
    '-loop',
    '1',
    '-framerate',
    '12',
    '-t',
    `${seconds}`,
    '-i',
    join(FACES, picture),
  ]);
  const scaled = faces.map(({ side, speaks }, i) => {
    // Pulling the lower half of the face down and up again moves the chin and parts the lips.
    const mouth = speaks
      ? `,split[top${i}][low${i}];[low${i}]crop=iw:ih*0.36:0:ih*0.64,scale=w=${side}:h='2*trunc(${side}*(0.18+0.06*abs(sin(9*t))))':eval=frame[moved${i}];[top${i}][moved${i}]overlay=0:H*0.64`
      : '';
    return `[${i}:v]scale=${side}:${side}${mouth}[face${i}]`;
  });
  const placed = faces.map(({ x, y }, i) => `[${i === 0 ? 'bg' : `p${i - 1}`}][face${i}]overlay=${x}:${y}[p${i}]`);
  const background = `color=0x777777:s=${size}:r=12:d=${seconds}[bg]`;
  const sound = faces.length;
  ffmpeg(
    ...inputs,
    ...voice(seconds),
    '-filter_complex',
    [background, ...scaled, ...placed].join(';'),
    '-map',
    faces.length === 0 ? '[bg]' : `[p${faces.length - 1}]`,
    '-map',
    `${sound}:a`,
    '-t',
    `${seconds}`,
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    '-pix_fmt',
    'yuv420p',
    path,
  );
}
