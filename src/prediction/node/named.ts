import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { InputError } from '../../base/errors.js';

/** Models that come as packages of their own, by the name that opens them; each has its run in the folder `model`. */
const PACKAGES: Readonly<Record<string, string>> = { starter: 'vega-merc-starter' };

/**
 * The run directory of a model that is opened by its name; the path itself where it is no such name, or a file or folder
 * is called like that.
 * @throws InputError with the line that installs it, where it is missing.
 */
export function modelPath(model: string): string {
  if (!Object.hasOwn(PACKAGES, model) || existsSync(model)) return model;
  const name = PACKAGES[model];
  // Beside this package, and beside the program that uses it.
  for (const place of [import.meta.url, join(process.cwd(), 'package.json')]) {
    try {
      return join(dirname(createRequire(place).resolve(`${name}/package.json`)), 'model');
    } catch {}
  }
  throw new InputError(
    `The model "${model}" is a package of its own, with other terms (research, non-commercial). Install it: npm install ${name}`,
  );
}

/** Is this the name of a model whose package is installed? */
export function isInstalled(model: string): boolean {
  try {
    return modelPath(model) !== model;
  } catch {
    return false;
  }
}
