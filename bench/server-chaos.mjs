// Stops servers that are at work, and attacks them; looks whether answers are lost or something is left behind.
//   node bench/server-chaos.mjs RUN [--times 20] [--seed 1] [--only term,kill,slow,huge] [--json]
// RUN is a run directory whose model takes words and recordings. Exits with 1 where something is lost or left.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { filesIn, isAlive, memoryOf, pause, startServer } from './server/process.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    times: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: 'term,kill,slow,huge' },
    gigabytes: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const [run] = positionals;
const times = Number(values.times);
const film = readFileSync(fileURLToPath(new URL('../samples/media/d01_0.webm', import.meta.url)));
const root = mkdtempSync(join(tmpdir(), 'vega-storm-'));
const uploads = join(root, 'uploads');
const options = [run, '--rate', '0'];

let state = Number(values.seed);
const random = () => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
};

/** Clients that ask without a pause until they are told to stop; half of them send films. */
function clients(address, count) {
  const found = { answered: 0, refused: 0, lost: [], broken: 0 };
  let going = true;
  const one = async (n) => {
    while (going) {
      const sent = n % 2 === 0 ? words() : recording();
      try {
        const response = await fetch(`${address}/v1/predict`, sent);
        await response.json();
        if (response.status === 200) found.answered++;
        else if (response.status === 503) found.refused++;
        else found.lost.push(`status ${response.status}`);
      } catch (error) {
        const code = error.cause?.code ?? error.code ?? error.message;
        if (code === 'ECONNREFUSED') return;
        found.broken++;
        found.lost.push(`${code} ${error.cause?.message ?? ''}`);
      }
    }
  };
  const all = Promise.all(Array.from({ length: count }, (_, n) => one(n)));
  return {
    found,
    stop() {
      going = false;
      return all;
    },
  };
}

function words() {
  const utterances = Array.from({ length: 10 }, (_, i) => ({
    speaker: i % 2 ? 'Ann' : 'Bo',
    text: `This is number ${i}.`,
  }));
  return { method: 'POST', body: JSON.stringify({ utterances }), headers: { 'content-type': 'application/json' } };
}

function recording() {
  const body = new FormData();
  body.append('recording', new Blob([film]), 'talk.webm');
  body.append('transcript', '1\n00:00:00,000 --> 00:00:01,500\nMaya: The post came.\n');
  return { method: 'POST', body };
}

/** SIGTERM in the middle of the work: whatever was being asked is answered. */
async function term() {
  const found = { answered: 0, refused: 0, lost: [], left: [], orphans: 0, codes: [] };
  for (let i = 0; i < times; i++) {
    const server = await startServer(options, uploads);
    const some = clients(server.address, 8);
    await pause(300 + 1500 * random());
    const pids = server.pids();
    server.child.kill('SIGTERM');
    const { code, signal } = await server.exited;
    await some.stop();
    found.codes.push(signal ?? code);
    note(found, some.found);
    found.left.push(...filesIn(uploads));
    found.orphans += await orphansOf(pids);
  }
  return found;
}

/** kill -9: after the next start nothing of it is left. */
async function kill() {
  const found = { answered: 0, refused: 0, lost: [], left: [], orphans: 0, leftBefore: 0 };
  for (let i = 0; i < times; i++) {
    const server = await startServer(options, uploads);
    const some = clients(server.address, 8);
    await pause(300 + 1500 * random());
    const pids = server.pids();
    server.child.kill('SIGKILL');
    await server.exited;
    await some.stop();
    found.answered += some.found.answered;
    found.leftBefore += filesIn(uploads).length;
    const next = await startServer(options, uploads);
    found.left.push(...filesIn(uploads));
    found.orphans += await orphansOf(pids);
    next.child.kill('SIGTERM');
    await next.exited;
  }
  found.left.push(...filesIn(uploads));
  return found;
}

