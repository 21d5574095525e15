import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildStudio, createStudio, modelsAt } from '../../src/studio/index.js';
import { type Trained, tinyRuns } from '../prediction/trained.js';

describe("the studio's server, without a socket", () => {
  let runs: Trained;
  let run: string;
  beforeAll(async () => {
    runs = tinyRuns();
    run = await runs.train('a run');
  });
  afterAll(() => runs.remove());

  const said = {
    says: { test: true },
    add: (app: ReturnType<typeof createStudio>) => void app.get('/studio/secret', (c) => c.text('told')),
  };
  const app = () => createStudio({ models: modelsAt([run, run]), parts: [said] });
  const ask = (path: string, headers: Record<string, string> = {}) =>
    app().request(path, { headers: { host: '127.0.0.1:4180', ...headers } });

  it('says which models there are; two of one name get addresses of their own', async () => {
    const setup = await (await ask('/studio.json')).json();
    expect(setup.models.map(({ id, address }: Record<string, string>) => [id, address])).toEqual([
      ['a-run', 'models/a-run/'],
      ['a-run-2', 'models/a-run-2/'],
    ]);
    expect(setup.server).toMatchObject({ test: true, token: expect.stringMatching(/^[\w-]{30,}$/) });
  });

  it('hands out what a page computes with, and nothing else of a run', async () => {
    expect((await ask('/models/a-run/config.json')).status).toBe(200);
    expect((await ask('/models/a-run/state.safetensors')).status).toBe(404);
    expect((await ask('/models/a-run/..%2Fcorpus%2Fcorpus.json')).status).toBe(404);
    expect((await ask('/models/nobody/config.json')).status).toBe(404);
  });

  it('answers to the names of this machine only, and asks for its token', async () => {
    expect((await ask('/studio.json', { host: 'evil.example' })).status).toBe(403);
    expect((await ask('/studio/secret')).status).toBe(401);
    const one = app();
    const host = { host: 'localhost' };
    const { server } = await (await one.request('/studio.json', { headers: host })).json();
    const told = await one.request('/studio/secret', { headers: { ...host, 'x-studio-token': server.token } });
    expect(await told.text()).toBe('told');
  });

  it('opens the starter by its name', () => {
    expect(modelsAt(['starter'])[0]).toMatchObject({ id: 'starter', title: expect.stringContaining('starter') });
  });

  it('refuses what is no run, and to build over files', async () => {
    expect(() => modelsAt([join(runs.root, 'corpus')])).toThrow('is no run directory');
    await expect(buildStudio(runs.root, [run])).rejects.toThrow('holds files already');
    await expect(buildStudio(join(runs.root, 'site'), [join(runs.root, 'nothing')])).rejects.toThrow(
      'is no run directory',
    );
    expect(readdirSync(runs.root).filter((name) => name.startsWith('site'))).toEqual([]);
  });
});
