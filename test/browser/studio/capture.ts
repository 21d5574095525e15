import { writeFileSync } from 'node:fs';
import { decodePictures, decodeSound } from '../../../src/encoders/media/decode.js';

const RATE = 16_000;

/** A WAV file for Chromium's microphone: a second of silence, the sound of the films with one between them, silence. */
export async function writeMicrophone(file: string, films: readonly string[]): Promise<void> {
  const pieces = [new Float32Array(RATE)];
  for (const film of films) {
    for await (const samples of decodeSound(film, { sampleRate: RATE })) pieces.push(samples);
    pieces.push(new Float32Array(1.5 * RATE));
  }
  const samples = Int16Array.from(
    pieces.flatMap((piece) => [...piece]),
    (x) => Math.round(Math.max(-1, Math.min(1, x)) * 32_767),
  );
  const head = Buffer.alloc(44);
  head.write('RIFF');
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20); // whole numbers
  head.writeUInt16LE(1, 22); // one channel
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(2 * RATE, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  writeFileSync(file, Buffer.concat([head, Buffer.from(samples.buffer)]));
}

/** A Y4M file for Chromium's camera: the pictures of a film, over and over. */
export async function writeCamera(file: string, film: string): Promise<void> {
  const parts: Buffer[] = [];
  for await (const { width, height, data } of decodePictures(film, { fps: 10 })) {
    if (parts.length === 0) parts.push(Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`));
    parts.push(Buffer.from('FRAME\n'), planes(data, width, height));
  }
  writeFileSync(file, Buffer.concat(parts));
}

/** Luma, then both differences of colour at half the size (JFIF's formulas). @param rgb [height, width, 3] */
function planes(rgb: Uint8Array, width: number, height: number): Buffer {
  const out = Buffer.alloc((width * height * 3) / 2);
  const at = (x: number, y: number) => rgb.subarray(3 * (y * width + x));
  const byte = (value: number) => Math.max(0, Math.min(255, Math.round(value)));
  const [half, quarter] = [width / 2, (width * height) / 4];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [r, g, b] = at(x, y);
      out[y * width + x] = byte(0.299 * r + 0.587 * g + 0.114 * b);
      if (x % 2 === 1 || y % 2 === 1) continue;
      const place = width * height + (y / 2) * half + x / 2;
      out[place] = byte(128 - 0.1687 * r - 0.3313 * g + 0.5 * b);
      out[place + quarter] = byte(128 + 0.5 * r - 0.4187 * g - 0.0813 * b);
    }
  }
  return out;
}
