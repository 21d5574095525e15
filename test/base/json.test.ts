import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { InputError, UsageError } from '../../src/base/errors.js';
import { check, parseJson } from '../../src/base/json.js';

const schema = z.strictObject({
  name: z.string().min(1),
  seeds: z.array(z.number().int().min(0)).min(1),
  kind: z.enum(['valid', 'test']).default('test'),
  rate: z.number().positive().max(10).optional(),
  parts: z
    .record(z.string(), z.strictObject({ anchors: z.string().optional(), share: z.number().optional() }))
    .optional(),
  corpus: z.union([z.string(), z.strictObject({ path: z.string() })]).optional(),
  weights: z.union([z.enum(['none']), z.array(z.number())], { error: 'must be "none" or a number a class' }).optional(),
});
const good = { name: 'x', seeds: [1] };

const told = (value: unknown) => {
  try {
    check(schema, value, 'e.yaml', { noun: 'key' });
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
  return 'accepted';
};

describe('what a schema refuses, in words', () => {
  it.each<[object, string]>([
    [{ seeds: [1] }, 'e.yaml: the key "name" is missing; it must be text.'],
    [{ ...good, sedes: 1 }, 'e.yaml: there is no key "sedes". Did you mean "seeds"?'],
    [{ name: 'x', sedes: [1] }, 'e.yaml: there is no key "sedes". Did you mean "seeds"?'],
    [{ ...good, name: '' }, 'e.yaml: the key "name" is empty, but must have at least 1 character.'],
    [{ ...good, seeds: [] }, 'e.yaml: the key "seeds" is [], but must have at least 1 entry.'],
    [{ ...good, seeds: [1.5] }, 'e.yaml: the key "seeds.0" is 1.5, but must be a whole number.'],
    [{ ...good, seeds: ['a'] }, 'e.yaml: the key "seeds.0" is "a", but must be a number.'],
    [{ ...good, rate: -3 }, 'e.yaml: the key "rate" is -3, but must be more than 0.'],
    [{ ...good, rate: 30 }, 'e.yaml: the key "rate" is 30, but must be at most 10.'],
    [{ ...good, kind: 'train' }, 'e.yaml: the key "kind" is "train", but must be "valid" or "test".'],
    [
      { ...good, parts: { a: { anchor: 'x' } } },
      'e.yaml: there is no key "anchor" in parts.a. Did you mean "anchors"?',
    ],
    [{ ...good, corpus: { pth: 'x' } }, 'e.yaml: there is no key "pth" in corpus. Did you mean "path"?'],
    [{ ...good, corpus: 3 }, 'e.yaml: the key "corpus" is 3, but must be text or an object of named values.'],
    [{ ...good, weights: 'all' }, 'e.yaml: the key "weights" is "all", but must be "none" or a number a class.'],
  ])('%j', (value, sentence) => {
    expect(told(value)).toBe(sentence);
  });

  it('all of it at once, but not without end', () => {
    expect(told({ kind: 1, rate: 'x' })).toBe(
      'e.yaml: 4 things are wrong.\n- the key "name" is missing; it must be text.\n- the key "seeds" is missing; it must be a list.\n' +
        '- the key "kind" is 1, but must be "valid" or "test".\n- the key "rate" is "x", but must be a number.',
    );
    const many = told({ ...good, seeds: Array.from({ length: 1000 }, () => 'x'.repeat(1000)) });
    expect(many).toContain('and 992 more');
    expect(many.length).toBeLessThan(2000);
    expect(told(null)).toBe('e.yaml: it is null, but must be an object of named values.');
  });

  it('does not take a name of JavaScript for one of the file', () => {
    expect(told({ ...good, ...JSON.parse('{"__proto__":1,"constructor":2}') })).toMatch(
      /no key "__proto__"[\s\S]*"constructor"/,
    );
  });

  it('no JSON, the refusal that was asked for, and what to do', () => {
    expect(() => parseJson(schema, '{"a', 'f.json', { advice: 'Write it again.' })).toThrow(
      /^f\.json is not JSON: .*\. Write it again\.$/,
    );
    expect(() => check(schema, {}, '--set', { refusal: UsageError })).toThrow(UsageError);
    expect(parseJson(schema, JSON.stringify(good), 'f')).toEqual({ ...good, kind: 'test' });
  });
});
