import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/corpus/files.js';
import { planCorpora, planRuns } from '../../../src/evaluation/experiment/plan.js';
import { makeFolder, makeSpec } from './make.js';

const { root, corpus, anchors } = makeFolder('plan');
afterAll(() => rmSync(root, { recursive: true }));

const plan = (changes: Parameters<typeof makeSpec>[1]) => {
  const spec = makeSpec(corpus, changes);
  return planRuns(spec, planCorpora(spec, join(root, 'experiment')));
};

describe('planRuns', () => {
  it('crosses corpora, configurations and seeds; a baseline is run once', () => {
    const runs = plan({ configurations: { none: { anchors: 'none' }, majority: { baseline: 'majority' } } });
    expect(runs.map(({ directory }) => directory)).toEqual([
      'runs/toy/none/seed-1',
      'runs/toy/none/seed-2',
      'runs/toy/majority/seed-1',
    ]);
    expect(new Set(runs.map(({ corpusHash }) => corpusHash))).toEqual(new Set([readCorpus(corpus).hash]));
  });

  it('lets configurations that come to the same settings share their runs, however they are written', () => {
    const runs = plan({
      seeds: [1],
      configurations: {
        none: { anchors: 'none' },
        same: { anchors: 'none', set: { 'anchorLoss.kl': 0.4868 } },
        faces: { anchors },
        other: { anchors: 'none', set: { anchorLoss: { kl: 0 } } },
      },
    });
    const of = Object.fromEntries(runs.map((run) => [run.configuration, run.directory]));
    expect(of.same).toBe(of.none);
    expect(new Set(Object.values(of)).size).toBe(3);
  });

  it("puts a configuration's own settings over the defaults, key by key", () => {
    const [run] = plan({
      seeds: [1],
      defaults: { preset: 'small', set: { anchorLoss: { kl: 0, ce: 0.1 } } },
      configurations: { none: { anchors: 'none', set: { 'anchorLoss.kl': 2 } } },
    });
    expect(run.model).toMatchObject({ set: ['anchorLoss.kl=0', 'anchorLoss.ce=0.1', 'anchorLoss.kl=2', 'seed=1'] });
  });

  it('selects on test for paper-compat, and says so', () => {
    const [run] = plan({ protocol: 'paper-compat' });
    expect(run.selection).toBe('test-selected');
    expect(run.model).toMatchObject({ set: expect.arrayContaining(['select=test']) });
  });

  it('refuses a mistaken setting before anything runs', () => {
    expect(() => plan({ configurations: { none: { set: { hiden: 3 } } } })).toThrow('Did you mean "hidden"?');
    expect(() => plan({ configurations: { none: { anchors: join(root, 'gone.anchors.safetensors') } } })).toThrow(
      'gone',
    );
  });
});

describe('planCorpora', () => {
  it('writes a corpus with mapped and dropped labels, and describes it', () => {
    const { classes } = readCorpus(corpus);
    const [first, second, third] = classes;
    const spec = makeSpec(corpus, { corpora: { toy: { path: corpus, labels: { [first]: second }, drop: [third] } } });
    const { about, path } = planCorpora(spec, join(root, 'mapped')).get('toy') as NonNullable<
      ReturnType<ReturnType<typeof planCorpora>['get']>
    >;
    expect(about).toMatchObject({ labels: { [first]: second }, dropped: [third], synthetic: true });
    expect(about.classes).toEqual(classes.filter((name) => name !== first && name !== third));
    const [whole, changed] = [readCorpus(corpus), readCorpus(path)];
    const count = (c: typeof whole, name: string) =>
      c.dialogues.flatMap(({ utterances }) => utterances).filter(({ label }) => c.classes[label] === name).length;
    expect(count(changed, second)).toBe(count(whole, first) + count(whole, second));
    expect(changed.utterances).toBe(whole.utterances);
    expect(about.hash).not.toBe(whole.hash);
  });

  it('writes a corpus that trains on fewer dialogues, and describes it', () => {
    const train = { dialogues: 2, seed: 1 };
    const spec = makeSpec(corpus, { corpora: { few: { path: corpus, train } } });
    const { about, path } = planCorpora(spec, join(root, 'few')).get('few') as NonNullable<
      ReturnType<ReturnType<typeof planCorpora>['get']>
    >;
    expect(about).toMatchObject({ train, splits: { train: { dialogues: 2 } } });
    expect(readCorpus(path).splits.train).toHaveLength(2);
    expect(readCorpus(path).splits.test).toEqual(readCorpus(corpus).splits.test);
  });
});
