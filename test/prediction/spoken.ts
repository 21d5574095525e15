import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { extract } from '../../src/encoders/index.js';
import { train } from '../../src/training/index.js';

/** What is said in the tiny corpus, by emotion: enough that a model can learn these very lines. */
export const LINES: Record<string, string[]> = {
  joy: ['You came!', 'What a wonderful surprise!', 'I am so happy for you!', 'We won, we won!'],
  neutral: ['I had to.', 'The bus leaves at nine.', 'It is on the table.', 'She works in an office.'],
  sadness: ['I miss her so much.', 'He died last winter.', 'I feel so alone.', 'Nobody came to say goodbye.'],
  anger: ['Get out of my house!', 'How dare you lie to me!', 'I hate you!', 'Stop it, right now!'],
};

/** A corpus of words, extracted by the package's own text encoder, and runs on it. */
export async function spokenRuns() {
  const root = mkdtempSync(join(tmpdir(), 'vega-spoken-'));
  const emotions = Object.keys(LINES);
  const lines = ['train', 'valid', 'test'].flatMap((split) =>
    [0, 1, 2, 3].map((d) =>
      emotions.map((label, i) => ({
        dialogue: `${split}-${d}`,
        split,
        speaker: i % 2 === 0 ? 'Mia' : 'Noah',
        text: LINES[label][(d + i) % 4],
        label,
      })),
    ),
  );
  const manifest = join(root, 'talk.jsonl');
  writeFileSync(
    manifest,
    lines
      .flat()
      .map((line) => `${JSON.stringify(line)}\n`)
      .join(''),
  );
  const corpus = join(root, 'corpus');
  const cache = join(root, 'cache');
  await extract({ input: manifest, out: corpus, encoders: { text: 'sentence', rate: 3 }, jobs: 1, cache });
  mkdirSync(join(root, 'runs'));
  return {
    root,
    corpus,
    manifest,
    /** Trains until the lines are known. @returns the run directory, `runs/NAME` under the root. */
    train(name: string, ...set: string[]): Promise<string> {
      return this.trainWith('random', name, ...set);
    },
    /** @param anchors a file, or a control. */
    async trainWith(anchors: string, name: string, ...set: string[]): Promise<string> {
      const out = join(root, 'runs', name);
      const settings = ['hidden=32', 'epochs=30', 'lr=0.005', 'batchSize=2', 'featureMask=0', 'dropout=0.1'];
      const options = { corpus, anchors, out, preset: 'small', set: [...settings, ...set], threads: 1 };
      const { vega } = await train(options);
      await vega.dispose();
      return out;
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}
