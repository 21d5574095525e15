import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

// Hundreds of megabytes are unpacked.
vi.setConfig({ testTimeout: 900_000, hookTimeout: 900_000 });

const MEGABYTE = 1e6;
/** The whole of node_modules after `npm install vega-merc`. */
const CORE_LIMIT = 350 * MEGABYTE;

/** onnxruntime-node's install step would download CUDA libraries from elsewhere. */
const NO_DOWNLOAD = { ONNXRUNTIME_NODE_INSTALL: 'skip' };

const root = mkdtempSync(join(tmpdir(), 'vega-merc-package-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const reachable = npm(['view', 'zod', 'version'], root, { npm_config_fetch_retries: '0' }).status === 0;
if (!reachable) console.warn('The registry cannot be reached: the tests that install the package are left out.');

function run(command: string, args: string[], cwd: string, env: Record<string, string> = {}) {
  return spawnSync(command, args, { cwd, encoding: 'utf8', env: { ...clean(), ...env }, timeout: 600_000 });
}

/** npm as a user calls it: without what the npm that runs this test hands down. */
function npm(args: string[], cwd: string, env: Record<string, string> = {}) {
  const script = process.env.npm_execpath;
  const [command, before] = script?.endsWith('.js') ? [process.execPath, [script]] : ['npm', []];
  return run(command, [...before, ...args, '--no-audit', '--no-fund'], cwd, env);
}

function clean(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_(package|lifecycle|config_ignore)|VITEST|NODE_PATH)/i.test(name),
    ),
  );
}

function sizeOf(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.reduce((sum, e) => sum + (e.isFile() ? statSync(join(e.parentPath, e.name)).size : 0), 0);
}

function ok(result: ReturnType<typeof run>): string {
  expect(result.status, `${result.stdout}\n${result.stderr}`).toBe(0);
  return result.stdout;
}

