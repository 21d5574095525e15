// Sends a server what no client should, and looks whether it answers: with 2xx or 4xx, and soon.
//   node bench/server-fuzz.mjs RUN [--cases 10000] [--seed 1] [--case n] [--json]
// RUN is a run directory. Exits with 1 where a case was answered otherwise, or not; it is printed then, with its
// number: --case sends that one alone, with the same --cases and --seed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { filesIn, memoryOf, pause, startServer } from './server/process.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    case: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
/** An answer that has not come after so long never will, milliseconds. */
const HANG_MS = 30_000;
/** As many at a time as the server takes uploads. */
const TOGETHER = 4;

const film = readFileSync(fileURLToPath(new URL('../samples/media/d01_0.webm', import.meta.url)));
const face = readFileSync(fileURLToPath(new URL('../samples/faces/joy/p01.webp', import.meta.url)));
const KEYS = [
  'utterances',
  'model',
  'dialogue',
  'speaker',
  'text',
  'audio',
  'face',
  'video',
  'features',
  'start',
  'end',
];
const MORE = [
  'label',
  'index',
  'part',
  'row',
  'encoder',
  'visual',
  'file',
  'media',
  '__proto__',
  'constructor',
  'toString',
];
const PLACES = [
  '/etc/passwd',
  'file:///etc/passwd',
  '../../x',
  'http://127.0.0.1:1/',
  '\0',
  'a'.repeat(500),
  'concat:a|b',
];

const key = fc.oneof(fc.constantFrom(...KEYS, ...MORE), fc.string());
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('You came!', '', ' ', '\ud800', ...PLACES),
);
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-1, 0, 1e308, -0, 2 ** 53));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, [], {}),
    text,
    number,
    tie('list'),
    tie('object'),
  ),
  list: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
}));
const odd = (usual) => fc.oneof({ arbitrary: usual, weight: 6 }, { arbitrary: value, weight: 1 });
const row = fc.oneof(
  fc.array(number, { maxLength: 8 }),
  fc.constantFrom(Array(512).fill(0.1), Array(512).fill(1e300), Array(7).fill(1e39)),
);
const part = fc.record(
  { part: fc.oneof(fc.constantFrom('a', 'b', 'film', 'face'), text), start: number, end: number },
  { requiredKeys: ['part'] },
);
const features = fc.dictionary(
  fc.constantFrom('text', 'audio', 'visual', '__proto__', 'x'),
  fc.oneof(row, fc.record({ row, encoder: text })),
  { maxKeys: 3 },
);
const utterance = fc.record(
  {
    speaker: odd(text),
    text: odd(text),
    audio: odd(part),
    face: odd(part),
    video: odd(part),
    features: odd(features),
    start: odd(number),
    end: odd(number),
    label: odd(text),
  },
  { requiredKeys: [] },
);
const plain = fc.record({ speaker: text, text }, { requiredKeys: [] });
const conversation = fc.record(
  {
    model: odd(fc.constantFrom('run', 'none')),
    dialogue: odd(text),
    utterances: odd(fc.array(fc.oneof(plain, utterance), { maxLength: 6 })),
  },
  { requiredKeys: ['utterances'] },
);
/** What should be answered, with odd words and rows. */
const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom('You came!', 'I had to.', '\ud800', ' '),
);
const right = fc.record({
  utterances: fc.array(
    fc.record(
      { speaker: word.filter((one) => one !== ''), text: word, start: fc.nat(), label: fc.constant('joy') },
      { requiredKeys: [] },
    ),
    { minLength: 1, maxLength: 8 },
  ),
});
const whole = fc
  .oneof({ arbitrary: right, weight: 3 }, { arbitrary: conversation, weight: 5 }, { arbitrary: value, weight: 1 })
  .map((one) => Buffer.from(JSON.stringify(one)));
