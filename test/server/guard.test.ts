import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf } from '../../src/server/app.js';
import { readToken, startServer } from '../../src/server/index.js';
import { type Trained, tinyRuns } from '../prediction/trained.js';
import { post, problem, type Served, serve } from './served.js';

let runs: Trained;
let served: Served;
beforeAll(async () => {
  runs = tinyRuns();
  served = await serve({ models: [{ name: 'run', model: await runs.train('run') }], limits: { rate: 5 } });
}, 300_000);
afterAll(async () => {
  await served.close();
  runs.remove();
});

const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

describe('pages of others', () => {
  it('cannot call this machine by a name of theirs', async () => {
    const app = served.behind({ hosts: LOCAL });
    const ask = (host: string) => app.request('/healthz', { headers: { host } });
    for (const host of ['localhost:8080', '127.0.0.1', '[::1]:8080', 'LOCALHOST'])
      expect((await ask(host)).status).toBe(200);
    for (const host of [
      'evil.example',
      'localhost.evil.example:8080',
      '127.0.0.1.evil.example',
      '',
      'localhost@evil.example',
    ])
      expect(await problem(await ask(host))).toMatchObject({ status: 403 });
  });

  it('cannot send anything, however simple', async () => {
    const app = served.behind({ hosts: LOCAL });
    const send = (headers: Record<string, string>) =>
      app.request('/v1/predict', {
        method: 'POST',
        body: new FormData(),
        headers: { host: 'localhost:8080', ...headers },
      });
    for (const origin of ['https://evil.example', 'null', 'http://localhost:3000', 'http://localhost:80801'])
      expect(await problem(await send({ origin }))).toMatchObject({ status: 403 });
    expect(await problem(await send({ 'sec-fetch-site': 'cross-site' }))).toMatchObject({ status: 403 });
    expect(
      await problem(await send({ origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' })),
    ).toMatchObject({
      status: 400,
    });
  });

  it('may where they are named', async () => {
    const app = served.behind({ hosts: LOCAL, origins: ['https://app.example'] });
    const headers = { host: 'localhost:8080', origin: 'https://app.example' };
    const asked = await app.request('/v1/predict', {
      method: 'OPTIONS',
      headers: {
        ...headers,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://app.example');
    const answered = await app.request('/v1/models', { headers });
    expect(answered.headers.get('access-control-allow-origin')).toBe('https://app.example');
    expect(
      await problem(await app.request('/v1/models', { headers: { ...headers, origin: 'https://evil.example' } })),
    ).toMatchObject({
      status: 403,
    });
  });
});

describe('the token', () => {
  const token = 'a-token-of-some-length';
  it('opens, and nothing else does', async () => {
    const app = served.behind({ token });
    const ask = (authorization?: string, path = '/v1/models') =>
      app.request(path, { headers: authorization === undefined ? {} : { authorization } });
    expect((await ask(`Bearer ${token}`)).status).toBe(200);
    for (const wrong of [undefined, token, `Basic ${token}`, 'Bearer ', 'Bearer wrong', `Bearer ${token}x`]) {
      const response = await ask(wrong);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
      expect(await problem(response)).toMatchObject({ status: 401 });
    }
    for (const path of ['/metrics', '/v1/conversations/x/events', '/v1/predict'])
      expect(await problem(await ask(undefined, path))).toMatchObject({ status: 401 });
    for (const path of ['/healthz', '/readyz', '/openapi.json', '/'])
      expect((await ask(undefined, path)).status).toBe(200);
    expect(await problem(await app.request('/', { method: 'POST' }))).toMatchObject({ status: 401 });
  });

  it('cannot be tried for long', async () => {
    const app = served.behind({ token });
    const ask = (given: string) =>
      app.request('/healthz2', { method: 'POST', headers: { authorization: `Bearer ${given}` } });
    for (let i = 0; i < 30; i++) expect(await problem(await ask(`wrong-${i}`))).toMatchObject({ status: 401 });
    const refused = await problem(await ask('wrong'));
    expect(refused.status).toBe(429);
    expect(Number(refused.retry)).toBeGreaterThan(0);
  });

  it('is of a file, and long enough', () => {
    const path = join(runs.root, 'token');
    writeFileSync(path, `${token}\n`);
    expect(readToken(path)).toBe(token);
    writeFileSync(path, 'short\n');
    expect(() => readToken(path)).toThrow('at least 16');
    expect(() => readToken(join(runs.root, 'none'))).toThrow('cannot be read (ENOENT)');
  });

  it('is needed where others can reach the server', async () => {
    const models = [{ name: 'run', model: join(runs.root, 'run') }];
    for (const host of ['0.0.0.0', '::', '192.0.2.1'])
      await expect(startServer({ models, host, port: 0 })).rejects.toThrow('--token-file');
  });
});

describe('limits', () => {
  it('of requests a minute, and its health can always be asked', async () => {
    const app = served.behind({});
    for (let i = 0; i < 5; i++) expect((await app.request('/v1/models')).status).toBe(200);
    const refused = await problem(await app.request('/v1/models'));
    expect(refused).toMatchObject({ status: 429, detail: expect.stringContaining('5 requests a minute') });
    expect(Number(refused.retry)).toBeGreaterThan(0);
    for (let i = 0; i < 10; i++) expect((await app.request('/healthz')).status).toBe(200);
  });

  it('when it stops: nothing new is taken', async () => {
    const app = served.behind({});
    served.service.draining = true;
    const refused = await app.request('/v1/predict', post({ utterances: [{}] }));
    expect(refused.headers.get('connection')).toBe('close');
    expect(await problem(refused)).toMatchObject({ status: 503, retry: '5' });
    expect(await problem(await app.request('/readyz'))).toMatchObject({ status: 503 });
    expect((await app.request('/healthz')).status).toBe(200);
    served.service.draining = false;
  });
});

describe('static pages', () => {
  it('are served from their folder alone, and may reach no other host', async () => {
    const folder = join(runs.root, 'pages');
    const { mkdirSync } = await import('node:fs');
    expect(() => served.behind({ pages: { folder } })).toThrow('has no index.html');
    mkdirSync(join(folder, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'index.html'), '<!doctype html>studio');
    writeFileSync(join(folder, 'assets', 'run.wasm'), 'x');
    writeFileSync(join(runs.root, 'secret'), 'secret');
    const app = served.behind({ pages: { folder }, token: 'a-token-of-some-length' });
    const index = await app.request('/');
    expect(await index.text()).toBe('<!doctype html>studio');
    expect(index.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect((await app.request('/assets/run.wasm')).headers.get('content-type')).toBe('application/wasm');
    for (const path of [
      '/../secret',
      '/%2e%2e/secret',
      '/..%2fsecret',
      '/assets/../../secret',
      '/%2e%2e%5csecret',
      '//etc/passwd',
    ])
      expect((await app.request(path)).status).toBeGreaterThanOrEqual(400);
    expect((await app.request('/v1/models')).status).toBe(401);
    expect((await app.request('/try')).status).toBe(200);
  });
});

describe('the OpenAPI document', () => {
  it('has every route, and no reference to nothing', () => {
    const document = documentOf(served.app, '1.0.0') as unknown as {
      paths: Record<string, Record<string, { operationId: string; responses: object }>>;
      components: { schemas: object };
    };
    const asked = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(asked.sort()).toEqual([
      'delete /v1/conversations/{id}',
      'get /healthz',
      'get /metrics',
      'get /readyz',
      'get /v1/conversations/{id}/events',
      'get /v1/models',
      'post /v1/conversations',
      'post /v1/conversations/{id}/utterances',
      'post /v1/predict',
    ]);
    const text = JSON.stringify(document);
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(Object.keys(document.components.schemas)).toContain(name);
  });
});
