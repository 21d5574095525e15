// What using a model costs: `node bench/prediction.mjs [threads]`, after a build.
//
// A run with the published hyper-parameters (hidden 768, three modalities of IEMOCAP's dimensions, 54 million parameters)
// and random weights is written to a temporary folder, since speed does not hang on what was learned. Printed are
// - open and first: from `open` to the answer to one utterance, in a fresh process each time, with the file in the
//   system's cache; and the same with the loading of the program before it;
// - twenty: a conversation of 20 utterances whose features are given;
// - words: one utterance of a text-only run of the same size, from its words, through the sentence encoder;
// medians (p50) of many after a few that warm up, and the memory at the end. Beside each figure stands the processor time of
// all threads (…CpuMs), which hangs less on what else the machine does.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);
const [what, ...rest] = process.argv.slice(2);

if (what === 'opening') await opening(rest[0], Number(rest[1]));
else if (what === 'warm') await warm(rest[0], rest[1], Number(rest[2]));
else await all(Number(what ?? cpus().length));

async function all(threads) {
  const folder = mkdtempSync(join(tmpdir(), 'vega-bench-'));
  try {
    const whole = await writeRun(join(folder, 'whole'), { text: 1024, audio: 1582, visual: 342 });
    const words = await writeRun(join(folder, 'words'), { text: 512 });
    const times = Array.from({ length: 5 }, () => child('opening', whole, `${threads}`));
    const figures = {
      machine: `${cpus()[0].model.trim()}, ${cpus().length} cores, ${threads} threads`,
      openAndFirstMs: median(times.map(({ open }) => open)),
      openAndFirstCpuMs: median(times.map(({ cpu }) => cpu)),
      withLoadingMs: median(times.map(({ loaded }) => loaded)),
      ...child('warm', whole, words, `${threads}`),
    };
    console.log(JSON.stringify(figures, null, 2));
  } finally {
    rmSync(folder, { recursive: true });
  }
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

/** A run directory with random weights. */
async function writeRun(directory, dims) {
  const { presetConfig } = await import('../dist/run/index.js');
  const { initialParameters, parameterShapes } = await import('../dist/vega/index.js');
  const { encodeSafetensors } = await import('../dist/interchange/index.js');
  const { anchorFileChunks, syntheticAnchors } = await import('../dist/anchors/index.js');
  const { describeEncoders } = await import('../dist/encoders/extract/choice.js');
  const classes = ['happy', 'sad', 'neutral', 'anger', 'excited', 'frustration'];
  const training = { ...presetConfig('paper-iemocap'), standardise: false };
  const bank = syntheticAnchors(classes, 512, 1, 15);
  const shape = { classes: classes.length, speakers: 2, dims, anchorDim: 512 };
  const shapes = parameterShapes(training, shape);
  const values = initialParameters(training, shape, 1, [...shapes.keys()]);
  const tensors = new Map(
    [...shapes].map(([name, sizes]) => [name, { shape: [...sizes], dtype: 'float32', data: values.get(name) }]),
  );
  const parts = dims.text === 512 ? await describeEncoders({ text: 'sentence', rate: 3 }, 'text') : undefined;
  const config = {
    format: 'vega-merc-run',
    version: 2,
    preset: 'paper-iemocap',
    training,
    selection: 'validation-selected',
    corpus: { name: 'none', path: '.', hash: '0', classes, speakers: ['F', 'M'] },
    inputs: Object.fromEntries(
      Object.entries(dims).map(([name, dim]) => [name, { dim, ...(name === 'text' && parts && { parts }) }]),
    ),
    shape,
    classWeights: classes.map(() => 1),
    anchors: { path: 'random', hash: bank.hash, dim: 512, matched: [], unused: [], gate: '' },
    threads: 1,
    program: null,
  };
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  writeFileSync(join(directory, 'model.safetensors'), encodeSafetensors(tensors, { training: 'finished' }));
  writeFileSync(join(directory, 'anchors.safetensors'), Buffer.concat(anchorFileChunks(bank)));
  return directory;
}

function child(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [self, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function median(values) {
  return Math.round(10 * values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]) / 10;
}
