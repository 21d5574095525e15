import { InputError } from '../base/errors.js';

/**
 * A run as named bytes: gives the content of one of its files, as `config.json`. A directory (`filesIn`, Node only), a
 * URL (`filesAt`) and an object (`filesOf`) are such; anything else that can name bytes may be.
 * It throws an InputError where there is no such file.
 */
export type RunFiles = (name: string) => Promise<Uint8Array>;

/** The files of a run that lie under a URL. @param url of its directory, with or without a slash at the end. */
export function filesAt(url: string | URL): RunFiles {
  return async (name) => new Uint8Array(await (await fetchFile(url, name)).arrayBuffer());
}

/** The answer that holds one file of a run under a URL. @throws InputError where it cannot be had. */
export async function fetchFile(url: string | URL, name: string): Promise<Response> {
  const address = `${url}`.replace(/\/*$/, '/') + name;
  let response: Response;
  try {
    response = await fetch(address);
  } catch (error) {
    throw new InputError(`${address} cannot be fetched: ${reasonOf(error)}.`);
  }
  if (!response.ok) throw new InputError(`${address} cannot be fetched: the server answers ${response.status}.`);
  return response;
}

/** The files of a run that are in memory already, by name. */
export function filesOf(files: Readonly<Record<string, Uint8Array>>): RunFiles {
  return async (name) => {
    if (Object.hasOwn(files, name)) return files[name];
    throw new InputError(`The run has no file ${name}; it has ${Object.keys(files).join(', ') || 'none'}.`);
  };
}

/** fetch says "fetch failed", and why only in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
