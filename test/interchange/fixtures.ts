import { readFileSync } from 'node:fs';
import { InputError } from '../../src/base/errors.js';
import { randomStream } from '../../src/base/random.js';

const FIXTURES = new URL('../fixtures/interchange/', import.meta.url);

/** Bytes of a file under test/fixtures/interchange. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FIXTURES)));
}

/** The files in one of the .json fixtures, by name. */
export function fixtures(name: string): [string, Uint8Array][] {
  const entries: Record<string, string> = JSON.parse(readFileSync(new URL(name, FIXTURES), 'utf8'));
  return Object.entries(entries).map(([key, base64]) => [key, new Uint8Array(Buffer.from(base64, 'base64'))]);
}

/** One of the files in a .json fixture. */
export function fixtureOf(name: string, key: string): Uint8Array {
  const found = fixtures(name).find(([other]) => other === key);
  if (found === undefined) throw new Error(`no fixture "${key}" in ${name}`);
  return found[1];
}

/** Runs `parse` on `bytes`; anything but a value or an InputError that names the source is a failure. */
function survives(parse: (bytes: Uint8Array, source: string) => unknown, bytes: Uint8Array): 'value' | 'refused' {
  try {
    parse(bytes, 'a-file');
    return 'value';
  } catch (error) {
    if (error instanceof InputError && error.message.startsWith('a-file')) return 'refused';
    throw new Error(`not an InputError on ${Buffer.from(bytes).toString('base64')}`, { cause: error });
  }
}

/** Parses `bytes` cut at every length; returns how many of the cuts were refused. */
export function truncations(parse: (bytes: Uint8Array, source: string) => unknown, bytes: Uint8Array): number {
  let refused = 0;
  for (let length = 0; length < bytes.length; length++) {
    if (survives(parse, bytes.slice(0, length)) === 'refused') refused++;
  }
  return refused;
}

/** Parses `rounds` copies of `bytes`, each with one to four bytes changed at random; returns how many were refused. */
export function corruptions(
  parse: (bytes: Uint8Array, source: string) => unknown,
  bytes: Uint8Array,
  rounds: number,
): number {
  const random = randomStream(rounds, bytes.length, 0x8000);
  let refused = 0;
  for (let round = 0; round < rounds; round++) {
    const copy = bytes.slice();
    for (let flips = 1 + random.integer(4); flips > 0; flips--) copy[random.integer(copy.length)] = random.integer(256);
    if (survives(parse, copy) === 'refused') refused++;
  }
  return refused;
}
