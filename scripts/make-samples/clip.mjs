// One utterance as a small WebM: VP9 pictures of the drawn face, Opus speech; either may be absent.
import { AV_PIX_FMT_RGB24, AV_SAMPLE_FMT_S16 } from 'node-av/constants';
import { Frame } from 'node-av/lib';
import sharp from 'sharp';
import { record } from '../record.mjs';
import { SAMPLE_RATE } from './voice.mjs';

/** Pictures a second, and the side of a picture in pixels. */
export const FRAME_RATE = 3;
export const SIDE = 160;
/** Samples that are handed to the codec at a time. */
const PIECE = 1024;

/**
 * Writes a clip.
 * @param {string} path of the .webm
 * @param {string[]} frames SVG documents, FRAME_RATE a second; none for a clip without a picture
 * @param {Int16Array | undefined} samples mono speech at SAMPLE_RATE; undefined for a clip without sound
 */
export async function writeClip(path, frames, samples) {
  const pictures = [];
  for (const svg of frames) pictures.push(await pixels(svg));
  const size = `${SIDE}x${SIDE}`;
  record(path, {
    pictures: pictures.length > 0 && {
      filters: `buffer@in=video_size=${size}:pix_fmt=rgb24:time_base=1/${FRAME_RATE}:frame_rate=${FRAME_RATE}:pixel_aspect=1/1,null`,
      frames: pictureFrames(pictures),
      options: { crf: '40', b: '0', g: '999', deadline: 'good', 'cpu-used': '2' },
    },
    sound: samples && {
      filters: `abuffer@in=time_base=1/${SAMPLE_RATE}:sample_rate=${SAMPLE_RATE}:sample_fmt=s16:channel_layout=mono,anull`,
      frames: soundFrames(samples),
      rate: 16_000,
      options: { b: '14k', application: 'voip' },
    },
    // Without "bitexact" the container holds a random number, and no two runs would give the same bytes.
    muxing: { fflags: '+bitexact' },
  });
}

function* pictureFrames(pictures) {
  for (const [i, data] of pictures.entries()) {
    yield Frame.fromVideoBuffer(data, {
      width: SIDE,
      height: SIDE,
      format: AV_PIX_FMT_RGB24,
      pts: BigInt(i),
      timeBase: { num: 1, den: FRAME_RATE },
    });
  }
}

function* soundFrames(samples) {
  for (let at = 0; at < samples.length; at += PIECE) {
    const piece = samples.subarray(at, at + PIECE);
    yield Frame.fromAudioBuffer(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), {
      sampleRate: SAMPLE_RATE,
      format: AV_SAMPLE_FMT_S16,
      nbSamples: piece.length,
      channelLayout: { order: 1, nbChannels: 1, mask: 4n },
      pts: BigInt(at),
      timeBase: { num: 1, den: SAMPLE_RATE },
    });
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
