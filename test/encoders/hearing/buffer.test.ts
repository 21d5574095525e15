import { expect, it } from 'vitest';
import { createSoundBuffer } from '../../../src/encoders/hearing/buffer.js';

it('gives what it holds by its place in the whole sound, and does not grow with it', () => {
  const buffer = createSoundBuffer();
  const piece = (from: number) => Float32Array.from({ length: 512 }, (_, i) => from + i);
  for (let step = 0; step < 4000; step++) {
    buffer.append(piece(step * 512));
    buffer.forget((step - 20) * 512);
  }
  expect(buffer.length).toBe(4000 * 512);
  expect([...buffer.slice(3990 * 512 - 2, 3990 * 512 + 2)]).toEqual([-2, -1, 0, 1].map((i) => 3990 * 512 + i));
  // What is held is bounded: the oldest sample of it is not far back.
  expect(buffer.slice(0, buffer.length).length).toBeLessThan(300_000);
});
