import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer } from '../../bench/server/process.mjs';
import { clip, recordedRun } from './recorded.js';

let recorded: Awaited<ReturnType<typeof recordedRun>>;
let server: Awaited<ReturnType<typeof startServer>>;
let folder: string;
beforeAll(async () => {
  recorded = await recordedRun();
  folder = mkdtempSync(join(tmpdir(), 'vega-client-'));
  server = await startServer([recorded.run, '--log', 'info'], join(folder, 'uploads'));
}, 300_000);
afterAll(async () => {
  server.child.kill('SIGTERM');
  await server.exited;
  rmSync(folder, { recursive: true });
  recorded.remove();
});

// Not in one piece: a client that stands still does not see that its idle connections are closed.
const run = promisify(execFile);
const node = async (...args: string[]) => (await run(process.execPath, args, { cwd: folder })).stdout;

it('has a client of the document, made by a third party, that compiles and works', async () => {
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'openapi.json'), await (await fetch(`${server.address}/openapi.json`)).text());
  await node(resolve('node_modules/oazapfts/dist/cli.js'), 'openapi.json', 'client.ts');
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'use.ts'),
    `import { readFileSync } from 'node:fs';
import { beginConversation, defaults, endConversation, health, models, predict, say } from './client.js';
import type { Prediction } from './client.js';

defaults.baseUrl = process.argv[2];
const answers: unknown[] = [];
const alive = await health();
answers.push(alive.status);
const known = await models();
if (known.status !== 200) throw new Error(known.data.detail);
answers.push(known.data.models[0].name, known.data.models[0].inputs.audio?.raw);
const whole = await predict({ utterances: [{ speaker: 'Ann', text: 'You came!' }, { text: 'I had to.' }] });
if (whole.status !== 200) throw new Error(whole.data.detail);
const predictions: Prediction[] = whole.data.predictions;
answers.push(predictions.map(({ index, text }) => [index, text]));
const refused = await predict({ model: 'none', utterances: [{}] });
answers.push(refused.status === 422 ? refused.data.title : refused.status);
const begun = await beginConversation({});
if (begun.status !== 201) throw new Error(begun.data.detail);
for (const text of ['You came!', 'I had to.']) {
  const answer = await say(begun.data.id, { text });
  if (answer.status !== 200) throw new Error(answer.data.detail);
  answers.push(answer.data.index, answer.data.confidence > 0);
}
answers.push((await endConversation(begun.data.id)).status);
const form = new FormData();
form.append('recording', new Blob([readFileSync(process.argv[3])]), 'a.webm');
form.append('transcript', '1\\n00:00:00,000 --> 00:00:01,000\\nMaya: The post.\\n');
const film = await fetch(defaults.baseUrl + '/v1/predict', { method: 'POST', body: form });
const heard = (await film.json()) as { predictions: Prediction[] };
answers.push(Object.keys(heard.predictions[0].modalities));
console.log(JSON.stringify(answers));
`,
  );
  const options = {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    types: ['node'],
    skipLibCheck: true,
    lib: ['ES2022', 'DOM'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['use.ts'] }));
  await node(resolve('node_modules/typescript/bin/tsc'), '-p', '.');
  expect(JSON.parse(await node('use.js', server.address, clip('d01_0')))).toEqual([
    200,
    'run',
    true,
    [
      [0, 'You came!'],
      [1, 'I had to.'],
    ],
    'Unprocessable Entity',
    0,
    true,
    1,
    true,
    204,
    ['text', 'audio', 'visual'],
  ]);
});

it('logs that it was asked, and nothing of what was said', async () => {
  const secret = 'Xylophone-7391';
  const send = (body: string) =>
    fetch(`${server.address}/v1/predict`, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  expect((await send(JSON.stringify({ utterances: [{ speaker: secret, text: secret }] }))).status).toBe(200);
  expect((await send(`{"utterances":[{"text":"${secret}`)).status).toBe(400);
  expect((await send(JSON.stringify({ utterances: [{ [secret]: secret }] }))).status).toBe(400);
  expect((await fetch(`${server.address}/${secret}`)).status).toBe(404);
  expect(server.logged() + server.said()).not.toContain(secret);
});

/** A program of bench/ in its short form. */
function bench<T>(program: string, ...args: string[]): T {
  const { stdout, stderr } = spawnSync(process.execPath, [`bench/${program}`, recorded.run, ...args, '--json'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout) as T;
}

// The long forms of the same programs are in docs/serving.md.
describe.runIf(existsSync('/proc/self/stat'))('a server', () => {
  it('stopped at its work answers what it was asked, and leaves no file and no process', () => {
    const { term } = bench<{ term: object }>('server-chaos.mjs', '--times', '2', '--only', 'term');
    expect(term).toMatchObject({ lost: [], left: [], orphans: 0, codes: [0, 0] });
    expect((term as { answered: number }).answered).toBeGreaterThan(0);
  }, 600_000);

  it('killed at its work leaves no file and no process after the next start', () => {
    const { kill } = bench<{ kill: object }>('server-chaos.mjs', '--times', '1', '--only', 'kill');
    expect(kill).toMatchObject({ left: [], orphans: 0 });
  }, 600_000);

  it('answers what no client should send with 2xx and 4xx', () => {
    const found = bench<object>('server-fuzz.mjs', '--cases', '120', '--seed', '5');
    expect(found).toMatchObject({ cases: 120, wrong: [], left: [], healthy: true });
  }, 600_000);

  it('shuts out clients that send a byte now and then', () => {
    const { slow } = bench<{ slow: { grownMb: number } }>('server-chaos.mjs', '--only', 'slow');
    expect(slow).toMatchObject({ clients: 200, healthy: true, answered: 200 });
    expect(slow.grownMb).toBeLessThan(200);
  }, 600_000);

  it('refuses uploads of gigabytes, whatever their headers say, without growing', () => {
    const { huge } = bench<{ huge: { sentMb: number[]; grownMb: number } }>('server-chaos.mjs', '--only', 'huge');
    expect(huge).toMatchObject({ statuses: [413, 413], left: [], answered: 200 });
    for (const sent of huge.sentMb) expect(sent).toBeLessThan(400);
    expect(huge.grownMb).toBeLessThan(200);
  }, 600_000);
});
