import { OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import { matchedRoutes } from 'hono/route';
import { InputError } from '../base/errors.js';
import { type GuardOptions, guardOrigins, guardRate, guardToken } from './http/guard.js';
import { type Page, pageAt } from './http/pages.js';
import { busy, Problem } from './http/problems.js';
import { addRoutes } from './http/routes.js';
import { traceOf } from './log.js';
import type { Service } from './service.js';

export interface AppOptions extends GuardOptions {
  service: Service;
  /** What is shown at "/": a folder of static files with its index.html; default: the page to try the server with. */
  pages?: Page;
  version: string;
}

/** What a server answers, without a socket: `app.request('/v1/models')`. */
export function createApp({ service, pages, version, ...guard }: AppOptions): OpenAPIHono {
  const app = new OpenAPIHono();
  const page = pageAt(pages);
  const { log, metrics, limits } = service;

  app.use(async (c, next) => {
    const started = performance.now();
    await next();
    const { method } = c.req;
    const seconds = (performance.now() - started) / 1000;
    const { status } = c.res;
    // The pattern, not the path: that may hold the id of a conversation.
    const route = matchedRoutes(c).findLast(({ path }) => !path.includes('*'))?.path ?? 'other';
    if (status !== 404 || route !== 'other') metrics.onRequest(route, method, status, seconds);
    log.info({ route, method, status, ms: Math.round(1000 * seconds) }, 'request');
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    c.header('cross-origin-resource-policy', guard.origins.length > 0 ? 'cross-origin' : 'same-origin');
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
    if (!c.res.headers.has('content-security-policy'))
      c.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    if (service.draining) c.header('connection', 'close');
  });
  app.use(guardOrigins(guard));
  if (guard.origins.length > 0) {
    app.use(
      cors({
        origin: [...guard.origins],
        allowMethods: ['GET', 'POST', 'DELETE'],
        allowHeaders: ['authorization', 'content-type', 'last-event-id'],
        exposeHeaders: ['location', 'retry-after'],
        maxAge: 600,
      }),
    );
  }
  app.use(guardToken(guard, page.has));
  app.use(guardRate(limits.rate, page.has));
  app.use(async (c, next) => {
    if (service.draining && !['/healthz', '/readyz', '/metrics'].includes(c.req.path))
      throw busy('The server is stopping.', 5);
    await next();
  });

  addRoutes(app, service);
  app.get('/openapi.json', (c) => c.json(documentOf(app, version)));
  page.add(app);

  app.notFound(() =>
    new Problem('not-found', 'There is nothing here; GET /openapi.json says what there is.').toResponse(),
  );
  app.onError((error, c) => {
    if (error instanceof Problem) return error.toResponse();
    if (error instanceof InputError) return new Problem('refused', error.message).toResponse();
    // Whoever asked is gone: nobody reads this.
    if (c.req.raw.signal.aborted) return new Problem('too-slow', 'The request was given up.').toResponse();
    log.error({ ...traceOf(error), route: c.req.routePath }, 'defect');
    return new Problem(
      'defect',
      'This is a defect of the server, not of the request; its log says where.',
    ).toResponse();
  });
  return app;
}

/** The OpenAPI document, from the schemas that requests are checked with. */
export function documentOf(app: OpenAPIHono, version: string) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'vega-merc',
      version,
      description:
        'Emotions of conversations. Inferring emotions at work and in education is prohibited in the EU (AI Act, Article 5(1)(f)), and people must be told (Article 50(3)).',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
  });
}
