import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import AxeBuilder from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { vegaMerc } from '../../cli/vega-merc.js';
import { findChromium } from '../chromium.js';

export interface Reading {
  /** Dialogues of the sample; default: all. */
  dialogues?: readonly string[];
  /** What makes features of the voice. */
  audio?: string;
}

/**
 * Trains models that read words, and voices where they are to, on the sample and its drawn faces; takes seconds.
 * @param names settings of each model.
 */
export function trainReaders(
  path: (name: string) => string,
  names: Record<string, string[]>,
  { dialogues, audio = 'none' }: Reading = {},
): void {
  const run = (...args: string[]) => {
    const { status, stderr } = vegaMerc(args);
    expect(status, stderr).toBe(0);
  };
  const lines = readFileSync('samples/manifest.jsonl', 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { dialogue: string; media: string })
    .filter(({ dialogue }) => dialogues?.includes(dialogue) ?? true);
  const absolute = lines.map((line) => JSON.stringify({ ...line, media: resolve('samples', line.media) }));
  writeFileSync(path('manifest.jsonl'), `${absolute.join('\n')}\n`);
  const parts = ['--audio', audio, '--visual', 'none', '--name', 'sample', '--synthetic'];
  run('extract', path('manifest.jsonl'), '--out', path('corpus'), ...parts);
  run('anchors', 'build', 'samples/faces', '--encoder', 'face-expression', '--out', path('a.anchors.safetensors'));
  for (const [name, set] of Object.entries(names)) {
    const settings = ['lr=3e-3', 'hidden=32', 'epochs=6', ...set].flatMap((one) => ['--set', one]);
    run('train', path('corpus'), '--anchors', path('a.anchors.safetensors'), '--out', path(name), ...settings);
  }
}

/** The studio as a user starts it, listened to. */
export interface StartedStudio {
  address: string;
  /** Whom its processes asked for anything, a line each. */
  asked(): string[];
  stop(): Promise<number | null>;
}

export async function startStudio(args: readonly string[], file: string): Promise<StartedStudio> {
  const preload = `--require ${JSON.stringify(resolve('test/browser/studio/listen.cjs'))}`;
  const child = spawn(process.execPath, ['dist/cli/main.js', 'studio', ...args, '--port', '0'], {
    env: { ...process.env, NODE_OPTIONS: preload, LISTEN_FILE: file },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((done) => child.on('exit', (code) => done(code)));
  const address = await new Promise<string>((found, failed) => {
    child.stdout.on('data', (text) => {
      const [at] = /http:\/\/127\.0\.0\.1:\d+/.exec(`${text}`) ?? [];
      if (at) found(at);
    });
    void ended.then((code) => failed(new Error(`The studio ended with ${code}.`)));
  });
  return {
    address,
    asked: () => readFileSync(file, 'utf8').trim().split('\n'),
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Any web server: it hands out a folder, and knows nothing of this program. */
export function serveFolder(folder: string): Promise<{ address: string; server: Server }> {
  const server = createServer(({ url = '/' }, response) => {
    try {
      const name = decodeURIComponent(url.split('?')[0]);
      const file = join(folder, name === '/' ? 'index.html' : name);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
      response.end(readFileSync(file));
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((ready) =>
    server.listen(0, '127.0.0.1', () =>
      ready({ address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }),
    ),
  );
}

/** A page with all that it asked for and complained of. */
export interface Watched {
  page: Page;
  requests: string[];
  errors: string[];
}

/** @param before runs in the page before its own scripts. */
export async function watch(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
  before?: () => void,
): Promise<Watched> {
  // A colour that is still going over to the next has no contrast that counts.
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  if (before !== undefined) await page.addInitScript(before);
  page.setDefaultTimeout(20_000);
  const requests: string[] = [];
  const errors: string[] = [];
  // Of the page and of its workers.
  context.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(`${address}/`);
  return { page, requests, errors };
}

export const launch = (...args: string[]): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', ...args],
  });

/** Waits until so many of them are on the page. */
export async function count(page: Page, selector: string, wanted: number): Promise<void> {
  await vi.waitFor(async () => expect(await page.locator(selector).count()).toBe(wanted), { timeout: 30_000 });
}

/** The example conversation, answered. */
export async function openExample(page: Page): Promise<void> {
  await page.click('text=An example');
  await count(page, '.transcript .answer > data', 9);
}

/** What axe-core finds wrong with what is on the screen. */
export async function violations(page: Page): Promise<string[]> {
  const known = await page.evaluate("typeof window.axe !== 'undefined'");
  // Not by a script element, which the page's policy would refuse.
  if (!known) await page.evaluate(AxeBuilder.source);
  const found = (await page.evaluate('window.axe.run(document)')) as {
    violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
  };
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
  );
}
