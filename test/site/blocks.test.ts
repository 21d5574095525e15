import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { transform } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pickleTuple } from '../corpus/pickles.js';

const root = process.cwd();
const pages = [...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])), 'README.md'];

interface Block {
  line: number;
  language: string;
  code: string;
  /** Why it is not run, where the line after it says so. */
  spared?: string;
}

/** The fenced blocks of a page: "```sh", "```ts"; a comment `<!-- not run: why -->` after one spares it. */
function blocksOf(page: string): Block[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(/^```(\S*)[^\n]*\n([\s\S]*?)^```\n?(?:\s*<!-- not run: (.*?) -->)?/gm)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    language: match[1],
    code: match[2],
    spared: match[3],
  }));
}

/** What a page's reader has before its first block, in the current folder. */
const PREPARED: Record<string, (folder: string) => void> = {
  'docs/features.md': (folder) => {
    writeFileSync(join(folder, 'meld.pkl'), pickleTuple(featureTuple()));
    const splits = { train: [0, 1, 2, 3, 4, 5], valid: [6], test: [7], classes: ['joy', 'anger'] };
    writeFileSync(join(folder, 'splits.json'), JSON.stringify(splits));
    for (const name of ['joy', 'anger'])
      cpSync(join(root, 'samples/faces', name), join(folder, 'faces', name), { recursive: true });
  },
  'docs/protocol.md': (folder) => {
    vegaMerc(folder, 'sample', 'corpus');
    cpSync(join(folder, 'corpus/synthetic.anchors.safetensors'), join(folder, 'faces.anchors.safetensors'));
  },
  'docs/cluster.md': (folder) => PREPARED['docs/evaluation.md'](folder),
  'docs/evaluation.md': (folder) => {
    vegaMerc(folder, 'sample', 'corpus');
    writeFileSync(
      join(folder, 'anchors.yaml'),
      'name: anchors\nseeds: [1, 2]\nresamples: 100\ncorpora: { sample: corpus }\n' +
        'defaults: { set: { hidden: 16, epochs: 1 } }\nconfigurations: { none: { anchors: none }, random: { anchors: random } }\n',
    );
  },
};

/** Eight dialogues of two utterances each: the 7-tuple of this field. */
function featureTuple() {
  const ids = Array.from({ length: 8 }, (_, i) => i);
  const of = <T>(make: (d: number, u: number) => T) => new Map(ids.map((d) => [d, [make(d, 0), make(d, 1)]]));
  const row = (dim: number) => (d: number, u: number) => Array.from({ length: dim }, (_, i) => Math.sin(d + 3 * u + i));
  const speakers = of((_, u) => (u === 0 ? [1, 0] : [0, 1]));
  const labels = of((_, u) => u);
  return [speakers, labels, of(row(6)), of(row(4)), of(row(5)), ids.slice(0, 7), ids.slice(7)];
}

function vegaMerc(cwd: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { cwd });
  expect([status, `${status === 0 ? '' : stderr}`]).toEqual([0, '']);
}

describe('the code blocks of the documentation', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'vega-blocks-'));
    mkdirSync(join(home, 'bin'));
    // `npx vega-merc` is this checkout's build.
    const npx = join(home, 'bin/npx');
    writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, 'dist/cli/main.js')}" "$@"\n`);
    chmodSync(npx, 0o755);
    mkdirSync(join(home, 'node_modules'));
    symlinkSync(root, join(home, 'node_modules/vega-merc'), 'dir');
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it.each(pages)('%s says the language of each', (page) => {
    const unknown = blocksOf(page).filter(({ language }) => !/^(sh|ts|json|jsonl|yaml|text)$/.test(language));
    expect(unknown.map(({ line }) => `${page}:${line}`)).toEqual([]);
  });

  const runnable = pages.filter((page) => blocksOf(page).some(isRun));
  it('are many', () => expect(runnable.length).toBeGreaterThanOrEqual(4));

  it.each(runnable)('%s: each works, one after the other', async (page) => {
    const folder = join(home, page.replaceAll('/', '-'));
    mkdirSync(folder);
    PREPARED[page]?.(folder);
    for (const block of blocksOf(page).filter(isRun)) {
      const printed = block.language === 'sh' ? shell(block, folder, page) : await program(block, folder, page);
      const promised = block.code.split('\n').flatMap((row) => /console\.log\(.*\); \/\/ (.*)$/.exec(row)?.[1] ?? []);
      if (promised.length > 0) expect(printed.trim().split('\n')).toEqual(promised);
    }
  });

  function isRun({ language, spared }: Block): boolean {
    return spared === undefined && (language === 'sh' || language === 'ts');
  }

  function shell({ code, line }: Block, cwd: string, page: string): string {
    const PATH = `${join(home, 'bin')}${delimiter}${process.env.PATH}`;
    const env = { ...process.env, PATH, VEGA_MERC_CACHE: join(home, 'cache') };
    const { status, stdout, stderr } = spawnSync('sh', ['-e', '-c', code], { cwd, env, encoding: 'utf8' });
    expect([`${page}:${line}`, status, status === 0 ? '' : stderr]).toEqual([`${page}:${line}`, 0, '']);
    return stdout;
  }

  async function program({ code, line }: Block, cwd: string, page: string): Promise<string> {
    const { code: plain } = await transform(code, { loader: 'ts', target: 'node20', format: 'esm' });
    const file = join(cwd, `block-${line}.mjs`);
    writeFileSync(file, plain);
    const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd, encoding: 'utf8' });
    expect([`${page}:${line}`, status, status === 0 ? '' : stderr]).toEqual([`${page}:${line}`, 0, '']);
    return stdout;
  }
});

describe('the links of the documentation', () => {
  it.each(pages)('%s: each leads to a file that is there', (page) => {
    const text = readFileSync(page, 'utf8').replace(/```[\s\S]*?```/g, '');
    const targets = [...text.matchAll(/\]\((?!https?:|#|\/)([^)\s#]+)/g)].map(([, target]) => target);
    expect(targets.filter((target) => !existsSync(resolve(dirname(page), target)))).toEqual([]);
  });
});
