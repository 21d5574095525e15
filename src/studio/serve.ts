import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { InputError } from '../base/errors.js';
import { createStudio, type LocalPart } from './app.js';
import { modelsAt } from './models.js';
import { checkPage, wordsFolder } from './page.js';

export interface ServeOptions {
  /** Run directories; the first is the default. */
  runs: readonly string[];
  /** 0 = any that is free. */
  port: number;
  parts?: readonly LocalPart[];
}

export interface RunningStudio {
  /** "http://127.0.0.1:4180" */
  address: string;
  close(): Promise<void>;
}

/** Starts the studio on this machine alone. @throws InputError where a run is none, or the port is taken. */
export async function serveStudio({ runs, port, parts }: ServeOptions): Promise<RunningStudio> {
  checkPage();
  const app = createStudio({ models: modelsAt(runs), words: await wordsFolder(), parts });
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (info: AddressInfo) =>
      resolve({
        address: `http://127.0.0.1:${info.port}`,
        close: () =>
          new Promise<void>((closed) => {
            server.close(() => closed());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      }),
    );
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? new InputError(`Port ${port} is taken; give another with --port, or 0 for any that is free.`)
          : error,
      ),
    );
  });
}
