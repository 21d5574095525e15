import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { serveStatic } from '@hono/node-server/serve-static';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { InputError } from '../../base/errors.js';
import { tryPage } from '../page/try.js';

/** Static files that are shown at "/". */
export interface Page {
  /** With an index.html; nothing outside of it is served. */
  folder: string;
  /** What the page may do; default: what needs no other host. */
  policy?: string;
}

/** Scripts, WebAssembly, pictures and sound of its own, and nothing of anybody else. */
export const PAGE_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "connect-src 'self' blob: data:",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Whether a path is one of pages, and what answers there. @throws InputError where the folder holds no page. */
export function pageAt(page: Page | undefined): { has(path: string): boolean; add(app: OpenAPIHono): void } {
  if (page !== undefined && !existsSync(join(page.folder, 'index.html')))
    throw new InputError(`${page.folder} has no index.html; build the page first.`);
  return {
    has: (path) => !path.startsWith('/v1/') && path !== '/metrics',
    add(app) {
      app.get('/try', () => tryPage());
      if (page === undefined) {
        app.get('/', () => tryPage());
        return;
      }
      const policy = page.policy ?? PAGE_POLICY;
      app.get('*', async (c, next) => {
        await next();
        if (!c.res.ok) return;
        c.header('content-security-policy', policy);
        c.header('cross-origin-opener-policy', 'same-origin');
        c.header('permissions-policy', 'camera=(self), microphone=(self), geolocation=()');
        c.header('cache-control', 'no-cache');
      });
      app.get('*', serveStatic({ root: page.folder }));
    },
  };
}