/** Bytes changed, cut out, doubled. */
const damaged = (bytes) =>
  fc.tuple(bytes, fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { maxLength: 4 })).map(([original, changes]) => {
    let result = original;
    for (const [where, byte, how] of changes) {
      const at = result.length === 0 ? 0 : where % result.length;
      if (how === 0) result = Buffer.concat([result.subarray(0, at), Buffer.from([byte]), result.subarray(at + 1)]);
      if (how === 1) result = result.subarray(0, at);
      if (how === 2) result = Buffer.concat([result.subarray(0, at), result.subarray(Math.floor(at / 2))]);
    }
    return result;
  });
const bytes = fc.oneof(
  { arbitrary: whole, weight: 3 },
  { arbitrary: damaged(whole), weight: 2 },
  { arbitrary: fc.uint8Array({ maxLength: 300 }).map(Buffer.from), weight: 1 },
);

const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'text/plain',
  '',
  'multipart/form-data',
  'APPLICATION/JSON',
];
const json = fc.record({
  method: fc.oneof(
    { arbitrary: fc.constant('POST'), weight: 19 },
    { arbitrary: fc.constantFrom('PUT', 'PATCH'), weight: 1 },
  ),
  path: fc.constantFrom(
    '/v1/predict',
    '/v1/predict',
    '/v1/conversations',
    'LIVE/utterances',
    '/v1/conversations/x/utterances',
  ),
  headers: fc.record({
    'content-type': fc.oneof(
      { arbitrary: fc.constant(TYPES[0]), weight: 9 },
      { arbitrary: fc.constantFrom(...TYPES), weight: 1 },
    ),
  }),
  body: bytes,
});

const head = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'conversation',
        'utterance',
        'recording',
        'transcript',
        'speakers',
        'model',
        'a',
        'film',
        'face',
        '',
      ),
      fc.boolean(),
    )
    .map(([name, file]) => `content-disposition: form-data; name="${name}"${file ? '; filename="../../x"' : ''}\r\n`),
  fc.string({ maxLength: 60 }).map((line) => `${line.replace(/[\r\n]/g, '')}\r\n`),
  fc.constantFrom(
    '',
    'content-disposition: form-data\r\n',
    `x: ${'y'.repeat(5000)}\r\n`,
    'content-transfer-encoding: base64\r\n',
  ),
);
const SRT = '1\n00:00:00,000 --> 00:00:01,000\nAnn: You came!\n';
const content = fc.oneof(
  { arbitrary: bytes, weight: 6 },
  {
    arbitrary: damaged(
      fc.constantFrom(Buffer.from(SRT), Buffer.from('WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hi\n')),
    ),
    weight: 2,
  },
  {
    arbitrary: damaged(
      fc.constantFrom(
        film.subarray(0, 4000),
        face,
        Buffer.from('RIFF\0\0\0\0WAVEfmt '),
        Buffer.from('ID3\x04\0\0\0\0\0\0#EXTM3U\nfile:///etc/passwd'),
      ),
    ),
    weight: 1,
  },
);
const upload = fc
  .record({
    parts: fc.array(fc.tuple(head, content), { maxLength: 4 }),
    boundary: fc.constantFrom('x', 'x', 'x', 'other', '', '"', 'y'.repeat(300)),
    end: fc.constantFrom('--x--\r\n', '--x--\r\n', '--x--\r\n', '', '--x', '--x\r\n'),
  })
  .chain(({ parts, boundary, end }) =>
    damagedRarely(
      Buffer.concat([
        ...parts.flatMap(([lines, body]) => [Buffer.from(`--x\r\n${lines}\r\n`), body, Buffer.from('\r\n')]),
        Buffer.from(end),
      ]),
    ).map((body) => ({
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body,
    })),
  )
  .chain((rest) => fc.constantFrom('/v1/predict', '/v1/predict', 'LIVE/utterances').map((path) => ({ ...rest, path })));
