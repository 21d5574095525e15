// What using a model costs in a page: `node bench/browser.mjs`, after a build, where Chromium is installed.
//
// A run with the published hyper-parameters (hidden 768, 54 million parameters) and random weights is opened in Chromium by
// one WebAssembly thread. Printed: how long that takes, and the median (p50) of predicting a conversation of 20 utterances
// whose features are given, of ten after two that warm up.
import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { writeRun } from './random-run.mjs';

const here = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vega-browser-'));
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

const page = `
import { open } from './dist/entries/web.js';
const start = performance.now();
const model = await open('/run/', { threads: 1, wasmPaths: '/ort/' });
const opened = performance.now() - start;
const twenty = Array.from({ length: 20 }, (_, i) => ({
  speaker: i % 2 === 0 ? 'Ann' : 'Bo',
  features: Object.fromEntries(Object.entries(model.inputs).map(([name, { dim }]) => [
    name, Float32Array.from({ length: dim }, (_, j) => Math.sin(i + j))])),
}));
const times = [];
for (let i = 0; i < 12; i++) {
  const begun = performance.now();
  await model.predict(twenty);
  if (i >= 2) times.push(performance.now() - begun);
}
window.result = { opened, twenty: times.sort((a, b) => a - b)[5] };
`;

let browser;
let server;
try {
  await writeRun(join(folder, 'run'), { text: 1024, audio: 1582, visual: 342 });
  const stdin = { contents: page, resolveDir: here, loader: 'js' };
  await build({
    stdin,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    outfile: join(folder, 'page.js'),
    logLevel: 'error',
  });
  server = createServer((request, response) => {
    const url = request.url.split('?')[0];
    if (url === '/') {
      const html = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>';
      return response.writeHead(200, { 'content-type': 'text/html' }).end(html);
    }
    const path = url.startsWith('/ort/')
      ? join(here, 'node_modules/onnxruntime-web/dist', url.slice(5))
      : join(folder, url.slice(1));
    const stream = createReadStream(path);
    stream.on('error', () => response.writeHead(404).end());
    stream.on('open', () => {
      response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' });
      stream.pipe(response);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const tab = await browser.newPage();
  tab.on('pageerror', (error) => console.error(error.message));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.waitForFunction('window.result !== undefined', undefined, { timeout: 300_000 });
  const { opened, twenty } = await tab.evaluate('window.result');
  const round = (value) => Math.round(10 * value) / 10;
  console.log(
    JSON.stringify(
      {
        machine: `${cpus()[0].model.trim()}, one WebAssembly thread`,
        openMs: round(opened),
        twentyUtterancesMs: round(twenty),
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
