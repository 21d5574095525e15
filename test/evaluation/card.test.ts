import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { writeCorpus } from '../../src/corpus/files.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { readCard, runBaseline, runCardJsonSchema, trainAndEvaluate } from '../../src/evaluation/index.js';
import { readRunConfig } from '../../src/run/index.js';

let root: string;
const corpus = sampleCorpus(1);
const cards: Record<string, Record<string, unknown>> = {};
const cardOf = (run: string) => JSON.parse(readFileSync(join(root, run, 'evaluation.json'), 'utf8'));

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'vega-card-'));
  writeCorpus(join(root, 'corpus'), corpus);
  // One class more than the corpus has: the run's own copy is then another bank than the file.
  writeAnchors(join(root, 'a.anchors.safetensors'), syntheticAnchors([...corpus.classes, 'contempt'], 16, 1));
  const set = ['hidden=16', 'epochs=1', 'batchSize=20'];
  const options = { corpus: join(root, 'corpus'), preset: 'small', set, threads: 1 };
  await trainAndEvaluate({ ...options, anchors: join(root, 'a.anchors.safetensors'), out: join(root, 'faces') });
  await trainAndEvaluate({ ...options, anchors: 'random', out: join(root, 'random') });
  await trainAndEvaluate({ ...options, anchors: null, out: join(root, 'none'), set: [...set, 'select=test'] });
  runBaseline({ kind: 'majority', corpus, seed: 1, directory: join(root, 'majority') });
  runBaseline({ kind: 'logistic regression', corpus, seed: 1, directory: join(root, 'logistic') });
  for (const run of ['faces', 'random', 'none', 'majority', 'logistic']) cards[run] = cardOf(run);
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

describe('the published JSON schema', () => {
  const path = createRequire(import.meta.url).resolve('vega-merc/schema/evaluation.schema.json');
  const schema = JSON.parse(readFileSync(path, 'utf8'));
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

  it('is that of the program, and in the package', () => {
    expect(schema).toEqual(runCardJsonSchema());
    expect(JSON.parse(readFileSync('package.json', 'utf8')).files).toContain('schema');
  });

  it('holds for the cards of runs with and without anchors, and of baselines', () => {
    for (const [run, card] of Object.entries(cards)) {
      validate(card);
      expect(validate.errors, run).toBeNull();
      expect(readCard(join(root, run)), run).toEqual(card);
    }
  });

  it.each([
    'format',
    'version',
    'model',
    'selection',
    'seed',
    'threads',
    'classes',
    'corpus',
    'anchors',
    'weights',
    'code',
    'machine',
    'splits',
  ])('does not hold for a card without %s', (field) => {
    const { [field]: _, ...rest } = cards.faces;
    expect(validate(rest)).toBe(false);
    expect(validate.errors?.[0]).toMatchObject({ keyword: 'required', params: { missingProperty: field } });
  });

  it('does not hold for a card with half a score, a word for a number, or a field that nobody knows', () => {
    const changed = (change: (card: ReturnType<typeof cardOf>) => void) => {
      const card = cardOf('faces');
      change(card);
      return validate(card);
    };
    expect(changed(() => undefined)).toBe(true);
    expect(changed((card) => delete card.splits.test.classHead.calibration.brier)).toBe(false);
    expect(changed((card) => delete card.training.hidden)).toBe(false);
    expect(changed((card) => Object.assign(card.splits.test.classHead, { accuracy: 'good' }))).toBe(false);
    expect(changed((card) => Object.assign(card, { opinion: 'good' }))).toBe(false);
  });
});

describe('a card holds what is needed to make the run again', () => {
  it('settings, seed, corpus, anchors, weights, program and machine', () => {
    const { training, corpus: trained, anchors } = readRunConfig(join(root, 'faces'));
    expect(cards.faces).toMatchObject({
      model: 'vega',
      preset: 'small',
      training: JSON.parse(JSON.stringify(training)),
      seed: training.seed,
      threads: 1,
      corpus: { name: corpus.name, hash: trained.hash, path: '../corpus' },
      anchors: { kind: 'visual', path: '../a.anchors.safetensors', hash: anchors?.hash, encoder: 'synthetic', dim: 16 },
      code: { version: JSON.parse(readFileSync('package.json', 'utf8')).version },
      machine: { node: process.version, platform: process.platform, arch: process.arch },
    });
    const { hash, copy } = cards.faces.anchors as Record<string, string>;
    expect(copy).not.toBe(hash);
    expect(cards.random.anchors).toMatchObject({ kind: 'random' });
    expect(cards.random.anchors).not.toHaveProperty('path');
    expect(cards.none).toMatchObject({ anchors: null, selection: 'test-selected' });
  });

  it('hashes by which a changed program or weights are seen', () => {
    for (const { weights, code } of [cards.faces, cards.random] as { weights: string; code: { hash: string } }[]) {
      expect(weights).toMatch(/^[0-9a-f]{64}$/);
      expect(code.hash).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(cards.faces.weights).not.toBe(cards.random.weights);
    expect(cards.faces.code).toEqual(cards.random.code);
  });
});
