import { InvalidArgumentError, Option } from 'commander';
import { UsageError } from '../base/errors.js';
import { checkThreads } from '../base/threads.js';
import { PROVIDERS } from '../graph/providers.js';

/** Parses an option that is a whole number from 0. @throws InvalidArgumentError, which ends in exit code 2 */
export function integerOption(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It must be a whole number from 0.');
  return value;
}

/** Parses the number of threads of one operator. */
export function threadsOption(text: string): number {
  try {
    return checkThreads(integerOption(text));
  } catch (error) {
    if (error instanceof UsageError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** Where a command computes. @param fallback what it does without the option. */
export const providerOption = (fallback = 'cpu'): Option =>
  new Option('--provider <name>', `where it computes (default: ${fallback})`).choices(PROVIDERS);

/** Parses an option that is a list of names with commas between. */
export function listOption(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('It must be a list of names with commas between, none empty.');
  return names;
}

/** Collects an option that may be given many times. */
export function repeatedOption(text: string, earlier: readonly string[]): string[] {
  return [...earlier, text];
}

/** Parses who speaks in a recording: how many, or their names. */
export function speakersOption(text: string): number | string[] {
  if (!/^\d+$/.test(text)) return listOption(text);
  if (Number(text) === 0) throw new InvalidArgumentError('It must be a number above 0, or names with commas between.');
  return Number(text);
}
