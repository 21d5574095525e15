// Clients that ask a server without a pause: how long they wait, how fast it says that it lives, and its memory.
//   node bench/server.mjs RUN|starter|--large [--clients 16] [--seconds 60] [--utterances 10] [--workers n] [--threads n] [--json]
// With RUN, whose model must take words, conversations are sent as text; with --large a model of hidden size 768 and three
// modalities is made, untrained in all but name, and features are sent.
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { computedBy, memoryOf, pause, startServer } from './server/process.mjs';

const DIMS = { text: 1024, audio: 1024, visual: 342 };

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      large: { type: 'boolean', default: false },
      clients: { type: 'string', default: '16' },
      seconds: { type: 'string', default: '60' },
      utterances: { type: 'string', default: '10' },
      workers: { type: 'string' },
      threads: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const root = mkdtempSync(join(tmpdir(), 'vega-load-'));
  const model = values.large ? await largeModel(root) : positionals[0];
  const own = ['workers', 'threads'].flatMap((name) => (values[name] === undefined ? [] : [`--${name}`, values[name]]));
  const server = await startServer([`model=${model}`, '--rate', '0', ...own], join(root, 'uploads'));
  const count = Number(values.utterances);
  const bodies = Array.from({ length: 32 }, (_, i) =>
    JSON.stringify({ utterances: values.large ? rows(count, i) : words(count, i) }),
  );
  const seconds = Number(values.seconds);
  const load = { address: server.address, bodies, clients: Number(values.clients) };
  await ask(load, 5); // Warm-up.
  const health = new Worker(new URL(import.meta.url), { workerData: server.address });
  const looked = new Promise((resolve) => health.on('message', resolve));
  const memory = [];
  const looking = setInterval(() => memory.push(memoryAll(server)), 1000);
  const computed = sumOf(server, computedBy);
  const found = await ask(load, seconds);
  const cpu = sumOf(server, computedBy) - computed;
  clearInterval(looking);
  health.postMessage('end');
  const healthMs = await looked;
  server.child.kill('SIGTERM');
  await server.exited;
  rmSync(root, { recursive: true, force: true });
  const quarter = Math.floor(memory.length / 4);
  const result = {
    machine: `${cpus()[0].model}, ${cpus().length} cores; clients on the same machine`,
    model: values.large ? 'hidden 768, three modalities, features' : `${model}, text`,
    clients: load.clients,
    seconds,
    utterances: count,
    answered: found.ms.length,
    perSecond: round(found.ms.length / seconds),
    errors: found.errors,
    // Of all cores; what others do on the machine changes it little.
    cpuMsEach: round((1000 * cpu) / found.ms.length),
    p50Ms: round(quantile(found.ms, 0.5)),
    p99Ms: round(quantile(found.ms, 0.99)),
    worstMs: round(Math.max(...found.ms)),
    health: {
      asked: healthMs.length,
      p50Ms: round(quantile(healthMs, 0.5)),
      p99Ms: round(quantile(healthMs, 0.99)),
      worstMs: round(Math.max(...healthMs)),
    },
    // Of the server with its processes: medians of the second and of the last quarter of the time.
    memoryMb: {
      warm: round(quantile(memory.slice(quarter, 2 * quarter), 0.5)),
      end: round(quantile(memory.slice(-quarter), 0.5)),
      most: round(Math.max(...memory)),
    },
  };
  console.log(values.json ? JSON.stringify(result) : result);
  process.exitCode = Object.keys(found.errors).length > 0 ? 1 : 0;
}

/** Each client asks for its next conversation when the last one was answered. */
async function ask({ address, bodies, clients }, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const until = performance.now() + 1000 * seconds;
  const found = { ms: [], errors: {} };
  await Promise.all(
    Array.from({ length: clients }, async (_, n) => {
      for (let i = n; performance.now() < until; i++) {
        const started = performance.now();
        const status = await send(`${address}/v1/predict`, bodies[i % bodies.length], agent);
        if (status === 200) found.ms.push(performance.now() - started);
        else found.errors[status] = (found.errors[status] ?? 0) + 1;
      }
    }),
  );
  agent.destroy();
  return found;
}

