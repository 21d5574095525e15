import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for a test's files; the system clears it. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'vega-extract-'));
}

/** FFmpeg's filters that make a track, and how it is encoded where not as usual for the file's ending. */
export interface Track {
  filters: string;
  codec?: string;
  /** Pixels; yuv420p when left out. */
  format?: string;
  /** Samples a second, and channels. */
  rate?: number;
  layout?: string;
}

/** Writes a recording with the codecs that decode it, in a process of its own. */
export function record(path: string, tracks: { pictures?: string | Track; sound?: string | Track; muxing?: object }) {
  recorder(['record', path, tracks]);
}

/** Copies the tracks of a recording into another container, as they are. */
export function remux(from: string, to: string, muxing: Record<string, string> = {}): void {
  recorder(['remux', from, to, muxing]);
}

function recorder(...jobs: unknown[][]): void {
  execFileSync(process.execPath, ['scripts/record.mjs', JSON.stringify(jobs)], { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** A voice-like sound: harmonics of `pitch` Hz, at a quarter of full scale. */
export function voice(seconds: number, pitch = 150): string {
  const harmonics = [1, 2, 3, 4, 5].map((k) => `${0.15 / k}*sin(2*PI*${k * pitch}*t)`).join('+');
  return `aevalsrc=${harmonics}:s=16000:d=${seconds}`;
}

/** Pictures without any face: colour bars, since the detector takes the clock of `testsrc` for one. */
export function pattern(seconds: number, size = '320x180'): string {
  return `smptebars=s=${size}:r=15:d=${seconds}`;
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
  const still = 'loop=loop=-1:size=1,settb=1/12,setpts=N';
  const pictures = faces.map(({ picture, side, speaks }, i) => {
    // Pulling the lower half of the face down and up again moves the chin and parts the lips.
    const mouth = speaks
      ? `,split[top${i}][low${i}];[low${i}]crop=iw:ih*0.36:0:ih*0.64,scale=w=${side}:h='2*trunc(${side}*(0.18+0.06*abs(sin(9*t))))':eval=frame[moved${i}];[top${i}][moved${i}]overlay=0:H*0.64`
      : '';
    return `movie=${join(FACES, picture)},${still},trim=end=${seconds},scale=${side}:${side}${mouth}[face${i}]`;
  });
  const placed = faces.map(({ x, y }, i) => `[${i === 0 ? 'bg' : `p${i - 1}`}][face${i}]overlay=${x}:${y}[p${i}]`);
  const background = `color=0x777777:s=${size}:r=12:d=${seconds}[bg]`;
  const last = faces.length === 0 ? '[bg]null' : `[p${faces.length - 1}]trim=end=${seconds}`;
  record(path, { pictures: [background, ...pictures, ...placed, last].join(';'), sound: voice(seconds) });
}
