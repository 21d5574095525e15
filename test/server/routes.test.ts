import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Prediction, type Predictor, predictionLine } from '../../src/prediction/index.js';
import { open } from '../../src/prediction/node/index.js';
import { lineSchema, modelsSchema, predictionsSchema } from '../../src/server/http/schemas.js';
import { LINES, spokenRuns } from '../prediction/spoken.js';
import { post, problem, type Served, serve } from './served.js';

let spoken: Awaited<ReturnType<typeof spokenRuns>>;
let served: Served;
let full: Predictor;
let causal: Predictor;
beforeAll(async () => {
  spoken = await spokenRuns();
  const models = [
    { name: 'full', model: await spoken.train('full') },
    { name: 'causal', model: await spoken.train('causal', 'context=causal') },
  ];
  served = await serve({ models, limits: { json: 100_000, waiting: 8, rate: 0 } });
  [full, causal] = await Promise.all(models.map(({ model }) => open(model, { threads: 1 })));
}, 300_000);
afterAll(async () => {
  await served.close();
  await Promise.all([full.dispose(), causal.dispose()]);
  spoken.remove();
});

const talk = [
  { speaker: 'Ann', text: LINES.joy[0] },
  { speaker: 'Bo', text: LINES.neutral[0] },
  { speaker: 'Ann', text: LINES.anger[2] },
];
const lineOf = (answer: Prediction, index: number, { about }: Predictor, utterance: object = talk[index]) =>
  JSON.stringify(predictionLine({ dialogue: 'conversation', index, ...utterance }, answer, about));

