// What using a model costs: `node bench/prediction.mjs [threads]`, after a build.
//
// A run with the published hyper-parameters (hidden 768, three modalities of IEMOCAP's dimensions, 54 million parameters)
// and random weights is written to a temporary folder, since speed does not hang on what was learned. Printed are
// - open and first: from `open` to the answer to one utterance, in a fresh process each time, with the file in the
//   system's cache; and the same with the loading of the program before it;
// - twenty: a conversation of 20 utterances whose features are given;
// - words: one utterance of a text-only run of the same size, from its words, through the sentence encoder;
// - live: one more utterance of a causal model of the same size, at positions about 50 and about 500;
// - memory: of a process that opens the model and predicts twenty utterances, the largest ever and at the end, where the
//   model is a directory, a URL, or bytes that the caller gives;
// medians (p50) of many after a few that warm up. `node bench/prediction.mjs memory` and `… live` print these alone. Beside each figure stands the processor time of
// all threads (…CpuMs), which hangs less on what else the machine does.
import { execFile } from 'node:child_process';
import { createReadStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeRun } from './random-run.mjs';

const self = fileURLToPath(import.meta.url);
const [what, ...rest] = process.argv.slice(2);

if (what === 'opening') await opening(rest[0], Number(rest[1]));
else if (what === 'warm') await warm(rest[0], rest[1], Number(rest[2]));
else if (what === 'held') await held(rest[0], rest[1], Number(rest[2]));
else if (what === 'said') await said(rest[0], Number(rest[1]));
else if (what === 'memory') await withRun(memory);
else if (what === 'live') await withRun((run, threads) => child('said', run, threads));
else await all(Number(what ?? cpus().length));

async function all(threads) {
  const folder = mkdtempSync(join(tmpdir(), 'vega-bench-'));
  try {
    const whole = await writeRun(join(folder, 'whole'), { text: 1024, audio: 1582, visual: 342 });
    const words = await writeRun(join(folder, 'words'), { text: 512 });
    const causal = await writeRun(join(folder, 'causal'), { text: 1024, audio: 1582, visual: 342 }, 'causal');
    const times = [];
    for (let i = 0; i < 5; i++) times.push(await child('opening', whole, threads));
    const figures = {
      machine: `${cpus()[0].model.trim()}, ${cpus().length} cores, ${threads} threads`,
      openAndFirstMs: median(times.map(({ open }) => open)),
      openAndFirstCpuMs: median(times.map(({ cpu }) => cpu)),
      withLoadingMs: median(times.map(({ loaded }) => loaded)),
      ...(await child('warm', whole, words, threads)),
      ...(await child('said', causal, threads)),
      ...(await memory(whole, threads)),
    };
    console.log(JSON.stringify(figures, null, 2));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs one part of the benchmark on a run of its own. */
async function withRun(work) {
  const folder = mkdtempSync(join(tmpdir(), 'vega-bench-'));
  const dims = { text: 1024, audio: 1582, visual: 342 };
  try {
    const run = await writeRun(join(folder, 'run'), dims, 'causal');
    const figures = await work(run, Number(rest[0] ?? cpus().length));
    console.log(JSON.stringify(figures, null, 2));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Of a process that opens a model in three ways. */
async function memory(run, threads) {
  const server = createServer((request, response) => {
    const path = join(run, request.url.slice(1));
    if (existsSync(path)) createReadStream(path).pipe(response);
    else response.writeHead(404).end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const figures = {};
  for (const [kind, source] of Object.entries({ Directory: run, Url: url, Bytes: run })) {
    const { peak, end } = await child('held', kind, source, threads);
    figures[`memoryFrom${kind}Mb`] = { peak, end };
  }
  server.close();
  return figures;
}

async function held(kind, source, threads) {
  const { open } = await import('../dist/index.js');
  const files = (name) => readFile(join(source, name));
  const model = await open(kind === 'Bytes' ? files : source, { threads });
  const twenty = conversation(model.inputs, 20);
  for (let i = 0; i < 20; i++) await model.predict(twenty);
  const end = Math.round(process.memoryUsage().rss / 2 ** 20);
  await model.dispose();
  console.log(JSON.stringify({ peak: Math.round(process.resourceUsage().maxRSS / 1024), end }));
}

async function said(run, threads) {
  const { open } = await import('../dist/index.js');
  const model = await open(run, { threads });
  const utterances = conversation(model.inputs, 520);
  const live = model.live();
  const times = [];
  const cpu = [];
  for (const utterance of utterances) {
    const start = performance.now();
    const before = process.cpuUsage();
    await live.say(utterance);
    times.push(performance.now() - start);
    cpu.push(cpuSince(before));
  }
  await model.dispose();
  const at = (list, position) => median(list.slice(position - 20, position + 20));
  console.log(
    JSON.stringify({
      liveAt50Ms: at(times, 50),
      liveAt50CpuMs: at(cpu, 50),
      liveAt500Ms: at(times, 500),
      liveAt500CpuMs: at(cpu, 500),
    }),
  );
}

async function opening(run, threads) {
  const { open } = await import('../dist/index.js');
  const start = performance.now();
  const before = process.cpuUsage();
  const model = await open(run, { threads });
  await model.predict(conversation(model.inputs, 1));
  const end = performance.now();
  const cpu = cpuSince(before);
  await model.dispose();
  console.log(JSON.stringify({ open: end - start, loaded: end, cpu }));
}

async function warm(whole, words, threads) {
  const { open } = await import('../dist/index.js');
  const model = await open(whole, { threads });
  const twenty = conversation(model.inputs, 20);
  const given = await measured(60, () => model.predict(twenty));
  const memoryMb = Math.round(process.memoryUsage().rss / 2 ** 20);
  await model.dispose();
  const reader = await open(words, { threads });
  const said = await measured(100, (i) =>
    reader.predict([{ speaker: 'Ann', text: `I told you ${i} times, did I not?` }]),
  );
  await reader.dispose();
  console.log(
    JSON.stringify({
      twentyUtterancesMs: given.ms,
      twentyUtterancesCpuMs: given.cpu,
      wordsMs: said.ms,
      wordsCpuMs: said.cpu,
      memoryWhileTwentyMb: memoryMb,
    }),
  );
}

async function measured(count, work) {
  for (let i = 0; i < 5; i++) await work(i);
  const times = [];
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await work(i);
    times.push(performance.now() - start);
  }
  return { ms: median(times), cpu: Math.round((10 * cpuSince(before)) / count) / 10 };
}

/** Processor time of all threads, in milliseconds. */
function cpuSince(before) {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function conversation(inputs, count) {
  return Array.from({ length: count }, (_, i) => ({
    speaker: i % 2 === 0 ? 'Ann' : 'Bo',
    features: Object.fromEntries(
      Object.entries(inputs).map(([name, { dim }]) => [
        name,
        Float32Array.from({ length: dim }, (_, j) => Math.sin(i + j)),
      ]),
    ),
  }));
}

async function child(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, [self, ...args.map(String)]);
  return JSON.parse(stdout);
}

function median(values) {
  return Math.round(10 * values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]) / 10;
}
