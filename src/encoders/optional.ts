import { InputError } from '../base/errors.js';

/**
 * Loads an optional dependency when it is first needed.
 * @param purpose what it is needed for, as the beginning of a sentence; @param packages what to install.
 * @throws InputError with the line that installs it, where it is missing or cannot run on this system.
 */
export async function loadOptional<T>(
  load: () => Promise<T>,
  purpose: string,
  packages: readonly string[],
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    const why = missing ? 'not installed' : `installed but cannot be loaded (${firstLine(message)})`;
    throw new InputError(
      `${purpose} needs ${packages.join(' and ')}, which ${packages.length > 1 ? 'are' : 'is'} ${why}. Install with: npm install ${packages.join(' ')}`,
    );
  }
}

function firstLine(text: string): string {
  return text.split('\n').find((line) => line.trim() !== '') ?? 'no reason given';
}
