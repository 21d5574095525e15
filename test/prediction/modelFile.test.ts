import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { conversationOf, type Utterance } from '../../src/index.js';
import { open } from '../../src/prediction/node/index.js';
import { type Trained, tinyRuns } from './trained.js';

const own = mkdtempSync(join(tmpdir(), 'vega-model-file-'));
let runs: Trained;
let run: string;
let server: Server;
let url: string;
let conversation: Utterance[];
const bytes = async (name: string) => readFileSync(join(run, name));

beforeAll(async () => {
  runs = tinyRuns();
  run = await runs.train('causal', 'context=causal');
  conversation = conversationOf(runs.corpus, 0);
  server = createServer(({ url: path = '' }, response) => {
    try {
      response.end(readFileSync(join(run, path)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 240_000);
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  server.close();
  runs.remove();
  rmSync(own, { recursive: true });
});

it('a run from a URL or from bytes answers as one from a directory, and leaves no temporary file', async () => {
  vi.stubEnv('TMPDIR', own);
  await using here = await open(run);
  const want = await here.predict(conversation);
  for (const source of [url, new URL(url), bytes]) {
    await using model = await open(source);
    expect(readdirSync(own)).toEqual([]);
    expect(await model.predict(conversation)).toEqual(want);
    const said = await model.live().say(conversation[0]);
    expect(said.probabilities[want[0].emotion]).toBeCloseTo(want[0].probabilities[want[0].emotion], 5);
    expect(readdirSync(own)).toEqual([]);
  }
  const broken = async (name: string) => (name === 'model.safetensors' ? Uint8Array.of(1, 2) : bytes(name));
  await expect(open(broken)).rejects.toThrow('model.safetensors is not a sound safetensors file');
  const missing = async (name: string) => (name === 'standardise.safetensors' ? Uint8Array.of(1) : bytes(name));
  await expect(open(missing)).rejects.toThrow('standardise.safetensors');
  expect(readdirSync(own)).toEqual([]);
});

it('is opened from memory where no temporary file can be written', async () => {
  await using here = await open(run);
  vi.stubEnv('TMPDIR', join(own, 'nowhere'));
  for (const source of [url, bytes]) {
    await using model = await open(source);
    expect(await model.predict(conversation)).toEqual(await here.predict(conversation));
  }
});
