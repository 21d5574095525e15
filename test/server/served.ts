import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppOptions, createApp, createLog, createService, type ServerOptions } from '../../src/server/index.js';

/** A service and its routes, without a socket. */
export interface Served {
  service: Awaited<ReturnType<typeof createService>>['service'];
  app: ReturnType<typeof createApp>;
  /** The routes with other doors. */
  behind(guard: Partial<AppOptions>): ReturnType<typeof createApp>;
  /** Files of uploads that are there. */
  uploads(): string[];
  close(): Promise<void>;
}

export async function serve(options: ServerOptions): Promise<Served> {
  const uploads = mkdtempSync(join(tmpdir(), 'vega-serve-'));
  const { service, close } = await createService({ threads: 1, uploads, log: createLog('silent'), ...options });
  const behind = (guard: Partial<AppOptions>) => createApp({ service, origins: [], version: '1.0.0', ...guard });
  return {
    service,
    app: behind({}),
    behind,
    uploads: () =>
      (readdirSync(uploads, { recursive: true }) as string[]).filter((name) => /server-\w+\/(?!\.claim)/.test(name)),
    async close() {
      await close();
      const left = readdirSync(uploads);
      rmSync(uploads, { recursive: true });
      if (left.length > 0) throw new Error(`A closed service left ${left.join(', ')}.`);
    },
  };
}

export const JSON_TYPE = { 'content-type': 'application/json' };

/** A request with a body as JSON. */
export const post = (body: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { ...JSON_TYPE, ...headers },
});

/** A multipart body; files are bytes. */
export function upload(parts: Record<string, string | Uint8Array>): RequestInit {
  const body = new FormData();
  for (const [name, part] of Object.entries(parts))
    body.append(name, typeof part === 'string' ? part : new File([new Uint8Array(part)], 'file.bin'));
  return { method: 'POST', body };
}

/** The problem document of a refusal. */
export async function problem(response: Response): Promise<{ status: number; detail: string; retry: string | null }> {
  if (response.headers.get('content-type') !== 'application/problem+json')
    throw new Error(`Not a problem: ${response.status} ${await response.text()}`);
  const body = (await response.json()) as { type: string; title: string; status: number; detail: string };
  if (body.status !== response.status || !/^urn:vega-merc:problem:[a-z-]+$/.test(body.type) || body.title === '')
    throw new Error(`Not a whole problem: ${JSON.stringify(body)}`);
  return { status: body.status, detail: body.detail, retry: response.headers.get('retry-after') };
}