function send(url, body, agent) {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(url, { method: 'POST', headers, agent });
    asked.on('error', (error) => resolve(error.code ?? error.message));
    asked.on('response', (response) => {
      response.on('end', () => resolve(response.statusCode));
      response.on('error', (error) => resolve(error.message));
      response.resume();
    });
    asked.end(body);
  });
}

/** In a thread of its own, so that what is measured is the server's loop and not the clients'. */
function lookAtHealth(address) {
  const ms = [];
  let going = true;
  const agent = new Agent({ keepAlive: true });
  const look = () => {
    const started = performance.now();
    request(`${address}/healthz`, { agent }, (response) => {
      response.resume();
      response.on('end', () => {
        ms.push(performance.now() - started);
        if (going) setTimeout(look, 50);
        else parentPort.postMessage(ms);
      });
    }).end();
  };
  parentPort.once('message', () => {
    going = false;
  });
  look();
}

const LINES = [
  'You came!',
  'I had to.',
  'I miss her so much.',
  'Get out of my house!',
  'The bus leaves at nine.',
  'What a wonderful surprise!',
];

function words(count, seed) {
  return Array.from({ length: count }, (_, i) => ({
    speaker: i % 2 ? 'Ann' : 'Bo',
    text: `${LINES[(i + seed) % LINES.length]} ${seed}`,
  }));
}

function rows(count, seed) {
  const row = (dim, at) => Array.from({ length: dim }, (_, d) => Math.fround(Math.sin(seed + at * 31 + d)));
  return Array.from({ length: count }, (_, i) => ({
    speaker: i % 2 ? 'Ann' : 'Bo',
    features: Object.fromEntries(Object.entries(DIMS).map(([modality, dim]) => [modality, row(dim, i)])),
  }));
}

async function largeModel(root) {
  const { createCorpus } = await import('../dist/corpus/index.js');
  const { writeCorpus } = await import('../dist/corpus/files.js');
  const { train } = await import('../dist/training/index.js');
  const ids = ['train', 'valid', 'test'];
  const dialogues = ids.map((id) => ({
    id,
    utterances: Array.from({ length: 6 }, (_, i) => ({ speaker: i % 2, label: i % 3 })),
  }));
  const table = (dim) => ({ dim, rows: Float32Array.from({ length: 18 * dim }, (_, i) => Math.sin(i)) });
  const features = Object.fromEntries(Object.entries(DIMS).map(([modality, dim]) => [modality, table(dim)]));
  const splits = Object.fromEntries(ids.map((id) => [id, [id]]));
  const whole = {
    name: 'large',
    classes: ['neutral', 'joy', 'anger'],
    speakers: ['Ann', 'Bo'],
    dialogues,
    features,
    splits,
    synthetic: true,
  };
  writeCorpus(join(root, 'corpus'), createCorpus(whole, 'large'));
  const set = ['hidden=768', 'epochs=1'];
  const { vega } = await train({ corpus: join(root, 'corpus'), anchors: 'random', out: join(root, 'run'), set });
  await vega.dispose();
  await pause(500);
  return join(root, 'run');
}

const memoryAll = (server) => sumOf(server, memoryOf);
const sumOf = (server, of) => server.pids().reduce((sum, pid) => sum + alive(pid, of), 0);
function alive(pid, of) {
  try {
    return of(pid);
  } catch {
    return 0;
  }
}
const quantile = (some, q) => some.toSorted((a, b) => a - b)[Math.min(some.length - 1, Math.floor(q * some.length))];
const round = (value) => Math.round(10 * value) / 10;

if (isMainThread) await main();
else lookAtHealth(workerData);
