import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { InputError } from '../base/errors.js';
import { runFile } from '../run/index.js';
import { createStudio } from './app.js';
import { corpusPart } from './local/corpus.js';
import { facesPart } from './local/faces.js';
import { mediaPart } from './local/media.js';
import { isFollowed, runsIn, runsPart } from './local/runs.js';
import { modelsAt } from './models.js';
import { checkPage, wordsFolder } from './page.js';

export interface ServeOptions {
  /** Run directories; the first is the default. */
  runs: readonly string[];
  /** Corpus directory whose labels may be corrected. */
  corpus?: string;
  /** Run and experiment directories that are followed beside these, or folders of such. */
  followed?: readonly string[];
  /** 0 = any that is free. */
  port: number;
}

export interface RunningStudio {
  /** "http://127.0.0.1:4180" */
  address: string;
  close(): Promise<void>;
}

/** Starts the studio on this machine alone. @throws InputError where a run is none, or the port is taken. */
export async function serveStudio({ runs, corpus, followed = [], port }: ServeOptions): Promise<RunningStudio> {
  checkPage();
  const models = modelsAt(runs);
  const words = await wordsFolder();
  const trained = models.map(({ folder }) => folder).filter((folder) => existsSync(runFile(folder, 'metrics')));
  // What reads recordings and pictures comes with what reads words.
  const parts = [
    ...(words === undefined ? [] : [mediaPart(models), facesPart()]),
    ...(corpus === undefined ? [] : [corpusPart(corpus)]),
    // A folder is looked into again and again: runs begin while the studio is open.
    // Of a model that came without its log there is nothing to follow.
    runsPart(() => [
      ...new Set([...trained, ...followed.flatMap((path) => (isFollowed(path) ? [path] : runsIn(path)))]),
    ]),
  ];
  const app = createStudio({ models, words, parts });
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (info: AddressInfo) =>
      resolve({
        address: `http://127.0.0.1:${info.port}`,
        async close() {
          await new Promise<void>((closed) => {
            server.close(() => closed());
            if ('closeAllConnections' in server) server.closeAllConnections();
          });
          await Promise.all(parts.map((part) => part.close?.()));
        },
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
