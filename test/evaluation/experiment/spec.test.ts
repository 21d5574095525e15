import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.js';
import { settingsOf } from '../../../src/evaluation/experiment/settings.js';
import { checkExperiment, parseExperiment, readExperimentFile } from '../../../src/evaluation/experiment/spec.js';

const GOOD = { name: 'x', seeds: [1], corpora: { c: 'c' }, configurations: { a: { anchors: 'none' } } };

describe('readExperimentFile', () => {
  it('reads YAML, with paths seen from the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vega-spec-'));
    const path = join(folder, 'x.yaml');
    writeFileSync(
      path,
      [
        'name: x',
        'seeds: [1, 2]',
        'corpora: { c: data/c, d: { path: data/d, drop: [fear] } }',
        'defaults: { set: { hidden: 8 } }',
        'configurations:',
        '  faces: { anchors: faces.anchors.safetensors, set: { anchorLoss: { kl: 0 }, classHead.layers: 2 } }',
        '  random: { anchors: random }',
      ].join('\n'),
    );
    const spec = readExperimentFile(path);
    expect(spec).toMatchObject({ protocol: 'validation-selected', split: 'test', resamples: 10_000 });
    expect(spec.corpora).toEqual({ c: join(folder, 'data/c'), d: { path: join(folder, 'data/d'), drop: ['fear'] } });
    expect(spec.configurations.faces.anchors).toBe(join(folder, 'faces.anchors.safetensors'));
    expect(spec.configurations.random.anchors).toBe('random');
    expect(settingsOf(spec.configurations.faces.set ?? {})).toEqual(['anchorLoss.kl=0', 'classHead.layers=2']);
  });

  it('refuses a file that is no YAML, or is not there, in a sentence', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'vega-spec-')), 'x.yaml');
    expect(() => readExperimentFile(path)).toThrow('there is no such file');
    writeFileSync(path, 'name: [');
    expect(() => readExperimentFile(path)).toThrow('is not valid YAML');
  });
});

describe('checkExperiment', () => {
  it.each([
    [{ sedes: [1] }, 'there is no key "sedes". Did you mean "seeds"?'],
    [{ configurations: { a: { anchor: 'none' } } }, 'no key "anchor" in configurations.a. Did you mean "anchors"?'],
    [{ reference: 'b' }, 'there is no configuration "b"'],
    [{ configurations: { a: { corpora: ['d'] } } }, 'there is no corpus "d"'],
    [{ seeds: [] }, 'seeds'],
    [{ seeds: [1, 1] }, 'seed 1 is named twice'],
    [{ configurations: {} }, 'at least one corpus and one configuration'],
    [{ configurations: { 'a/b': {} } }, 'configurations'],
    [{ configurations: { '..': {} } }, 'must not be dots alone'],
    [{ corpora: { '..': 'c' } }, 'must not be dots alone'],
    [{ name: '.' }, 'must not be dots alone'],
    [{ configurations: JSON.parse('{"__proto__": {}}') }, 'nothing can be named "__proto__"'],
    [{ corpora: { c: { path: 'c', labels: JSON.parse('{"__proto__": "joy"}') } } }, 'nothing can be named "__proto__"'],
    [{ protocol: 'best' }, 'protocol'],
    [{ protocol: 'paper-compat', split: 'valid' }, 'paper-compat selects on test'],
  ])('refuses %j', (change, sentence) => {
    expect(() => checkExperiment({ ...GOOD, ...change }, 'x.yaml')).toThrow(sentence);
    expect(() => checkExperiment({ ...GOOD, ...change }, 'x.yaml')).toThrow('x.yaml: ');
  });
});

describe('YAML of strangers', () => {
  it.each([
    ['an alias inside its own anchor', 'set: &s { x: *s }'],
    ['lists without end', `set: { x: ${'['.repeat(200)}${']'.repeat(200)} }`],
  ])('%s is refused in a sentence', (_, line) => {
    const text = `name: a\nseeds: [1]\ncorpora: { c: c }\nconfigurations: { a: { anchors: none, ${line} } }\n`;
    expect(() => parseExperiment(text, 'e.yaml')).toThrow(InputError);
    expect(() => parseExperiment(text, 'e.yaml')).toThrow(/nested more than 20 levels deep/);
  });

  it('says all that is missing at once', () => {
    expect(() => parseExperiment('{}', 'e.yaml')).toThrow(
      /^e\.yaml: 3 things are wrong\.\n- the key "name" is missing; it must be text\.\n- the key "seeds" is missing/,
    );
  });
});
