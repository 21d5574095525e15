// One utterance as a small WebM: VP9 pictures of the drawn face, Opus speech; either may be absent.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { SAMPLE_RATE } from './voice.mjs';

/** Pictures a second, and the side of a picture in pixels. */
export const FRAME_RATE = 3;
export const SIDE = 160;

/**
 * Writes a clip.
 * @param {string} path of the .webm
 * @param {string[]} frames SVG documents, FRAME_RATE a second; none for a clip without a picture
 * @param {Int16Array | undefined} samples mono speech at SAMPLE_RATE; undefined for a clip without sound
 */
export async function writeClip(path, frames, samples) {
  const pictures = [];
  for (const svg of frames) pictures.push(await pixels(svg));
  const sound = `${path}.pcm`;
  const args = ['-hide_banner', '-loglevel', 'error', '-y', '-threads', '1'];
  if (frames.length > 0) {
    args.push('-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${SIDE}x${SIDE}`, '-framerate', `${FRAME_RATE}`, '-i', '-');
  }
  if (samples !== undefined) {
    writeFileSync(sound, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    args.push('-f', 's16le', '-ar', `${SAMPLE_RATE}`, '-ac', '1', '-i', sound);
  }
  // Without "bitexact" the container holds a random number, and no two runs would give the same bytes.
  args.push('-map_metadata', '-1', '-fflags', '+bitexact', '-flags', '+bitexact');
  args.push('-c:v', 'libvpx-vp9', '-pix_fmt', 'yuv420p', '-crf', '40', '-b:v', '0', '-g', '999', '-threads', '1');
  args.push('-deadline', 'good', '-cpu-used', '2');
  args.push('-c:a', 'libopus', '-ar', '16000', '-ac', '1', '-b:a', '14k', '-application', 'voip', path);
  const { status, stderr, error } = spawnSync('ffmpeg', args, { input: Buffer.concat(pictures) });
  rmSync(sound, { force: true });
  if (error !== undefined || status !== 0) {
    throw new Error(`ffmpeg cannot write ${path}: ${error?.message ?? stderr.toString().trim()}`);
  }
}

/** Writes one picture as WebP. @param {string} path @param {string} svg */
export async function writePicture(path, svg) {
  await sharp(Buffer.from(svg)).resize(SIDE, SIDE).removeAlpha().webp({ quality: 80 }).toFile(path);
}

/** @param {string} svg @returns {Promise<Buffer>} SIDE x SIDE pixels of red, green and blue */
function pixels(svg) {
  return sharp(Buffer.from(svg)).resize(SIDE, SIDE).removeAlpha().raw().toBuffer();
}
