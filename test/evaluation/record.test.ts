import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sampleCorpus } from '../../src/corpus/index.js';
import { readCard, readEvaluations, runBaseline } from '../../src/evaluation/index.js';
import { thisCode, thisMachine } from '../../src/evaluation/machine.js';
import { writeCard } from '../../src/evaluation/record.js';

let root: string;
const corpus = sampleCorpus(1);
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'vega-record-'));
});
afterAll(() => rmSync(root, { recursive: true }));

it('keeps the scores of other splits beside a new one, in the order of the splits', () => {
  const { evaluation, outputs } = runBaseline({ kind: 'majority', corpus, seed: 4, directory: root });
  const { format: _f, version: _v, code, machine, splits: _s, ...about } = readCard(root) ?? ({} as never);
  expect(about.seed).toBe(4);
  expect(code).toEqual(thisCode());
  expect(machine).toEqual(thisMachine());
  writeCard(root, { ...evaluation, split: 'valid' }, { ...outputs, split: 'valid' }, about);
  expect(Object.keys(readEvaluations(root))).toEqual(['valid', 'test']);
  expect(readEvaluations(root).test).toEqual(JSON.parse(JSON.stringify(evaluation)));
  expect(readdirSync(root).sort()).toEqual([
    'evaluation.json',
    'outputs-test.safetensors',
    'outputs-valid.safetensors',
  ]);
});

it('refuses a card that is no JSON, of another version, or lacks a field, and says where', () => {
  const path = join(root, 'evaluation.json');
  const card = readFileSync(path, 'utf8');
  const refused = (text: string, sentence: string) => {
    writeFileSync(path, text);
    expect(() => readCard(root)).toThrow(sentence);
  };
  refused('{', 'evaluation.json is not JSON');
  refused(card.replace('"version": 2', '"version": 1'), 'holds no scores of version 2 of the format');
  refused(
    card.replace('"brier"', '"bier"'),
    'there is no field "bier" in splits.valid.classHead.calibration. Did you mean "brier"?',
  );
  refused('null', 'holds no scores');
  rmSync(path);
  expect(readCard(root)).toBeUndefined();
  expect(readEvaluations(root)).toEqual({});
});

it('tells what computed a number: the version of the package, a hash of its programs, and the machine', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(thisCode()).toEqual({ version, hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
  const { cpu, cores, memoryGb, node, onnxruntime } = thisMachine();
  expect(cpu).not.toBe('');
  expect(cores).toBeGreaterThanOrEqual(1);
  expect(memoryGb).toBeGreaterThanOrEqual(0);
  expect(node).toBe(process.version);
  expect(onnxruntime).toMatch(/^\d+\.\d+\.\d+/);
});
