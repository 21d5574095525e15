import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { extract } from '../../src/encoders/index.js';
import { train } from '../../src/training/index.js';

/** A clip of the sample. */
export const clip = (name: string): string => resolve('samples/media', `${name}.webm`);

/** A corpus of a few of the sample's clips, with words, voices and faces, and a tiny causal model of it. */
export async function recordedRun() {
  const root = mkdtempSync(join(tmpdir(), 'vega-recorded-'));
  const manifest = readFileSync('samples/manifest.jsonl', 'utf8').split('\n');
  const lines = ['d01', 'd02', 'd03'].flatMap((dialogue, i) =>
    manifest
      .filter((line) => line.includes(`"dialogue":"${dialogue}"`))
      .slice(0, 3)
      .map((line) => ({ ...JSON.parse(line), split: ['train', 'valid', 'test'][i] })),
  );
  for (const line of lines) line.media = resolve('samples', line.media);
  writeFileSync(join(root, 'few.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const encoders = { text: 'sentence', audio: ['functionals'], visual: ['expression'], rate: 1 };
  const cache = join(root, 'cache');
  await extract({ input: join(root, 'few.jsonl'), out: join(root, 'corpus'), encoders, jobs: 1, cache });
  const run = join(root, 'run');
  const set = ['hidden=16', 'epochs=1', 'context=causal'];
  const { vega } = await train({
    corpus: join(root, 'corpus'),
    anchors: 'random',
    out: run,
    preset: 'small',
    set,
    threads: 1,
  });
  await vega.dispose();
  return { root, run, remove: () => rmSync(root, { recursive: true }) };
}