/** Packs a package of this repository. @returns the tarball. */
function pack(folder: string): string {
  const [{ filename }] = JSON.parse(
    ok(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', root], folder)),
  );
  return join(root, filename);
}

function project(name: string): string {
  const folder = join(root, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  return folder;
}

describe.runIf(reachable)('in an empty project', () => {
  let core: string;
  let home: string;
  const vegaMerc = (...args: string[]) =>
    run(process.execPath, ['node_modules/vega-merc/dist/cli/main.js', ...args], home, { VEGA_MERC_DEBUG: '' });

  beforeAll(() => {
    core = pack('.');
    home = project('core');
    ok(npm(['install', '--prefer-offline', core, `@types/node@${installed('@types/node')}`], home, NO_DOWNLOAD));
  });

  it('takes less than 350 MB', () => {
    const size = sizeOf(join(home, 'node_modules')) - sizeOf(join(home, 'node_modules/@types'));
    console.log(
      `node_modules ${(size / MEGABYTE).toFixed(0)} MB, tarball ${(statSync(core).size / MEGABYTE).toFixed(1)} MB`,
    );
    expect(size).toBeLessThan(CORE_LIMIT);
  });

  it('loads no engine, no schemas, no charts and no encoder before they are used', () => {
    copyFileSync('test/package/loaded.mjs', join(home, 'loaded.mjs'));
    const { milliseconds, files } = JSON.parse(ok(run(process.execPath, ['loaded.mjs', 'vega-merc'], home)));
    console.log(`import 'vega-merc': ${files.length} files, ${milliseconds.toFixed(0)} ms, watched`);
    // No schemas and no graph writer either: an application's own start does not wait for a model (300 ms are the bar).
    const own = new Set(['csv-stringify', '@noble', 'vega-merc']);
    const packages = (files as string[]).flatMap((file) => /.*node_modules\/([^/]+)/.exec(file)?.[1] ?? []);
    expect(packages.filter((name) => !own.has(name))).toEqual([]);
    expect((files as string[]).filter((file) => /dist\/(report|encoders|cli|graph|vega)\//.test(file))).toEqual([]);
  });

  it('works from the command line, and says what recordings need', () => {
    ok(vegaMerc('sample', 'corpus'));
    const anchors = join('corpus', 'synthetic.anchors.safetensors');
    ok(vegaMerc('train', 'corpus', '--anchors', anchors, '--out', 'run', '--preset', 'small', '--set', 'epochs=1'));
    ok(vegaMerc('report', 'run'));
    writeFileSync(join(home, 'talk.jsonl'), '{"dialogue":"a","text":"Hello."}\n');
    const { status, stderr } = vegaMerc('extract', 'talk.jsonl', '--out', 'talk');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /needs vega-merc-encoders, which is not installed\. Install with: npm install vega-merc-encoders/,
    );
  });

  it('has types that a strict program compiles against, those of libraries checked', () => {
    copyFileSync('test/package/program/strict.ts', join(home, 'strict.ts'));
    writeFileSync(join(home, 'readme.ts'), program());
    const options = { strict: true, module: 'NodeNext', target: 'ES2023', lib: ['ES2023'], types: ['node'] };
    const files = ['strict.ts', 'readme.ts'];
    writeFileSync(
      join(home, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...options, skipLibCheck: false, outDir: 'out' }, files }),
    );
    ok(run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', '.'], home));
    expect(ok(run(process.execPath, ['out/strict.js'], home))).toBe('7 2 3 1\n');
  });

  it('reads recordings with the encoders beside it, and no install script run', () => {
    const tarball = pack('packages/encoders');
    const folder = project('encoders');
    ok(npm(['install', '--prefer-offline', '--ignore-scripts', core, tarball, pack('models/starter')], folder));
    const [size, packed] = [sizeOf(join(folder, 'node_modules')), statSync(tarball).size];
    console.log(`with encoders ${(size / MEGABYTE).toFixed(0)} MB, their tarball ${(packed / MEGABYTE).toFixed(0)} MB`);
    const cache = { VEGA_MERC_CACHE: join(folder, 'cache') };
    const vegaMerc = (...args: string[]) =>
      ok(run(process.execPath, ['node_modules/vega-merc/dist/cli/main.js', ...args], folder, cache));
    const manifest = (name: string, lines: object[]) =>
      writeFileSync(join(folder, name), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const sample = readFileSync('samples/manifest.jsonl', 'utf8')
      .split('\n', 150)
      .map((line) => JSON.parse(line) as Record<string, string>);

    const clips = sample.slice(0, 2).map((line) => ({ ...line, media: resolve('samples', line.media) }));
    manifest('clips.jsonl', clips);
    vegaMerc('extract', 'clips.jsonl', '--out', 'clips');
    const { encoders } = JSON.parse(readFileSync(join(folder, 'clips/extraction.json'), 'utf8'));
    expect(Object.keys(encoders)).toEqual(['text', 'audio', 'visual']);

    const words = sample.map(({ dialogue, index, speaker, text, label }) => ({
      dialogue,
      index,
      speaker,
      text,
      label,
    }));
    manifest('words.jsonl', words);
    vegaMerc('extract', 'words.jsonl', '--out', 'words', '--audio', 'none', '--visual', 'none');
    vegaMerc('train', 'words', '--anchors', 'none', '--out', 'run', '--preset', 'small', '--set', 'epochs=1');
    copyFileSync(join(home, 'out/readme.js'), join(folder, 'readme.js'));
    expect(ok(run(process.execPath, ['readme.js'], folder, cache))).toBe('joy, sadness\n');

    // What install scripts do, where they may run, must not fail either.
    ok(npm(['rebuild'], folder, NO_DOWNLOAD));
  });
});

function installed(name: string): string {
  return JSON.parse(readFileSync(join('node_modules', name, 'package.json'), 'utf8')).version;
}

/** The program of README.md. */
function program(): string {
  const text = readFileSync('README.md', 'utf8');
  const [, code] = /```ts\n([\s\S]*?)```/.exec(text) ?? [];
  expect(code, 'README.md shows a program').toBeDefined();
  return code;
}
