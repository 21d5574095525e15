import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/base/errors.js';
import { READERS, removeFolder } from './readers.js';

/** The same cases every time; another seed looks elsewhere: FUZZ_SEED=7 FUZZ_CASES=100000 npx vitest run test/fuzz. */
const SEED = Number(process.env.FUZZ_SEED ?? 20260101);
const CASES = Number(process.env.FUZZ_CASES ?? 2000);
/** Seconds of the processor that one case may take. Not of the clock: other programs share the machine. */
const SECONDS = 2;
const GIGABYTE = 2 ** 20;

afterAll(removeFolder);

describe(`a sentence or a right result, ${CASES} damaged or made-up files each`, () => {
  it.each(READERS.map((reader) => [reader.name, reader] as const))(
    '%s',
    (_, { cases, read, total }) => {
      let accepted = 0;
      let refused = 0;
      let slowest = 0;
      const property = fc.property(cases, (input) => {
        const before = process.cpuUsage();
        try {
          read(input as never);
          accepted++;
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          refused++;
          // One that fits a screen, and that no terminal obeys.
          if (error.message.length > 6000) throw new Error(`a sentence of ${error.message.length} characters`);
        }
        const { user, system } = process.cpuUsage(before);
        slowest = Math.max(slowest, (user + system) / 1e6);
      });
      fc.assert(property, { seed: SEED, numRuns: CASES, endOnFailure: true });
      // Both happen, or the cases look at one side only.
      expect(accepted).toBeGreaterThan(CASES / 200);
      if (!total) expect(refused).toBeGreaterThan(CASES / 10);
      expect(slowest).toBeLessThan(SECONDS);
    },
    600_000,
  );

  it('in less than 1 GB', () => {
    expect(process.resourceUsage().maxRSS).toBeLessThan(GIGABYTE);
  });
});
