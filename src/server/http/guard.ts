import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { clientOf } from './client.js';
import { Problem, tooMany } from './problems.js';

export interface GuardOptions {
  /** What a client must show; undefined = anybody on this machine may ask. */
  token?: string;
  /** Names under which the server may be called, without ports; undefined = any. */
  hosts?: readonly string[];
  /** Origins of pages of others that may call it. */
  origins: readonly string[];
}

/** What needs no token: it tells nothing, or is the page in which one gives it. */
const OPEN = ['/healthz', '/readyz', '/openapi.json'];

/**
 * Refuses what a page of another origin sends. A page can make its visitor's browser call this machine: by a name of its
 * own that points here (the Host header shows it), or across origins (`Origin` and `Sec-Fetch-Site` do).
 */
export function guardOrigins({ hosts, origins }: GuardOptions): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    if (hosts !== undefined && !hosts.includes(nameOf(host))) {
      throw new Problem('forbidden', 'The server is not called by this name; name it with --allow-host to let it be.');
    }
    const origin = c.req.header('origin');
    if (origin !== undefined) {
      if (hostOf(origin) !== host.toLowerCase() && !origins.includes(origin))
        throw new Problem('forbidden', 'Pages of this origin may not call the server; --cors names those that may.');
    } else if (['cross-site', 'same-site'].includes(c.req.header('sec-fetch-site') ?? '') && c.req.method !== 'GET') {
      throw new Problem('forbidden', 'Pages of other origins may not call the server.');
    }
    await next();
  };
}

/** @param isPage paths of pages, which hold nothing of anybody's. */
export function guardToken({ token }: GuardOptions, isPage: (path: string) => boolean): MiddlewareHandler {
  if (token === undefined) return (_, next) => next();
  const wanted = digest(token);
  const failures = new RateLimiterMemory({ points: 30, duration: 60 });
  return async (c, next) => {
    if (OPEN.includes(c.req.path) || (c.req.method === 'GET' && isPage(c.req.path))) return next();
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (given !== undefined && timingSafeEqual(digest(given), wanted)) return next();
    const headers = { 'www-authenticate': 'Bearer realm="vega-merc"' };
    if (given === undefined)
      throw new Problem('unauthorised', 'The server needs its token: Authorization: Bearer TOKEN.', headers);
    await consume(failures, clientOf(c), 'So many wrong tokens were shown that no more are looked at for a while.');
    throw new Problem('unauthorised', 'The token is not the right one.', headers);
  };
}

/** @param perMinute requests of one client, those for pages not counted; 0 = any number. */
export function guardRate(perMinute: number, isPage: (path: string) => boolean): MiddlewareHandler {
  if (perMinute === 0) return (_, next) => next();
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async (c, next) => {
    if (!OPEN.includes(c.req.path) && !(c.req.method === 'GET' && isPage(c.req.path)))
      await consume(limiter, clientOf(c), `Of one client ${perMinute} requests a minute are answered.`);
    await next();
  };
}

async function consume(limiter: RateLimiterMemory, client: string, detail: string): Promise<void> {
  try {
    await limiter.consume(client);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw tooMany(detail, error.msBeforeNext / 1000);
  }
}

/** Of equal length, whatever was given. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** "localhost" of "localhost:8080", "[::1]" of "[::1]:8080". */
const nameOf = (host: string): string => host.toLowerCase().replace(/:\d+$/, '');

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
