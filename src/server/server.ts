import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { type AddressInfo, isIPv6, Server as NetServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { createAdaptorServer } from '@hono/node-server';
import { InputError } from '../base/errors.js';
import { programVersions } from '../base/program.js';
import { createApp } from './app.js';
import { createConversations } from './conversations.js';
import { Budget } from './http/body.js';
import type { Page } from './http/pages.js';
import { createParser } from './http/parser.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import { createLog, type Log } from './log.js';
import { openUploads } from './media/folder.js';
import { createMediaQueue } from './media/queue.js';
import { createMetrics, type Metrics } from './metrics.js';
import { modelOf, type Service } from './service.js';
import { built } from './work/process.js';
import { createQueue } from './work/queue.js';
import type { ServedModel } from './work/tasks.js';

export interface ServerOptions {
  /** The first is the default. */
  models: readonly ServedModel[];
  /** Default: 127.0.0.1, which only this machine reaches. */
  host?: string;
  /** Default: 8080; 0 = one that is free. */
  port?: number;
  /** What clients must show; needed where other machines can reach the server. */
  token?: string;
  /** Names besides its own under which a server of this machine alone may be called, as behind a proxy. */
  hosts?: readonly string[];
  /** Origins of pages of others that may call it. */
  origins?: readonly string[];
  limits?: Partial<Limits>;
  /** Processes that predict and their threads, and processes that decode; default: by the machine's cores. */
  workers?: number;
  threads?: number;
  decoders?: number;
  /** The folder for uploads of all servers of this user. */
  uploads?: string;
  /** What is shown at "/"; default: a page to try the server with. */
  pages?: Page;
  log?: Log;
}

export interface RunningServer {
  /** "http://127.0.0.1:8080" */
  readonly address: string;
  /** Takes nothing new, finishes what is in flight, and ends. @param most milliseconds until it breaks off. */
  stop(most?: number): Promise<void>;
}

/** Seconds in which what is in flight is finished. */
export const DRAINING_MS = 30_000;
/** A client that has not sent its headers after so long will not, milliseconds. */
const HEADERS_MS = 10_000;
const KEEP_ALIVE_MS = 5000;
const MOST_CONNECTIONS = 1024;
const MOST_HEADER_BYTES = 16 * 1024;

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

/**
 * What answers requests: models in processes of their own, limits, and the routes, without a socket.
 * @throws InputError where a model cannot be opened.
 */
export async function createService(options: ServerOptions): Promise<{ service: Service; close(): Promise<void> }> {
  const cores = availableParallelism();
  const { models, workers = Math.max(1, Math.floor(cores / 4)), decoders = 1 } = options;
  const threads = options.threads ?? Math.max(1, Math.floor(cores / workers));
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const uploads = openUploads(options.uploads);
  let metrics: Metrics | undefined;
  const parser = createParser();
  const media = createMediaQueue({
    workers: decoders,
    limits,
    module: built('media/task'),
    onLost: () => metrics?.onLost('media'),
  });
  try {
    const queue = await createQueue({
      models,
      workers,
      threads,
      limits,
      module: built('work/predictTask'),
      onBatch: (...batch) => metrics?.onBatch(...batch),
      onLost: () => metrics?.onLost('predict'),
    });
    const conversations = createConversations(limits, (id, name) => queue.begin(id, modelOf(service, name).served));
    const gauges = {
      waiting: () => queue.waiting,
      uploads: () => media.busy,
      conversations: () => conversations.size,
    };
    metrics = createMetrics(gauges);
    const service: Service = {
      limits,
      models,
      queue,
      media,
      uploads,
      conversations,
      parser,
      budget: new Budget(limits.memory),
      metrics,
      log: options.log ?? createLog(),
      draining: false,
    };
    return {
      service,
      async close() {
        conversations.close();
        await Promise.all([queue.close(), media.close(), parser.close()]);
        await uploads.close();
        metrics?.close();
      },
    };
  } catch (error) {
    await Promise.all([media.close(), parser.close()]);
    await uploads.close();
    throw error;
  }
}

/**
 * Starts a server.
 * @throws InputError where a model cannot be opened, the address is taken, or others could reach it without a token.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = '127.0.0.1', port = 8080, token, hosts = [], origins = [], pages } = options;
  const alone = LOOPBACK.includes(host);
  if (!alone && token === undefined) {
    throw new InputError(
      `Other machines can reach ${host}: give a token that clients must show (--token-file FILE), or leave --host out.`,
    );
  }
  const { service, close } = await createService(options);
  try {
    const app = createApp({
      service,
      token,
      origins,
      hosts: alone ? ['localhost', '127.0.0.1', '[::1]', ...hosts] : hosts.length > 0 ? hosts : undefined,
      pages,
      version: programVersions().version,
    });
    const server = createAdaptorServer({
      fetch: app.fetch,
      overrideGlobalObjects: false,
      serverOptions: {
        headersTimeout: HEADERS_MS,
        // Bodies have a time limit of their own, by how fast they come.
        requestTimeout: 0,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: 1000,
        maxHeaderSize: MOST_HEADER_BYTES,
      },
    }) as Server;
    server.maxConnections = MOST_CONNECTIONS;
    const at = await listen(server, host, port);
    let stopping: Promise<void> | undefined;
    return {
      address: `http://${isIPv6(host) ? `[${host}]` : host}:${at}`,
      stop(most = DRAINING_MS) {
        if (stopping !== undefined && most === 0) server.closeAllConnections();
        stopping ??= drain(server, service, most).then(close);
        return stopping;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why: Record<string, string> = {
        EADDRINUSE: 'another program listens there; give another --port',
        EACCES: 'that is not permitted; give a --port from 1024',
        EADDRNOTAVAIL: 'this machine has no such address',
        ENOTFOUND: 'there is no such name',
      };
      reject(
        new InputError(`The server cannot listen at ${host}, port ${port}: ${why[error.code ?? ''] ?? error.message}.`),
      );
    });
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function drain(server: Server, service: Service, most: number): Promise<void> {
  service.draining = true;
  // Not as `http.Server` does it: that closes idle connections too, perhaps while a request is on its way there. They
  // close when they have been idle for as long as was said, or with the answer to their next request.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
  // Streams of events would go on for ever.
  service.conversations.close();
  const timer = setTimeout(() => server.closeAllConnections(), most);
  await closed;
  clearTimeout(timer);
}

/** The token of a file, without the line break at its end. @throws InputError where it is none. */
export function readToken(path: string): string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new InputError(`${path}: the token cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`);
  }
  if (/^[\x21-\x7e]{16,}$/.test(token)) return token;
  throw new InputError(
    `${path} must hold a token of at least 16 letters and digits, on one line. One is made by: openssl rand -hex 32`,
  );
}
