import { S } from '../strings.js';
import { setup } from './setup.js';

/** Asks the local server, with the token that only its own page knows. @throws Error with the server's sentence. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const server = setup.value?.server;
  if (server === undefined) throw new Error(S.noServer);
  const response = await fetch(path, { ...init, headers: { ...init.headers, 'x-studio-token': server.token } });
  if (response.ok) return response;
  const said = (await response.json().catch(() => undefined)) as { detail?: string; title?: string } | undefined;
  throw new Error(said?.detail ?? said?.title ?? S.serverSays(response.status));
}

/** An address that a link leads to: it cannot send a header. */
export const withToken = (path: string): string => `${path}?token=${setup.value?.server?.token ?? ''}`;
