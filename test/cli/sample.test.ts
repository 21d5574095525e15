import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readAnchors } from '../../src/anchors/files.js';
import { readCorpus } from '../../src/corpus/files.js';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const inside = temporaryDirectory();

test('vega-merc sample writes a synthetic corpus and anchors of its classes, and calls them so', () => {
  const out = inside('sample');
  const { status, stdout, stderr } = vegaMerc(['sample', out]);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toBe(
    `Wrote a synthetic corpus to ${out} and synthetic anchors to ${out}/synthetic.anchors.safetensors.\n`,
  );
  const corpus = readCorpus(out);
  expect(corpus.synthetic).toBe(true);
  const anchors = readAnchors(`${out}/synthetic.anchors.safetensors`);
  expect(anchors.classes).toEqual(corpus.classes);
  expect(anchors.encoder).toBe('synthetic');
});

test('the seed decides the sample, to the byte', () => {
  const bytes = (name: string, seed: string) => {
    const { stdout } = vegaMerc(['sample', inside(name), '--seed', seed, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ synthetic: true, dialogues: 60 });
    return ['corpus.json', 'utterances.jsonl', 'features.safetensors', 'synthetic.anchors.safetensors'].map((file) =>
      readFileSync(`${inside(name)}/${file}`).toString('latin1'),
    );
  };
  const first = bytes('first', '7');
  expect(bytes('second', '7')).toEqual(first);
  bytes('third', '8').forEach((content, i) => {
    expect(content).not.toBe(first[i]);
  });
});
