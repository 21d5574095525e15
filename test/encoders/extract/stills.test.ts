import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/corpus/files.js';
import type { FeatureTable } from '../../../src/corpus/index.js';
import {
  DEFAULT_CHOICE,
  type EncoderChoice,
  EXTRACTION_FILE,
  type ExtractionRecord,
  extract,
} from '../../../src/encoders/index.js';
import { EXPRESSION_MEAN_COLUMNS } from '../../../src/encoders/visual/faceParts.js';
import { film, temporaryFolder } from '../make.js';

const root = temporaryFolder();
const at = (...names: string[]) => join(root, ...names);
const faces = resolve('../shared/data/faces');
const means: EncoderChoice = { ...DEFAULT_CHOICE, text: undefined, audio: undefined, visual: ['expression-mean'] };

async function extracted(name: string, lines: object[], encoders = means) {
  writeFileSync(at(`${name}.jsonl`), lines.map((line) => JSON.stringify(line)).join('\n'));
  const cache = at('cache');
  const common = { jobs: 1, cache, keepSpeakers: true };
  const { record: made } = await extract({ input: at(`${name}.jsonl`), out: at(name), encoders, ...common });
  return { corpus: readCorpus(at(name)), record: made };
}

/** Cosine of two rows of a table. */
function cosine({ rows, dim }: FeatureTable, a: number, b: number): number {
  const dot = (x: number, y: number) => {
    let sum = 0;
    for (let j = 0; j < dim; j++) sum += rows[x * dim + j] * rows[y * dim + j];
    return sum;
  };
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

describe('single pictures', { timeout: 300_000 }, () => {
  it('have a face like films have, whose row means the same, and no sound', async () => {
    film(at('joy.mp4'), 1, [{ picture: 'joy/00.jpg', x: 200, y: 60, side: 240 }]);
    const { corpus, record: made } = await extracted(
      'pictures',
      [
        { dialogue: 'film', speaker: 'a', media: 'joy.mp4' },
        { dialogue: 'picture', speaker: 'b', media: join(faces, 'joy/00.jpg') },
        { dialogue: 'other', speaker: 'b', media: join(faces, 'anger/00.jpg') },
      ],
      { ...means, audio: ['functionals'] },
    );
    const table = corpus.features.visual as FeatureTable;
    expect(table.dim).toBe(256 + 7);
    expect(table.presence).toBeUndefined();
    expect(table.encoder).toMatch(/^expression-mean \(@vladmandic/);
    expect(made.encoders.visual?.columns?.slice(-7)).toEqual(
      EXPRESSION_MEAN_COLUMNS.slice(-7).map((name) => `expression-mean.${name}`),
    );
    expect(cosine(table, 0, 1)).toBeGreaterThan(0.85);
    expect(cosine(table, 1, 2)).toBeLessThan(0.8);
    expect(made.misses.map(({ dialogue, modality, reason }) => `${dialogue} ${modality} ${reason}`)).toEqual([
      'picture audio a picture has no sound',
      'other audio a picture has no sound',
    ]);
    expect(made.misses.every(({ state }) => state === 'absent')).toBe(true);
  });

  it('say which face of which frame spoke', async () => {
    const { record: made } = await extracted('pictures-again', [
      { dialogue: 'film', media: 'joy.mp4' },
      { dialogue: 'picture', media: join(faces, 'joy/00.jpg') },
    ]);
    const [inFilm, still] = made.faces ?? [];
    expect(inFilm).toMatchObject({ dialogue: 'film', index: 0, time: expect.any(Number) });
    expect(still).not.toHaveProperty('time');
    const record2 = JSON.parse(readFileSync(at('pictures-again', EXTRACTION_FILE), 'utf8')) as ExtractionRecord;
    expect(record2.faces).toEqual(made.faces);
    // The face stands at 200 to 440 of 640 pixels, 60 to 300 of 360.
    const [x, y, width, height] = inFilm.box;
    expect(x).toBeGreaterThan(200 / 640 - 0.03);
    expect(x + width).toBeLessThan(440 / 640 + 0.03);
    expect(y).toBeGreaterThan(60 / 360 - 0.05);
    expect(y + height).toBeLessThan(300 / 360 + 0.05);
  });

  it('are read from a folder too; a damaged one is a failure', async () => {
    mkdirSync(at('folder'));
    for (const name of readdirSync(join(faces, 'joy')).slice(0, 2))
      writeFileSync(at('folder', name), readFileSync(join(faces, 'joy', name)));
    writeFileSync(at('folder', 'broken.jpg'), readFileSync(join(faces, 'joy/02.jpg')).subarray(0, 700));
    const { record: made, corpus } = await extract({
      input: at('folder'),
      out: at('of-folder'),
      encoders: means,
      jobs: 1,
      cache: at('cache'),
    });
    expect(corpus.dialogues.map(({ id }) => id)).toEqual(['00', '01', 'broken']);
    expect(made.counts.visual).toEqual({ present: 2, absent: 0, failed: 1 });
    expect(made.misses[0].reason).toBe('is damaged or was cut short');
  });
});

describe('speakers that are kept', { timeout: 300_000 }, () => {
  it('are the same people in every dialogue, however many', async () => {
    const lines = Array.from({ length: 12 }, (_, i) => ({
      dialogue: `${i % 3}`,
      speaker: `actor ${i}`,
      text: 'Hello.',
    }));
    const words = { ...DEFAULT_CHOICE, audio: undefined, visual: undefined };
    const { corpus } = await extracted('kept', lines, words);
    expect(corpus.speakers).toHaveLength(12);
    expect(new Set(corpus.dialogues.flatMap(({ utterances }) => utterances.map(({ speaker }) => speaker))).size).toBe(
      12,
    );
  });
});
