import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SAMPLES = fileURLToPath(new URL('../../samples/', import.meta.url));
const EMOTIONS = ['neutral', 'surprise', 'fear', 'sadness', 'joy', 'disgust', 'anger'];

interface Line {
  dialogue: string;
  index: number;
  speaker: string;
  text: string;
  label: string;
  split: 'train' | 'valid' | 'test';
}

const read = (name: string) => readFileSync(join(SAMPLES, name), 'utf8');
const lines = <T>(name: string): T[] =>
  read(name)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

const source = lines<Line & { ambiguous: boolean }>('dialogues.jsonl');
const manifest = lines<Line & { media: string }>('manifest.jsonl');
const people: Record<'cast' | 'exemplars', Record<string, { [field: string]: unknown }>> = JSON.parse(
  read('people.json'),
);
const dialogues = groupBy(source, ({ dialogue }) => dialogue);

describe('the written dialogues', () => {
  it('are at least 60, of 6 to 10 utterances in order and 2 or 3 speakers of the cast', () => {
    expect(dialogues.size).toBeGreaterThanOrEqual(60);
    for (const [id, utterances] of dialogues) {
      expect(id).toMatch(/^d\d\d$/);
      expect(
        utterances.map(({ index }) => index),
        id,
      ).toEqual(utterances.map((_, i) => i));
      expect(utterances.length, id).toBeGreaterThanOrEqual(6);
      expect(utterances.length, id).toBeLessThanOrEqual(10);
      const speakers = new Set(utterances.map(({ speaker }) => speaker));
      expect([2, 3], id).toContain(speakers.size);
      expect(Object.keys(people.cast), id).toEqual(expect.arrayContaining([...speakers]));
      expect(
        utterances.every(({ text }) => text.trim() === text && text !== ''),
        id,
      ).toBe(true);
    }
  });

  it('hold the seven emotions in natural proportions, in every split', () => {
    for (const split of ['train', 'valid', 'test'] as const) {
      const counts = countBy(source.filter((line) => line.split === split));
      expect([...counts.keys()].sort(), split).toEqual([...EMOTIONS].sort());
      expect(Math.max(...counts.values()), split).toBe(counts.get('neutral'));
    }
    const share = (label: string) => (countBy(source).get(label) as number) / source.length;
    expect(share('neutral')).toBeGreaterThan(0.35);
    expect(share('neutral')).toBeLessThan(0.55);
    for (const label of EMOTIONS) expect(share(label), label).toBeGreaterThan(0.03);
  });

  it('leave the emotion open to the words alone in at least 30 % of the utterances, whatever their emotion', () => {
    const ambiguous = source.filter((line) => line.ambiguous);
    expect(ambiguous.length / source.length).toBeGreaterThanOrEqual(0.3);
    for (const split of ['train', 'valid', 'test'] as const) {
      const of = (items: Line[]) => items.filter((line) => line.split === split).length;
      expect(of(ambiguous) / of(source), split).toBeGreaterThanOrEqual(0.3);
    }
    const some = countBy(ambiguous);
    for (const label of EMOTIONS) expect(some.get(label), label).toBeGreaterThanOrEqual(10);
    // The proof of it: the same words under several emotions.
    const labels = groupBy(source, ({ text }) => text);
    const open = [...labels.values()].filter((same) => new Set(same.map(({ label }) => label)).size > 1);
    expect(open.length).toBeGreaterThanOrEqual(10);
    expect(open.flat().every((line) => line.ambiguous)).toBe(true);
  });

  it('are split by dialogue, about 70, 10 and 20 in the hundred', () => {
    const splits = [...dialogues.values()].map((utterances) => new Set(utterances.map(({ split }) => split)));
    expect(splits.every((of) => of.size === 1)).toBe(true);
    const share = (split: Line['split']) => splits.filter((of) => of.has(split)).length / dialogues.size;
    expect(share('train')).toBeCloseTo(0.7, 1);
    expect(share('valid')).toBeCloseTo(0.1, 1);
    expect(share('test')).toBeCloseTo(0.2, 1);
  });

  it('let every speaker of the cast be met in training', () => {
    const speakers = new Set(source.filter(({ split }) => split === 'train').map(({ speaker }) => speaker));
    expect([...speakers].sort()).toEqual(Object.keys(people.cast).sort());
  });
});

describe('the manifest', () => {
  it('is the written dialogues, each utterance with its clip', () => {
    expect(manifest).toEqual(
      source.map(({ ambiguous: _, ...line }) => ({ ...line, media: `media/${line.dialogue}_${line.index}.webm` })),
    );
  });

  it('names every clip of the folder, each a WebM file with speech, a picture, or mostly both', () => {
    expect(readdirSync(join(SAMPLES, 'media')).sort()).toEqual(manifest.map(({ media }) => media.slice(6)).sort());
    const tracks = manifest.map(({ media }) => {
      const bytes = readFileSync(join(SAMPLES, media));
      expect(bytes.readUInt32BE(0), media).toBe(0x1a45dfa3); // EBML
      return { speech: bytes.includes('A_OPUS'), face: bytes.includes('V_VP9') };
    });
    expect(tracks.every(({ speech, face }) => speech || face)).toBe(true);
    for (const modality of ['speech', 'face'] as const) {
      const missing = tracks.filter((track) => !track[modality]).length / tracks.length;
      expect(missing, modality).toBeGreaterThan(0.02);
      expect(missing, modality).toBeLessThan(0.09);
    }
  });
});

describe('the faces for anchors', () => {
  it('are about 15 different pictures a class, of people who are not of the cast', () => {
    expect(readdirSync(join(SAMPLES, 'faces')).sort()).toEqual([...EMOTIONS].sort());
    const hashes = new Set<string>();
    const pictures = Object.keys(people.exemplars).map((name) => `${name}.webp`);
    expect(pictures.length).toBeGreaterThanOrEqual(15);
    for (const emotion of EMOTIONS) {
      expect(readdirSync(join(SAMPLES, 'faces', emotion)).sort(), emotion).toEqual(pictures);
      for (const picture of pictures) {
        const bytes = readFileSync(join(SAMPLES, 'faces', emotion, picture));
        expect(bytes.toString('latin1', 8, 12), picture).toBe('WEBP');
        hashes.add(createHash('sha256').update(bytes).digest('hex'));
      }
    }
    expect(hashes.size).toBe(EMOTIONS.length * pictures.length);
  });

  it('share no look with the cast', () => {
    const look = ({ voice: _voice, pitch: _pitch, rate: _rate, ...rest }: { [field: string]: unknown }) =>
      JSON.stringify(Object.entries(rest).sort());
    const cast = Object.values(people.cast).map(look);
    const exemplars = Object.values(people.exemplars).map(look);
    expect(new Set([...cast, ...exemplars]).size).toBe(cast.length + exemplars.length);
    // Not even nearly the same person: skin, hair and eyes together tell every two apart.
    const colours = [...Object.values(people.cast), ...Object.values(people.exemplars)].map(
      ({ skin, hair, eyes }) => `${skin} ${hair} ${eyes}`,
    );
    expect(new Set(colours).size).toBe(colours.length);
  });
});

it('takes less than 12 MB', () => {
  const files = readdirSync(SAMPLES, { recursive: true }).map((name) => statSync(join(SAMPLES, String(name))));
  const total = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0);
  expect(total).toBeLessThan(12e6);
});

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function countBy(items: readonly Line[]): Map<string, number> {
  return new Map([...groupBy(items, ({ label }) => label)].map(([label, of]) => [label, of.length]));
}