describe('POST /v1/predict', () => {
  it('answers as "predict --format jsonl" prints', async () => {
    const lines = (await full.predict(talk)).map((answer, i) => lineOf(answer, i, full));
    const response = await served.app.request('/v1/predict', post({ utterances: talk }));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const text = await response.text();
    expect(text).toBe(`{"model":"full","predictions":[${lines.join(',')}]}`);
    expect(
      predictionsSchema
        .strict()
        .parse(JSON.parse(text))
        .predictions.map(({ emotion }) => emotion),
    ).toEqual(['joy', 'neutral', 'anger']);
    const raw = await served.app.request('/v1/predict', post({ utterances: talk }, { accept: 'application/jsonl' }));
    expect(raw.headers.get('content-type')).toBe('application/jsonl');
    expect(await raw.text()).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('takes a model by its name, the dialogue, and repeats what it is told', async () => {
    const utterances = [{ ...talk[0], start: 1, end: 2.5, label: 'joy', audio: null }];
    const response = await served.app.request('/v1/predict', post({ model: 'causal', dialogue: 'd1', utterances }));
    const { model, predictions } = (await response.json()) as { model: string; predictions: object[] };
    expect(model).toBe('causal');
    expect(predictions[0]).toMatchObject({ dialogue: 'd1', index: 0, ...talk[0], start: 1, end: 2.5, label: 'joy' });
  });

  it('takes rows that were made elsewhere, with the name of what made them', async () => {
    const row = Array.from({ length: 512 }, (_, i) => Math.fround(Math.sin(i)));
    const { encoder } = full.inputs.text as { encoder: string };
    const [answer] = await full.predict([{ features: { text: row } }]);
    for (const text of [row, { row, encoder }]) {
      const response = await served.app.request('/v1/predict', post({ utterances: [{ features: { text } }] }));
      expect(JSON.parse(await response.text()).predictions[0]).toEqual(JSON.parse(lineOf(answer, 0, full, {})));
    }
    const wrong = post({ utterances: [{ features: { text: { row, encoder: 'bert' } } }] });
    expect(await problem(await served.app.request('/v1/predict', wrong))).toMatchObject({
      status: 422,
      detail: expect.stringContaining('was made by bert'),
    });
  });

  it('computes what several clients ask together, and a refused one costs nobody else the answer', async () => {
    const count = async () => Number(/_batch_seconds_count\{model="full"\} (\d+)/.exec(await metrics())?.[1] ?? 0);
    const before = await count();
    const alone = await served.app.request('/v1/predict', post({ utterances: talk }));
    const expected = await alone.json();
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        served.app.request('/v1/predict', post({ utterances: i === 3 ? [{ text: 'Well.' }] : talk })),
      ),
    );
    expect(await count()).toBeLessThan(before + 1 + 6);
    for (const [i, response] of all.entries()) {
      expect(response.status).toBe(200);
      if (i !== 3) closeTo(await response.json(), expected);
    }
  });

  it('turns away what cannot wait, and says when to come again', async () => {
    const all = await Promise.all(
      Array.from({ length: 30 }, () => served.app.request('/v1/predict', post({ utterances: talk }))),
    );
    const statuses = all.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(8);
    const refused = all.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const response of refused) {
      const { status, retry } = await problem(response);
      expect(status).toBe(503);
      expect(Number(retry)).toBeGreaterThan(0);
    }
  });

  it.each([
    ['no JSON', '{"utterances":', 400, 'The body is not JSON'],
    ['no object', '[]', 400, 'must be an object'],
    ['no utterances', { utterances: [] }, 400, 'at least 1 entry'],
    ['too many', { utterances: Array(501).fill({ text: '' }) }, 400, 'at most 500'],
    ['a misspelt field', { utterances: [{ txt: 'a' }] }, 400, 'Did you mean "text"?'],
    ['a path', { utterances: [{ audio: '/etc/passwd' }] }, 400, 'the server opens no file by its path'],
    ['a path in an object', { utterances: [{ video: { file: '/etc/passwd' } }] }, 400, 'no field "file"'],
    ['a face by its path', { utterances: [{ face: 'file:///etc/passwd' }] }, 400, 'the server opens no file'],
    ['media that manifests have', { utterances: [{ media: '/etc/passwd' }] }, 400, 'no field "media"'],
    ['a prototype', '{"utterances":[{"__proto__":{"text":"a"}}]}', 400, 'no field "__proto__"'],
    ['a prototype of features', '{"utterances":[{"features":{"__proto__":[1]}}]}', 400, 'no field "__proto__"'],
    ['a constructor', '{"utterances":[{"constructor":1}]}', 400, 'no field "constructor"'],
    ['words of another kind', { utterances: [{ text: 3 }] }, 400, 'must be text'],
    ['long words', { utterances: [{ text: 'a'.repeat(10_001) }] }, 400, 'at most 10000'],
    ['numbers that are none', '{"utterances":[{"features":{"text":[1e999]}}]}', 400, 'features.text'],
    ['a row too short', { utterances: [{ features: { text: [1, 2] } }] }, 422, 'has 2 numbers'],
    ['a model that is not', { model: 'other', utterances: [{}] }, 422, 'full, causal'],
    ['a part of no upload', { utterances: [{ audio: { part: 'a' } }] }, 422, 'send it as multipart/form-data'],
    ['deep nesting', `{"utterances":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 400, 'utterances'],
  ])('refuses %s', async (_, body, status, detail) => {
    expect(await problem(await served.app.request('/v1/predict', post(body)))).toMatchObject({
      status,
      detail: expect.stringContaining(detail),
    });
    expect(({} as { text?: string }).text).toBeUndefined();
  });

  it('refuses bodies of other types, of no UTF-8, and too large ones by their bytes', async () => {
    const ask = (init: RequestInit) => served.app.request('/v1/predict', { method: 'POST', ...init });
    expect(await problem(await ask({ body: '{}' }))).toMatchObject({ status: 415 });
    expect(await problem(await ask({ body: '{}', headers: { 'content-type': 'text/json' } }))).toMatchObject({
      status: 415,
    });
    expect(await problem(await ask(post('{}', { 'content-type': 'application/x-www-form-urlencoded' })))).toMatchObject(
      {
        status: 415,
      },
    );
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect(await problem(await ask({ body: new Uint8Array([0x22, 0xff, 0x22]), headers }))).toMatchObject({
      status: 400,
      detail: 'The body is not UTF-8.',
    });
    const large = JSON.stringify({ utterances: [{ text: 'a' }], padding: 'a'.repeat(100_000) });
    expect(await problem(await ask({ body: large, headers }))).toMatchObject({ status: 413 });
    // A header can lie, or be left out.
    const pieces = endless();
    for (const length of [undefined, '10']) {
      const lying = {
        body: pieces.stream(),
        duplex: 'half',
        headers: { ...headers, ...(length && { 'content-length': length }) },
      };
      expect(await problem(await ask(lying as RequestInit))).toMatchObject({ status: 413 });
    }
    expect(pieces.cancelled).toBe(2);
  });

  it('gives up on a body that comes too slowly', async () => {
    const { service } = served;
    const slow = { ...service, limits: { ...service.limits, patience: 200 } };
    const { createApp } = await import('../../src/server/app.js');
    const app = createApp({ service: slow, origins: [], version: '1' });
    const stream = new ReadableStream({ pull: () => new Promise(() => undefined) });
    const init = { method: 'POST', body: stream, duplex: 'half', headers: { 'content-type': 'application/json' } };
    expect(await problem(await app.request('/v1/predict', init as RequestInit))).toMatchObject({ status: 408 });
  });

  it('reads a large body elsewhere, with the same words', async () => {
    const { service } = served;
    const { createApp } = await import('../../src/server/app.js');
    const app = createApp({
      service: { ...service, limits: { ...service.limits, json: 8_000_000 } },
      origins: [],
      version: '1',
    });
    const row = Array.from({ length: 512 }, (_, i) => Math.sin(i));
    const utterances = Array.from({ length: 100 }, () => ({ features: { text: row } }));
    const response = await app.request('/v1/predict', post({ utterances }));
    expect(response.status).toBe(200);
    expect(((await response.json()) as { predictions: object[] }).predictions).toHaveLength(100);
    const wrong = post({ utterances: [...utterances, { txt: '' }] });
    expect(await problem(await app.request('/v1/predict', wrong))).toMatchObject({
      status: 400,
      detail: expect.stringContaining('Did you mean "text"?'),
    });
  });
});

describe('a conversation that goes on', () => {
  const begin = async (body: object = { model: 'causal' }) => served.app.request('/v1/conversations', post(body));
  const idOf = async (response: Response) => ((await response.json()) as { id: string }).id;
  const say = (id: string, body: object) => served.app.request(`/v1/conversations/${id}/utterances`, post(body));

  it('is answered as it goes on, and told to who listens', async () => {
    const response = await begin({ model: 'causal', dialogue: 'd7' });
    expect(response.status).toBe(201);
    const state = (await response.json()) as { id: string };
    expect(state).toMatchObject({ model: 'causal', dialogue: 'd7', utterances: 0, idleSeconds: 1800 });
    expect(response.headers.get('location')).toBe(`/v1/conversations/${state.id}`);
    const early = events(await served.app.request(`/v1/conversations/${state.id}/events`));
    const live = causal.live();
    const said: string[] = [];
    for (const [i, utterance] of talk.entries()) {
      const { index, ...answer } = await live.say(utterance);
      const line = JSON.stringify(predictionLine({ dialogue: 'd7', index, ...utterance }, answer, causal.about));
      const response = await say(state.id, { ...utterance, index: i });
      const text = await response.text();
      expect(JSON.parse(text)).toEqual(JSON.parse(line));
      lineSchema.strict().parse(JSON.parse(text));
      said.push(text);
    }
    const late = events(
      await served.app.request(`/v1/conversations/${state.id}/events`, { headers: { 'last-event-id': '0' } }),
    );
    expect((await served.app.request(`/v1/conversations/${state.id}`, { method: 'DELETE' })).status).toBe(204);
    const end = { event: 'end', data: '{"reason":"deleted"}' };
    const all = said.map((data, i) => ({ event: 'prediction', id: `${i}`, data }));
    expect(await early).toEqual([...all, end]);
    expect(await late).toEqual([...all.slice(1), end]);
    expect(await problem(await say(state.id, talk[0]))).toMatchObject({ status: 404 });
    expect(await problem(await served.app.request(`/v1/conversations/${state.id}/events`))).toMatchObject({
      status: 404,
    });
  });

  it('keeps the order of what is said at once, and says nothing twice', async () => {
    const id = await idOf(await begin());
    const answers = await Promise.all(talk.map((utterance) => say(id, utterance)));
    const lines = await Promise.all(answers.map((answer) => answer.json() as Promise<{ index: number; text: string }>));
    expect(lines.map(({ index, text }) => [index, text])).toEqual(talk.map(({ text }, i) => [i, text]));
    expect(await problem(await say(id, { ...talk[0], index: 1 }))).toMatchObject({ status: 409 });
    expect((await say(id, { ...talk[0], index: 3 })).status).toBe(200);
    // What is refused was not said.
    expect(await problem(await say(id, { features: { text: [1] } }))).toMatchObject({ status: 422 });
    expect(await problem(await say(id, { audio: 'voice.wav' }))).toMatchObject({ status: 400 });
    expect(((await (await say(id, { ...talk[0], index: 4 })).json()) as { index: number }).index).toBe(4);
  });

  it('goes on when the process that knew it is lost', async () => {
    const id = await idOf(await begin());
    await say(id, talk[0]);
    await say(id, talk[1]);
    const live = causal.live();
    for (const utterance of talk.slice(0, 2)) await live.say(utterance);
    const { index, ...answer } = await live.say(talk[2]);
    const { childrenOf } = await import('../processes.js');
    for (const { pid, args } of childrenOf(process.pid)) if (args.includes('predictTask')) process.kill(pid, 'SIGKILL');
    const response = await say(id, talk[2]);
    expect(await response.json()).toEqual(JSON.parse(lineOf(answer, index, causal)));
  });

  it('is refused with a model that sees what is said later', async () => {
    expect(await problem(await begin({}))).toMatchObject({
      status: 422,
      detail: expect.stringContaining('trained with full context'),
    });
  });

  it('begins without a body, and refuses a wrong one', async () => {
    const empty = await served.app.request('/v1/conversations', { method: 'POST' });
    expect(await problem(empty)).toMatchObject({ status: 422 });
    expect(await problem(await begin({ modell: 'causal' }))).toMatchObject({ status: 400 });
    expect(await problem(await begin({ model: 'other' }))).toMatchObject({ status: 422 });
    const odd = await served.app.request('/v1/conversations/x/events', { headers: { 'last-event-id': 'x' } });
    expect(await problem(odd)).toMatchObject({ status: 404 });
    const id = await idOf(await begin());
    const wrong = await served.app.request(`/v1/conversations/${id}/events`, { headers: { 'last-event-id': '-1' } });
    expect(await problem(wrong)).toMatchObject({ status: 400 });
  });

  it('ends when nothing is said, and there are only so many', async () => {
    const { createConversations } = await import('../../src/server/conversations.js');
    const { service } = served;
    const limits = { ...service.limits, idle: 50, conversations: 3, conversationsEach: 2 };
    const some = createConversations(limits, (id) => service.queue.begin(id, service.models[1]));
    const info = service.queue.models[1];
    const first = some.begin(info, 'a', 'one');
    some.begin(info, 'b', 'one');
    expect(() => some.begin(info, 'c', 'one')).toThrow(expect.objectContaining({ status: 429 }));
    some.begin(info, 'c', 'two');
    expect(() => some.begin(info, 'd', 'three')).toThrow(expect.objectContaining({ status: 503 }));
    while (first.ended === undefined) await first.next();
    expect(first.ended).toBe('expired');
    expect(() => some.get(first.id)).toThrow(expect.objectContaining({ status: 404 }));
    some.close();
    expect(some.size).toBe(0);
  });
});

describe('what is said of the server', () => {
  it('GET /v1/models', async () => {
    const { models } = modelsSchema.strict().parse(await (await served.app.request('/v1/models')).json());
    expect(models.map(({ name, default: first, live }) => [name, first, live])).toEqual([
      ['full', true, false],
      ['causal', false, true],
    ]);
    expect(models[0].inputs.text).toMatchObject({ dim: 512, raw: true });
    expect(JSON.stringify(models)).not.toContain(spoken.root);
  });

  it('GET /healthz, /readyz, /metrics', async () => {
    expect(await (await served.app.request('/healthz')).json()).toEqual({ status: 'ok' });
    while ((await served.app.request('/readyz')).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 100));
    const text = await metrics();
    expect(text).toContain('vega_merc_request_seconds_count{route="/v1/predict",method="POST",status="200"}');
    expect(text).toContain('route="/v1/conversations/:id/utterances"');
    expect(text).toMatch(/vega_merc_conversations \d/);
  });

  it('refuses other methods and paths', async () => {
    const response = await served.app.request('/v1/predict', { method: 'PUT' });
    expect(response.headers.get('allow')).toBe('POST');
    expect(await problem(response)).toMatchObject({ status: 405 });
    expect(await problem(await served.app.request('/v2/predict'))).toMatchObject({ status: 404 });
    expect(await problem(await served.app.request('/v1/../../etc/passwd'))).toMatchObject({ status: 404 });
  });

  it('shows a page that may run its own script and no other', async () => {
    const response = await served.app.request('/');
    const html = await response.text();
    const [, script] = /<script>(.*)<\/script>/s.exec(html) as RegExpExecArray;
    const policy = response.headers.get('content-security-policy') as string;
    expect(policy).toContain(`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`);
    expect(policy).toContain("default-src 'none'");
    expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
  });
});

async function metrics(): Promise<string> {
  return (await served.app.request('/metrics')).text();
}

/** What is computed together differs in the last digits. */
function closeTo(value: unknown, expected: unknown): void {
  if (typeof expected === 'number') expect(value).toBeCloseTo(expected, 4);
  else if (typeof expected !== 'object' || expected === null) expect(value).toEqual(expected);
  else for (const [key, one] of Object.entries(expected)) closeTo((value as Record<string, unknown>)[key], one);
}

/** A body without end. */
function endless() {
  const state = {
    cancelled: 0,
    stream: () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(16_384).fill(32)),
        cancel() {
          state.cancelled++;
        },
      }),
  };
  return state;
}

/** The events of a stream, when it has ended. */
async function events(response: Response): Promise<Record<string, string>[]> {
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const blocks = (await response.text()).split('\n\n').filter((block) => block.includes('data:'));
  return blocks.map((block) => Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2))));
}
