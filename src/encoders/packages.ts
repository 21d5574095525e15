import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadOptional } from './optional.js';

/** An installed package that is used for the files in it. */
export interface PackageFiles {
  folder: string;
  version: string;
}

/**
 * Finds an optional package's folder without loading its code: some hide their package.json, and some need a browser.
 * @throws InputError with the line that installs it, where it is missing.
 */
export function findPackage(name: string, purpose: string): Promise<PackageFiles> {
  const find = async () => {
    const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
    const folder = places.map((place) => join(place, name)).find((path) => existsSync(join(path, 'package.json')));
    if (folder === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'MODULE_NOT_FOUND' });
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  };
  return loadOptional(find, purpose, [name]);
}
