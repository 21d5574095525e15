import { readFileSync } from 'node:fs';

const FIXTURES = new URL('../fixtures/interchange/', import.meta.url);

/** Bytes of a file under test/fixtures/interchange. */
export function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FIXTURES)));
}
