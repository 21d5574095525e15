import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeAnchors } from '../../src/anchors/files.js';
import { syntheticAnchors } from '../../src/anchors/index.js';
import * as library from '../../src/index.js';
import { LINES, spokenRuns } from './spoken.js';

const FILES = ['predictor', 'node/open', 'live', 'types', 'encoders'].map((name) => `src/prediction/${name}.ts`);

/** The examples in a file's doc comments: TypeScript, with what they print as comments. */
function examplesIn(path: string): { name: string; code: string }[] {
  const comments = readFileSync(path, 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? [];
  return comments.flatMap((comment) => {
    const text = comment.replace(/^\s*\*? ?/gm, '');
    return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code], i) => ({
      name: `${path}, ${code.split('\n')[0]} (${i})`,
      code,
    }));
  });
}

let spoken: Awaited<ReturnType<typeof spokenRuns>>;
const home = process.cwd();
beforeAll(async () => {
  spoken = await spokenRuns();
  await spoken.train('meld');
  await spoken.train('causal', 'context=causal');
  const anchors = (name: string, classes: string[]) => {
    const file = join(spoken.root, `${name}.anchors.safetensors`);
    writeAnchors(file, syntheticAnchors(classes, 16, 1));
    return file;
  };
  await spoken.trainWith(anchors('faces', Object.keys(LINES)), 'faces');
  anchors('moods', ['proud', 'bored', 'calm']);
}, 240_000);
afterAll(() => {
  process.chdir(home);
  spoken.remove();
});

describe('the examples of the documentation', () => {
  const examples = FILES.flatMap(examplesIn);

  it('are there', () => {
    expect(examples.length).toBeGreaterThanOrEqual(4);
  });

  it.each(examples)('$name', async ({ code }) => {
    const { code: plain } = await transform(`async function example() {\n${code}\n}`, {
      loader: 'ts',
      target: 'node20',
    });
    const printed: string[] = [];
    const console = {
      log: (...values: unknown[]) =>
        printed.push(values.map((v) => (typeof v === 'string' ? v : inspect(v))).join(' ')),
    };
    const names = Object.keys(library);
    // Examples open runs by their paths, as a user's program does.
    process.chdir(spoken.root);
    try {
      const run = new Function('console', ...names, `${plain}\nreturn example();`);
      await run(console, ...Object.values(library));
    } finally {
      process.chdir(home);
    }
    const promised = code.split('\n').flatMap((row) => /console\.log\(.*\); \/\/ (.*)$/.exec(row)?.[1] ?? []);
    expect(promised.length).toBeGreaterThan(0);
    expect(printed).toEqual(promised);
  });
});
