import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readAnchors } from '../../src/anchors/files.js';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const inside = temporaryDirectory();
const faces = '../shared/data/faces';
const released = '../shared/data/meld/anchors_faceexpr256.pt';

/** A folder with some faces of two classes. */
function someFaces(name: string): string {
  const folder = inside(name);
  for (const emotion of ['joy', 'anger']) {
    mkdirSync(`${folder}/${emotion}`, { recursive: true });
    for (const file of ['00.jpg', '01.jpg', '02.jpg'])
      cpSync(`${faces}/${emotion}/${file}`, `${folder}/${emotion}/${file}`);
  }
  return folder;
}

describe('vega-merc anchors build', () => {
  test('makes a file, and says what met what and what was skipped', () => {
    const folder = someFaces('faces');
    cpSync(`${folder}/joy/00.jpg`, `${folder}/joy/again.jpg`);
    writeFileSync(`${folder}/joy/text.jpg`, 'text');
    const out = inside('faces.anchors.safetensors');
    const args = ['anchors', 'build', folder, '--encoder', 'face-expression', '--out', out];
    const { status, stdout, stderr } = vegaMerc(args);
    expect(status).toBe(0);
    expect(stdout).toMatch(/│ happiness │ joy +│ +5 │ +4 │/);
    expect(stdout).toContain('2 classes, 256 dimensions, encoder face-expression');
    expect(stderr).toContain('text.jpg is no picture, whatever its name says.');
    expect(stderr).toContain('joy/00.jpg = joy/again.jpg');
    const bank = readAnchors(out);
    expect(bank.classes).toEqual(['anger', 'happiness']);
    expect(bank.thumbnails?.flat().length).toBe(7);
    const printed = JSON.parse(vegaMerc([...args, '--json']).stdout) as Record<string, unknown>;
    expect(printed).toMatchObject({
      path: out,
      hash: bank.hash,
      encoder: 'face-expression',
      exemplars: [3, 4],
      namedBy: { anger: { anger: 3 }, happiness: { joy: 5 } },
      duplicates: [['joy/00.jpg', 'joy/again.jpg']],
    });
  });

  test.each([
    [
      'a folder without pictures',
      () => {
        mkdirSync(inside('bare'));
        return inside('bare');
      },
      [],
      /holds no picture/,
    ],
    [
      'a class left empty',
      () => {
        const folder = someFaces('empty');
        mkdirSync(`${folder}/fear`);
        writeFileSync(`${folder}/fear/00.jpg`, readFileSync(`${faces}/fear/00.jpg`).subarray(0, 500));
        return folder;
      },
      [],
      /"fear" is left without a picture: none of its 1 can be used\. .*00\.jpg is damaged or was cut short/,
    ],
    ['an unknown encoder', () => someFaces('encoder'), ['--encoder', 'clap'], /no image encoder "clap"/],
    [
      'classes that match nothing',
      () => someFaces('classes'),
      ['--classes', 'joy,boredom'],
      /holds no picture of boredom/,
    ],
  ])('refuses %s with a sentence, and writes nothing', (_, make, more, sentence) => {
    const folder = make();
    const out = `${inside('nothing')}/x.anchors.safetensors`;
    const args = ['anchors', 'build', folder, '--out', out, '--encoder', 'face-expression', ...more];
    const { status, stdout, stderr } = vegaMerc(args);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toContain('    at ');
    expect(existsSync(out)).toBe(false);
  });
});

describe('vega-merc anchors inspect', () => {
  test('prints what the faces tell and writes a page', () => {
    const html = inside('page.html');
    const { status, stdout } = vegaMerc(['anchors', 'inspect', released, '--html', html]);
    expect(status).toBe(0);
    expect(stdout).toContain('99.2 % right (always the largest class: 14.3 %)');
    expect(stdout).toMatch(/│ happy +│ +35 │/);
    expect(statSync(html).size).toBeLessThan(3_000_000);
    const printed = JSON.parse(vegaMerc(['anchors', 'inspect', released, '--json']).stdout) as Record<string, unknown>;
    expect(printed).toMatchObject({ dim: 256, leaveOneOut: { accuracy: 243 / 245 } });
  });
});

describe('vega-merc anchors convert', () => {
  test('turns a released file into an anchor file and back', () => {
    const ours = inside('released.anchors.safetensors');
    const back = inside('back.pt');
    expect(vegaMerc(['anchors', 'convert', released, '--out', ours]).status).toBe(0);
    expect(vegaMerc(['anchors', 'convert', ours, '--out', back]).status).toBe(0);
    expect(readAnchors(back).hash).toBe(readAnchors(released).hash);
    for (const args of [
      ['convert', released, '--out', inside('x.json')],
      ['build', 'nowhere', '--out', inside('f4.bin')],
    ]) {
      const { status, stderr } = vegaMerc(['anchors', ...args]);
      expect(stderr).toContain('must end in .anchors.safetensors or .pt');
      expect(status).toBe(2);
    }
  });
});
