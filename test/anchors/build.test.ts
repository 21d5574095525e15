import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanPictures } from '../../src/anchors/files.js';
import { buildAnchors, type EncodedExemplar } from '../../src/anchors/index.js';
import { encodePictureFiles, type ImageEncoder } from '../../src/encoders/index.js';

const faces = '../shared/data/faces';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An encoder with no network: mean colour of the picture and a constant. */
const colours: ImageEncoder = {
  name: 'colours',
  dim: 4,
  embed: async (pictures) =>
    Float32Array.from(
      pictures.flatMap(({ data }) => {
        const sums = [0, 0, 0];
        for (const [i, value] of data.entries()) sums[i % 3] += value;
        return [...sums.map((sum) => (3 * sum) / data.length), 1];
      }),
    ),
  dispose: async () => {},
};
const encode = (paths: readonly string[]): AsyncIterable<EncodedExemplar> => encodePictureFiles(paths, colours);
const build = async (classes?: string[]) => buildAnchors(scanPictures(folder, classes), colours, encode);

function place(name: string, from = 'joy/00.jpg') {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  copyFileSync(join(faces, from), join(folder, name));
}

describe('buildAnchors', () => {
  it('takes a subfolder a class, through the alias table, and records every exemplar', async () => {
    place('happy/a.jpg');
    place('Sad/b.jpg', 'sadness/00.jpg');
    place('sadness/c.JPEG', 'sadness/01.jpg');
    const steps: [number, number][] = [];
    const pictures = scanPictures(folder);
    const { bank, skipped, duplicates } = await buildAnchors(pictures, colours, encode, (done, total) =>
      steps.push([done, total]),
    );
    expect(bank.classes).toEqual(['happiness', 'sadness']);
    expect(bank.encoder).toBe('colours');
    expect(bank.sources?.map((files) => files.map(({ name }) => name))).toEqual([
      ['happy/a.jpg'],
      ['Sad/b.jpg', 'sadness/c.JPEG'],
    ]);
    expect(bank.sources?.[0][0].hash).toMatch(/^[0-9a-f]{64}$/);
    expect(bank.thumbnails?.flat().every((jpeg) => jpeg?.[0] === 0xff && jpeg[1] === 0xd8)).toBe(true);
    expect([...pictures.classes[1].namedBy]).toEqual([
      ['Sad', 1],
      ['sadness', 1],
    ]);
    expect([skipped, duplicates]).toEqual([[], []]);
    expect(steps).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  });

  it('finds the class in the path of the file', async () => {
    place('train/angry_faces/1.jpg');
    place('train/happy/sad_looking_1.jpg', 'joy/01.jpg');
    place('neutral-007.jpg', 'neutral/00.jpg');
    const { bank } = await build();
    expect(bank.classes).toEqual(['anger', 'happiness', 'neutral']);
  });

  it('takes the wanted classes in their order, and leaves out other pictures', async () => {
    place('bored/a.jpg');
    place('happy/b.jpg', 'joy/01.jpg');
    place('fear/c.jpg', 'fear/00.jpg');
    const { bank } = await build(['bored', 'joy']);
    expect(bank.classes).toEqual(['bored', 'joy']);
    expect(scanPictures(folder, ['bored', 'joy']).leftOut).toEqual(['fear/c.jpg']);
    await expect(build(['bored', 'joy', 'anger'])).rejects.toThrow(
      /holds no picture of anger\. Its pictures are in "bored"/,
    );
  });

  it('reports exact duplicates, also across classes', async () => {
    place('joy/a.jpg');
    place('anger/b.jpg');
    place('anger/c.jpg', 'anger/00.jpg');
    expect((await build()).duplicates).toEqual([['anger/b.jpg', 'joy/a.jpg']]);
  });

  it('skips what cannot be used, with a sentence each', async () => {
    cpSync(join(faces, 'joy'), join(folder, 'joy'), { recursive: true });
    cpSync(join(faces, 'fear'), join(folder, 'fear'), { recursive: true });
    writeFileSync(join(folder, 'joy/text.jpg'), 'this is text');
    writeFileSync(join(folder, 'joy/empty.jpg'), '');
    const whole = readFileSync(join(faces, 'joy/00.jpg'));
    writeFileSync(join(folder, 'joy/cut.jpg'), whole.subarray(0, whole.length / 2));
    mkdirSync(join(folder, 'fear/folder.jpg'));
    const { bank, skipped } = await build();
    expect(bank.exemplars.map((rows) => rows.length / 4)).toEqual([60, 60]);
    expect(skipped.map((sentence) => sentence.replace(folder, ''))).toEqual([
      '/fear/folder.jpg: it is a directory.',
      '/joy/cut.jpg is damaged or was cut short.',
      '/joy/empty.jpg is empty.',
      '/joy/text.jpg is no picture, whatever its name says.',
    ]);
  });

  it('refuses a class that is left empty', async () => {
    place('joy/a.jpg');
    mkdirSync(join(folder, 'fear'));
    writeFileSync(join(folder, 'fear/a.jpg'), 'text');
    await expect(build()).rejects.toThrow(/"fear" is left without a picture: none of its 1 can be used.*is no picture/);
  });

  it('refuses a folder without pictures, and one that does not exist', async () => {
    await expect(build()).rejects.toThrow(/holds no picture \(\.jpg/);
    expect(() => scanPictures(join(folder, 'none'))).toThrow(/none: there is no such file or directory/);
  });

  it('refuses a folder of one class', async () => {
    place('joy/a.jpg');
    await expect(build()).rejects.toThrow(/holds pictures of one class only \(happiness\)/);
  });

  it('refuses class names that match nothing, and guesses', async () => {
    place('hapyness/a.jpg');
    place('things/b.jpg');
    await expect(build()).rejects.toThrow(
      /The class of 2 pictures .* cannot be told from "hapyness", "things": .* Is "hapyness" meant to be "happiness"\?.* --classes/,
    );
  });
});