function damagedRarely(body) {
  return fc.oneof({ arbitrary: fc.constant(body), weight: 3 }, { arbitrary: damaged(fc.constant(body)), weight: 1 });
}
const looks = fc.record({
  method: fc.constantFrom('GET', 'DELETE', 'HEAD', 'OPTIONS'),
  path: fc.oneof(
    fc.constantFrom(
      '/v1/models',
      '/healthz',
      '/metrics',
      '/openapi.json',
      '/',
      '/try',
      '/v1/conversations/x/events',
      '/v1/conversations/x',
    ),
    fc.webPath().map((path) => `/${path}`),
    fc.string({ maxLength: 20 }).map((path) => `/${encodeURIComponent(path.toWellFormed())}`),
    fc.constantFrom('/%', '/%ff', '/v1/conversations/%2e%2e/events', '/v1/conversations/%00'),
  ),
  headers: fc.record(
    {
      'last-event-id': fc.constantFrom('0', '-1', 'x', '9999999999'),
      accept: fc.constantFrom('*/*', 'application/jsonl'),
    },
    { requiredKeys: [] },
  ),
});
const anything = fc.oneof(
  { arbitrary: json, weight: 5 },
  { arbitrary: upload, weight: 4 },
  { arbitrary: looks, weight: 1 },
);

const root = mkdtempSync(join(tmpdir(), 'vega-fuzz-'));
const uploads = join(root, 'uploads');
const server = await startServer([`run=${positionals[0]}`, '--rate', '0'], uploads);
const cases = fc.sample(anything, { numRuns: Number(values.cases), seed: Number(values.seed) });
const alone = values.case === undefined ? undefined : Number(values.case);
if (alone !== undefined) cases.splice(0, cases.length, cases[alone]);
const found = { cases: cases.length, statuses: {}, wrongCount: 0, wrong: [], left: [], grownMb: 0 };
const begun = await fetch(`${server.address}/v1/conversations`, { method: 'POST' });
const live = begun.status === 201 ? begun.headers.get('location') : '/v1/conversations/none';

function ask({ method, path, headers, body }) {
  return new Promise((resolve) => {
    const url = server.address + path.replace('LIVE', live);
    const asked = request(url, { method, headers: { ...headers, ...(body && { 'content-length': body.length }) } });
    const timer = setTimeout(() => asked.destroy(new Error('no answer')), HANG_MS);
    const end = (status) => {
      clearTimeout(timer);
      resolve(status);
    };
    asked.on('error', (error) => end(error.message));
    asked.on('response', (response) => {
      response.on('error', (error) => end(error.message));
      response.on('end', () => end(response.statusCode));
      response.resume();
    });
    asked.end(body);
  });
}

let next = 0;
let settled;
await Promise.all(
  Array.from({ length: TOGETHER }, async () => {
    while (next < cases.length) {
      const number = next++;
      const one = cases[number];
      if (server.child.exitCode !== null || server.child.signalCode !== null) return;
      if (next === Math.ceil(cases.length / 4)) settled = memoryOf(server.child.pid);
      const status = await ask(one);
      found.statuses[status] = (found.statuses[status] ?? 0) + 1;
      if (status >= 200 && status < 500) continue;
      found.wrongCount++;
      const body = one.body?.toString('latin1').slice(0, 300);
      if (found.wrong.length < 5)
        found.wrong.push({ status, number, method: one.method, path: one.path, headers: one.headers, body });
    }
  }),
);
if (server.child.exitCode === null && server.child.signalCode === null)
  found.grownMb = Math.round(memoryOf(server.child.pid) - (settled ?? 0));
await pause(500);
found.left = filesIn(uploads);
if (server.child.exitCode !== null || server.child.signalCode !== null)
  throw new Error(`The server died: ${server.said()}`);
found.healthy = (await fetch(`${server.address}/healthz`)).status === 200;
server.child.kill('SIGTERM');
await server.exited;
rmSync(root, { recursive: true, force: true });
console.log(values.json ? JSON.stringify(found) : found);
process.exitCode = found.wrongCount + found.left.length > 0 || !found.healthy ? 1 : 0;
