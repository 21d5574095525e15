import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import { Hono } from 'hono';
import { InputError } from '../base/errors.js';
import { fileOfModel, type StudioModel } from './models.js';
import { graphicsFile, PAGE, setupOf, WORDS } from './page.js';

/** A part of the local server beyond files: routes under /studio/, and what studio.json says of them. */
export interface LocalPart {
  says: Record<string, unknown>;
  add(app: Hono): void;
  close?(): Promise<void>;
}

export interface StudioOptions {
  models: readonly StudioModel[];
  /** Folder of the sentence encoder's files. */
  words?: string;
  parts?: readonly LocalPart[];
}

/** Names under which a browser on this machine calls it. Another name that points here is another page's trick. */
const HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * The studio's local server, without a socket. It hands out the page and the models; what computes or writes asks for the
 * token of studio.json, which pages of other origins cannot read.
 */
export function createStudio({ models, words, parts = [] }: StudioOptions): Hono {
  const app = new Hono();
  const token = randomBytes(24).toString('base64url');
  const says = Object.assign({ token }, ...parts.map((part) => part.says));

  app.use(async (c, next) => {
    if (!HOSTS.test(c.req.header('host') ?? ''))
      return c.json(problem(403, 'The studio is not called by this name.'), 403);
    await next();
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('cross-origin-resource-policy', 'same-origin');
    c.header('x-frame-options', 'SAMEORIGIN');
    // Names of assets hold the hash of what is in them.
    c.header('cache-control', c.req.path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
  });
  app.get('/studio.json', (c) => c.json({ ...setupOf(models, words !== undefined), server: says }));
  app.get('/models/:id/:file', async (c) => {
    const model = models.find(({ id }) => id === c.req.param('id'));
    const bytes = model && (await fileOfModel(model, c.req.param('file')));
    return bytes === undefined ? c.notFound() : c.body(bytes, 200, { 'content-type': 'application/octet-stream' });
  });
  app.get(`/${WORDS}:file`, async (c) => {
    const name = c.req.param('file');
    if (words === undefined || !/^[\w.-]+$/.test(name) || name.startsWith('.')) return c.notFound();
    const bytes = await readFile(join(words, name)).catch(() => undefined);
    return bytes === undefined ? c.notFound() : c.body(bytes, 200, { 'content-type': 'application/octet-stream' });
  });
  app.get('/assets/:file', async (c, next) => {
    const file = graphicsFile(c.req.param('file'));
    return file === undefined ? next() : c.body(await readFile(file), 200, { 'content-type': 'application/wasm' });
  });
  app.use('/studio/*', async (c, next) => {
    const given = c.req.header('x-studio-token') ?? c.req.query('token');
    if (given !== token) return c.json(problem(401, 'This needs the token of the page; load it again.'), 401);
    await next();
  });
  for (const part of parts) part.add(app);
  app.get('*', serveStatic({ root: PAGE }));
  app.notFound((c) => c.json(problem(404, 'There is nothing here.'), 404));
  app.onError((error, c) => {
    if (error instanceof InputError) return c.json(problem(422, error.message), 422);
    console.error(error);
    return c.json(problem(500, 'This is a defect of the studio; the terminal says where.'), 500);
  });
  return app;
}

const problem = (status: number, detail: string) => ({ status, detail });
