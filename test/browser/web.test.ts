import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnchors, writeAnchors } from '../../src/anchors/files.js';
import { buildBank } from '../../src/anchors/index.js';
import { readCorpus } from '../../src/corpus/files.js';
import { conversationOf, open, type Prediction, type Predictor, type Utterance } from '../../src/index.js';
import { packageEncoders } from '../../src/prediction/node/encoders.js';
import { temporaryDirectory, vegaMerc } from '../cli/vega-merc.js';
import { findChromium } from './chromium.js';

const path = temporaryDirectory();
const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves a folder on this machine; a run's files lie in it as any others. */
function serve(folder: string): Promise<Server> {
  const server = createServer(({ url = '/' }, response) => {
    try {
      const file = join(folder, url === '/' ? 'index.html' : decodeURIComponent(url.split('?')[0]));
      const body = readFileSync(file);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  return new Promise((ready) => server.listen(0, '127.0.0.1', () => ready(server)));
}

/** What the starter takes of a conversation, as rows: words, words with a voice of noise, and that voice alone. */
async function starterRows(): Promise<Utterance[]> {
  await using starter = await open('starter', { threads: 1 });
  const encoder = await packageEncoders.open('text', starter.inputs.text?.parts ?? []);
  const encoded = await encoder.encode([{ text: 'You came! I am so happy!' }, { text: 'I hate you!' }], {});
  await encoder.dispose();
  const [came, hate] = encoded.map((one) => ('row' in one ? [...one.row] : []));
  const noise = Array.from({ length: starter.inputs.audio?.dim ?? 0 }, (_, i) => 1e4 * Math.sin(i));
  return [
    { speaker: 'Ann', features: { text: came } },
    { speaker: 'Bo', features: { text: hate, audio: noise } },
    { speaker: 'Ann', features: { audio: noise } },
  ];
}

/** Every number of an answer, by where it stands. */
function numbersOf(value: unknown, at = ''): [string, number][] {
  if (typeof value === 'number') return [[at, value]];
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersOf(inner, `${at}.${key}`));
}

describe.skipIf(findChromium() === undefined)('a model in a page', () => {
  let browser: Browser;
  let page: Page;
  let server: Server;
  let model: Predictor;
  let conversations: Utterance[][];
  const requests: string[] = [];
  const errors: string[] = [];
  const result = <T>(): Promise<T> => page.evaluate('window.result') as Promise<T>;

  beforeAll(async () => {
    expect(vegaMerc(['sample', path('corpus')]).status).toBe(0);
    const anchors = path('corpus/synthetic.anchors.safetensors');
    const settings = ['context=causal', 'hidden=32', 'epochs=2'].flatMap((setting) => ['--set', setting]);
    const train = ['train', path('corpus'), '--anchors', anchors, '--out', path('run'), '--preset', 'small'];
    expect(vegaMerc([...train, ...settings]).status).toBe(0);

    // An application's folder: a page of ten lines, and this package with onnxruntime-web beside it.
    cpSync('test/browser/web', path('page'), { recursive: true });
    mkdirSync(path('page/node_modules'));
    symlinkSync(resolve('.'), path('page/node_modules/vega-merc'));
    symlinkSync(resolve('node_modules/onnxruntime-web'), path('page/node_modules/onnxruntime-web'));
    const vite = await import('vite');
    await vite.build({ root: path('page'), configFile: false, logLevel: 'error', build: { target: 'es2022' } });

    const corpus = readCorpus(path('corpus'));
    conversations = [0, 7].map((index) => conversationOf(corpus, index));
    const plain = conversations.map((all) =>
      all.map(({ speaker, features = {} }) => ({
        speaker,
        features: Object.fromEntries(Object.entries(features).map(([m, row]) => [m, [...(row as Float32Array)]])),
      })),
    );
    cpSync(path('run'), path('page/dist/run'), { recursive: true });
    const faces = readAnchors(anchors);
    const moods = ['proud', 'furious'].map((name, c) => ({ name, embeddings: faces.exemplars[c] }));
    writeAnchors(path('page/dist/moods.anchors.safetensors'), buildBank(moods, faces.dim, faces.encoder));
    writeFileSync(path('page/dist/conversations.json'), JSON.stringify(plain));
    model = await open(path('run'), { threads: 1 });
    cpSync('models/starter/model', path('page/dist/vega-merc-starter/model'), { recursive: true });
    writeFileSync(path('page/dist/starter.json'), JSON.stringify(await starterRows()));

    server = await serve(path('page/dist'));
    browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
    page = await browser.newPage();
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    // Whatever goes wrong in the page is what the failure should say.
    await page.waitForFunction('window.result !== undefined', undefined, { timeout: 60_000 }).catch((error) => {
      throw errors.length > 0 ? new Error(errors.join('\n')) : error;
    });
  });
  afterAll(async () => {
    await model?.dispose();
    await browser?.close();
    server?.close();
  });

  it('gives the numbers that it gives on Node', async () => {
    const { classes, answers } = await result<{ classes: string[]; answers: Prediction[][] }>();
    expect(classes).toEqual(model.classes);
    for (const [c, conversation] of conversations.entries()) {
      const want = await model.predict(conversation);
      expect(answers[c].map(({ emotion }) => emotion)).toEqual(want.map(({ emotion }) => emotion));
      const [got, expected] = [numbersOf(answers[c]), numbersOf(want)];
      expect(got.length).toBeGreaterThan(100);
      expect(got.map(([at]) => at)).toEqual(expected.map(([at]) => at));
      for (const [i, [at, value]] of got.entries()) expect(value, at).toBeCloseTo(expected[i][1], 4);
    }
  });

  it('answers live as it answers the whole conversation', async () => {
    const { said, answers } = await result<{ said: Prediction[]; answers: Prediction[][] }>();
    expect(said.length).toBe(conversations[0].length);
    for (const [i, one] of said.entries()) {
      expect(one.emotion).toBe(answers[0][i].emotion);
      for (const [name, p] of Object.entries(one.probabilities))
        expect(p).toBeCloseTo(answers[0][i].probabilities[name], 4);
    }
  });

  it('answers among other classes, given by faces', async () => {
    const { shot } = await result<{ shot: Prediction[] }>();
    await using here = await open(path('run'), { threads: 1, faces: path('page/dist/moods.anchors.safetensors') });
    const want = await here.predict(conversations[0]);
    for (const [i, { zeroShot, emotion, probabilities }] of shot.entries()) {
      expect([zeroShot, emotion, Object.keys(probabilities)]).toEqual([true, want[i].emotion, ['proud', 'furious']]);
      expect(probabilities.proud).toBeCloseTo(want[i].probabilities.proud, 4);
    }
  });

  it('opens the starter by its URL, which leaves out there too what is unlike its training', async () => {
    const { started } = await result<{ started: Prediction[] }>();
    await using starter = await open('starter', { threads: 1 });
    const want = await starter.predict(JSON.parse(readFileSync(path('page/dist/starter.json'), 'utf8')));
    expect(started.map(({ emotion }) => emotion)).toEqual(want.map(({ emotion }) => emotion));
    expect(started.slice(0, 2).map(({ emotion }) => emotion)).toEqual(['joy', 'anger']);
    expect(started.map(({ unfamiliar }) => unfamiliar)).toEqual([undefined, ['audio'], ['audio']]);
    expect(started.map(({ missing }) => Object.keys(missing ?? {}))).toEqual([[], ['audio'], []]);
    for (const [i, { confidence }] of started.entries()) expect(confidence).toBeCloseTo(want[i].confidence, 4);
    expect(started[2].confidence).toBeLessThan(0.2);
  });

  it('asks nobody but the server that the page came from, and complains of nothing', () => {
    const hosts = new Set(requests.filter((url) => !url.startsWith('data:')).map((url) => new URL(url).host));
    expect([...hosts]).toEqual([`127.0.0.1:${(server.address() as AddressInfo).port}`]);
    expect(errors).toEqual([]);
  });

  it('is a page below 1 MB, without the model and the WebAssembly', () => {
    const files = readdirSync(path('page/dist/assets')).filter((name) => !name.endsWith('.wasm'));
    const bytes = files.reduce((sum, name) => sum + statSync(path(`page/dist/assets/${name}`)).size, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(1_000_000);
  });
});