/** Clients that send a byte now and then: they are shut out, and the others are answered meanwhile. */
async function slow() {
  const server = await startServer(options, uploads);
  const before = memoryOf(server.child.pid);
  const { port } = new URL(server.address);
  const started = performance.now();
  const HEAD =
    'POST /v1/predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n';
  const drip = (first) =>
    new Promise((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write(first));
      const timer = setInterval(() => socket.write('a'), 1000);
      socket.on('error', () => undefined);
      socket.on('data', () => undefined);
      socket.on('close', () => {
        clearInterval(timer);
        resolve((performance.now() - started) / 1000);
      });
    });
  const ends = Promise.all([
    ...Array.from({ length: 100 }, () => drip('POST /v1/predict HTTP/1.1\r\nx-slow: ')),
    ...Array.from({ length: 100 }, () => drip(`${HEAD}\r\n{`)),
  ]);
  let worst = 0;
  let healthy = true;
  const looking = setInterval(async () => {
    const asked = performance.now();
    healthy &&= (await fetch(`${server.address}/healthz`)).status === 200;
    worst = Math.max(worst, performance.now() - asked);
  }, 200);
  const seconds = await ends;
  clearInterval(looking);
  const grown = memoryOf(server.child.pid) - before;
  const answered = (await fetch(`${server.address}/v1/predict`, words())).status;
  server.child.kill('SIGTERM');
  await server.exited;
  return {
    clients: seconds.length,
    lastEnded: Math.max(...seconds),
    healthy,
    worstHealthMs: worst,
    grownMb: grown,
    answered,
  };
}

/** An upload of gigabytes, whose header says so, and one whose header does not. */
async function huge() {
  const found = { statuses: [], sentMb: [], grownMb: 0, left: [] };
  const server = await startServer([...options, '--max-upload', '64'], uploads);
  // The first upload loads what every one needs.
  await fetch(`${server.address}/v1/predict`, recording());
  const before = memoryOf(server.child.pid);
  const all = Number(values.gigabytes) * 2 ** 30;
  for (const headers of [{ 'content-length': all }, {}]) {
    const type = { 'content-type': 'multipart/form-data; boundary=x' };
    const asked = request(`${server.address}/v1/predict`, { method: 'POST', headers: { ...type, ...headers } });
    let status;
    const ended = new Promise((resolve) => {
      asked.on('response', (response) => {
        status = response.statusCode;
        response.resume();
      });
      asked.on('error', resolve);
      asked.on('close', resolve);
    });
    let over = false;
    void ended.then(() => {
      over = true;
    });
    asked.write('--x\r\ncontent-disposition: form-data; name="recording"; filename="a"\r\n\r\nRIFF\0\0\0\0WAVE');
    let sent = 0;
    const piece = Buffer.alloc(2 ** 20);
    while (!over && sent < all) {
      sent += piece.length;
      if (!asked.write(piece)) await Promise.race([new Promise((resolve) => asked.once('drain', resolve)), ended]);
      found.grownMb = Math.max(found.grownMb, memoryOf(server.child.pid) - before);
    }
    asked.destroy();
    await ended;
    found.statuses.push(status ?? 'cut off');
    found.sentMb.push(Math.round(sent / 2 ** 20));
  }
  await pause(200);
  found.left.push(...filesIn(uploads));
  found.answered = (await fetch(`${server.address}/v1/predict`, words())).status;
  server.child.kill('SIGTERM');
  await server.exited;
  return found;
}

function note(found, some) {
  found.answered += some.answered;
  found.refused += some.refused;
  found.lost.push(...some.lost);
}

/** Those that still live when they have had time to see that their parent is gone. */
async function orphansOf(pids) {
  for (let i = 0; i < 50 && pids.some(isAlive); i++) await pause(100);
  return pids.filter(isAlive).length;
}

const CASES = { term, kill, slow, huge };
const results = {};
for (const name of values.only.split(',')) {
  results[name] = await CASES[name]();
  if (!values.json) console.log(name, results[name]);
}
if (values.json) console.log(JSON.stringify(results));
rmSync(root, { recursive: true, force: true });
const bad = Object.values(results).some(
  ({ lost = [], left = [], orphans = 0 }) => lost.length + left.length + orphans > 0,
);
process.exitCode = bad ? 1 : 0;
