// The pictures of faces four times as large: no longer small crops that are taken as they are, but pictures in which the
// face is found and cropped as in films.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import sharp from 'sharp';

const TIMES = 4;

/** Writes the pictures of faces.jsonl, larger, into the folder `found`, and found.jsonl, which names them. */
export async function enlargeFaces(manifests) {
  const lines = readFileSync(join(manifests, 'faces.jsonl'), 'utf8').trimEnd().split('\n');
  const found = [];
  for (const line of lines) {
    const face = JSON.parse(line);
    const out = join(manifests, 'found', `${face.dialogue}.png`);
    mkdirSync(dirname(out), { recursive: true });
    const picture = sharp(join(manifests, face.media));
    const { width, height } = await picture.metadata();
    await picture
      .resize(TIMES * width, TIMES * height, { kernel: 'cubic' })
      .png()
      .toFile(out);
    found.push({ ...face, media: relative(manifests, out) });
  }
  writeFileSync(join(manifests, 'found.jsonl'), found.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
