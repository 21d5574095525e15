// What the studio costs its reader: `node bench/studio.mjs [MODEL]`, after a build, where Chromium is installed.
//
// The static build of a model (default: the starter) is served by a plain server of this machine, and opened in fresh
// browsers that hold nothing of it. All times are the page's own clock. Printed:
// - page: bytes without models, the sentence encoder and WebAssembly, as they are and as a server may compress them;
// - cold start: from the begin of the navigation until the answers to the example are drawn, the example being asked for as
//   soon as its button is there: each of five browsers, and their median; of the median one its marks too;
// - typing: from a letter until its answer is drawn, of 50 letters in the example. Every tenth comes after a pause, in which
//   the page begins what it puts off (the map of faces), so that the worst case is among them.
import { spawnSync } from 'node:child_process';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const BROWSERS = 5;
const here = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vega-studio-bench-'));
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const LETTERS = 'I never thought that it would end like this, my dear friend';

/** Runs in the page from its begin: asks for the example, and notes when its answers are drawn. */
function watchPage() {
  const look = new MutationObserver(() => {
    if (!document.documentElement.dataset.asked) {
      const button = [...document.querySelectorAll('button')].find((each) => each.textContent.includes('An example'));
      if (!button) return;
      document.documentElement.dataset.asked = performance.now();
      button.click();
    }
    if (document.querySelectorAll('.transcript .answer > data').length < 9) return;
    look.disconnect();
    requestAnimationFrame(() =>
      setTimeout(() => {
        document.documentElement.dataset.first = performance.now();
      }),
    );
  });
  document.addEventListener('DOMContentLoaded', () => look.observe(document.body, { childList: true, subtree: true }));
}

/** Runs in the page: types, a letter when the one before is answered. @returns milliseconds from each to its answer. */
async function typeLetters({ letters, count }) {
  const field = document.querySelector('[name=words]');
  const setter = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const times = [];
  for (let n = 1; n <= count; n++) {
    await pause(n % 10 === 0 ? 300 : 60);
    const answered = new Promise((done) => {
      const observer = new PerformanceObserver(() => {
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(done));
      });
      observer.observe({ type: 'mark', buffered: false });
    });
    const begun = performance.now();
    setter.call(field, letters.slice(0, n));
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await answered;
    times.push(performance.now() - begun);
  }
  return times;
}

let browser;
let server;
try {
  const model = process.argv[2] ?? 'starter';
  const site = join(folder, 'site');
  const built = spawnSync(process.execPath, [join(here, 'dist/cli/main.js'), 'studio', model, '--build', site], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
  server = createServer((request, response) => {
    const path = decodeURIComponent(request.url.split('?')[0]);
    const stream = createReadStream(join(site, path === '/' ? 'index.html' : path));
    stream.on('error', () => response.writeHead(404).end());
    stream.on('open', () => {
      response.writeHead(200, {
        'content-type': TYPES[extname(path)] ?? (path === '/' ? 'text/html' : 'application/octet-stream'),
      });
      stream.pipe(response);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const address = `http://127.0.0.1:${server.address().port}/`;

  const starts = [];
  let typing;
  for (let n = 0; n < BROWSERS; n++) {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
      args: ['--no-sandbox'],
    });
    const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    tab.on('pageerror', (error) => console.error(error.message));
    await tab.addInitScript(watchPage);
    await tab.goto(address);
    await tab.waitForSelector('html[data-first]', { timeout: 120_000 });
    const { asked, first } = await tab.evaluate(() => ({ ...document.documentElement.dataset }));
    starts.push({ asked: Number(asked), firstAnswer: Number(first) });
    if (n === BROWSERS - 1) typing = await tab.evaluate(typeLetters, { letters: LETTERS, count: 50 });
    await browser.close();
  }

  const round = (value) => Math.round(value);
  const firsts = starts.map(({ firstAnswer }) => firstAnswer).sort((a, b) => a - b);
  const sorted = [...typing].sort((a, b) => a - b);
  const files = readdirSync(join(site, 'assets')).filter((name) => /\.(js|css)$/.test(name));
  const contents = [join(site, 'index.html'), ...files.map((name) => join(site, 'assets', name))];
  console.log(
    JSON.stringify(
      {
        machine: `${cpus()[0].model.trim()}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}, one WebAssembly thread`,
        page: {
          bytes: contents.reduce((sum, file) => sum + statSync(file).size, 0),
          compressed: contents.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0),
        },
        coldStartMs: { median: round(firsts[Math.floor(firsts.length / 2)]), each: firsts.map(round) },
        buttonMs: starts.map(({ asked }) => round(asked)),
        typingMs: { p50: round(sorted[24]), p95: round(sorted[47]), worst: round(sorted[49]) },
      },
      null,
      2,
    ),
  );
} finally {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true });
}
