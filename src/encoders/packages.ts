import { InputError } from '../base/errors.js';
import { loadOptional } from './optional.js';

type Encoders = typeof import('vega-merc-encoders');

const ENCODERS = 'vega-merc-encoders';

/** An installed package that is used for the files in it. */
export interface PackageFiles {
  folder: string;
  version: string;
}

/**
 * Takes something of the package beside this one, which brings what recordings need: networks, decoders, and libraries
 * that run them.
 * @param purpose what it is needed for, as the beginning of a sentence.
 * @throws InputError with the line that installs it, where it is missing or cannot run on this system.
 * @internal
 */
export function fromEncoders<T>(purpose: string, take: (encoders: Encoders) => Promise<T>): Promise<T> {
  return loadOptional(async () => take(await import('vega-merc-encoders')), purpose, [ENCODERS]);
}

/**
 * Finds the files of another package that the encoders' package carries.
 * @param name of the package that they come from; @param purpose what they are needed for.
 * @throws InputError with the line that installs them, where they are missing.
 */
export async function findPackage(name: string, purpose: string): Promise<PackageFiles> {
  const found = await fromEncoders(purpose, async ({ carried }) => carried.get(name));
  if (found === undefined) {
    throw new InputError(
      `${purpose} needs files of ${name} that the installed ${ENCODERS} does not hold. Install the one of this version with: npm install ${ENCODERS}`,
    );
  }
  return found;
}
