import { AsyncResource } from 'node:async_hooks';
import { fork } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withDirectory } from '../../../src/base/claim.js';
import { readCorpus } from '../../../src/corpus/files.js';
import { splitDialogues } from '../../../src/corpus/index.js';
import { runExperiment } from '../../../src/evaluation/experiment/experiment.js';
import { ledgerFailures, readLedger, recordLook } from '../../../src/evaluation/experiment/ledger.js';
import type { ExperimentSpec } from '../../../src/evaluation/experiment/spec.js';
import { type ExperimentResults, evaluateModel, verifyRun } from '../../../src/evaluation/index.js';
import { readOutputs } from '../../../src/evaluation/outputs.js';
import { childrenOf } from '../../processes.js';
import { makeFolder, makeSpec } from './make.js';

const { root, corpus, anchors } = makeFolder('experiment');
afterAll(() => rmSync(root, { recursive: true }));

/** Another caller in the same process. */
const outside = new AsyncResource('outside');
const run = (name: string, spec: ExperimentSpec, jobs = 2) =>
  runExperiment({ spec, directory: join(root, name), jobs, threads: 1 });
const spec = makeSpec(corpus, {
  configurations: {
    none: { anchors: 'none' },
    faces: { anchors },
    audio: { anchors: 'none', modalities: ['audio'], set: { speakers: 'ignored' } },
    again: { anchors: 'none', reference: null },
  },
});
const models = (name: string) =>
  readdirSync(join(root, name, 'runs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('model.safetensors'))
    .sort();

describe('runExperiment', () => {
  let results: ExperimentResults;
  beforeAll(async () => {
    results = await run('first', spec);
  }, 120_000);

  it('scores every configuration over its seeds, with intervals and comparisons', () => {
    expect(results).toMatchObject({ finished: true, selection: 'validation-selected', split: 'test' });
    expect(results.corpora[0]).toMatchObject({ hash: readCorpus(corpus).hash, synthetic: true });
    const [none, faces, audio, again] = results.rows;
    for (const { scores, seeds } of results.rows) {
      expect(seeds).toEqual([1, 2]);
      const score = scores.classHead?.weightedF1;
      if (score === undefined) throw new Error('The class head was not scored.');
      const { mean, sd, values, interval } = score;
      expect(mean).toBeCloseTo((values[0] + values[1]) / 2, 12);
      expect(sd).toBeCloseTo(Math.abs(values[0] - values[1]) / Math.SQRT2, 12);
      expect(interval?.lower).toBeLessThanOrEqual(mean);
      expect(interval?.upper).toBeGreaterThanOrEqual(mean);
    }
    expect(faces.scores.anchorHead).toBeDefined();
    expect(none.scores.anchorHead).toBeUndefined();
    expect([none.anchors, faces.anchors, audio.modalities]).toEqual([
      'none',
      expect.stringMatching(/^visual: /),
      ['audio'],
    ]);
    expect(faces.comparison?.reference).toBe('none');
    expect(faces.comparison?.difference).toBeCloseTo(
      (faces.scores.classHead?.weightedF1?.mean as number) - (none.scores.classHead?.weightedF1?.mean as number),
      12,
    );
    const [p, q] = [faces.comparison, audio.comparison].map((c) => c?.pValue as number);
    expect(Math.min(faces.comparison?.pHolm as number, audio.comparison?.pHolm as number)).toBeCloseTo(
      Math.min(1, 2 * Math.min(p, q)),
      12,
    );
    expect([none.comparison, again.comparison]).toEqual([undefined, undefined]);
    expect(again.scores).toEqual(none.scores);
  });

  it('looked at the test split once a run, and has it in the ledger', () => {
    const looks = readLedger(join(root, 'first'));
    expect(looks.map(({ configuration, seed }) => `${configuration} ${seed}`).sort()).toEqual(
      ['none', 'faces', 'audio'].flatMap((name) => [`${name} 1`, `${name} 2`]).sort(),
    );
    expect(new Set(looks.map(({ model }) => model)).size).toBe(6);
  });

  it('has a later look by "evaluate" in the ledger too', async () => {
    const run = join(root, 'first/runs/toy/none/seed-1');
    await evaluateModel({ model: run, split: 'valid' });
    expect(readLedger(join(root, 'first'))).toHaveLength(6);
    await evaluateModel({ model: run });
    const looks = readLedger(join(root, 'first'));
    expect(looks).toHaveLength(7);
    const first = looks.find(({ configuration, seed }) => configuration === 'none' && seed === 1);
    expect(looks[6]).toMatchObject({ ...first, time: expect.any(String), what: 'scores again, by "evaluate"' });
  });

  it('keeps what a look was based on', () => {
    const whole = readCorpus(corpus);
    const outputs = readOutputs(join(root, 'first/runs/toy/faces/seed-1'), 'test');
    const labels = splitDialogues(whole, 'test').flatMap((i) =>
      whole.dialogues[i].utterances.map(({ label }) => label),
    );
    expect([...(outputs?.labels ?? [])]).toEqual(labels);
    expect(existsSync(join(root, 'first/runs/toy/faces/seed-1/state.safetensors'))).toBe(false);
  });

  it('does not repeat finished runs, and takes further configurations', async () => {
    const files = models('first');
    const times = files.map((path) => statSync(join(root, 'first/runs', path)).mtimeMs);
    const more = { ...spec, configurations: { ...spec.configurations, random: { anchors: 'random' } } };
    const grown = await run('first', more);
    expect(files.map((path) => statSync(join(root, 'first/runs', path)).mtimeMs)).toEqual(times);
    expect(grown.rows.map(({ configuration }) => configuration)).toContain('random');
    expect(readLedger(join(root, 'first'))).toHaveLength(9);
    expect(grown.rows[1].scores).toEqual(results.rows[1].scores);
  }, 120_000);

  it('scores drops that are asked for later without training again', async () => {
    const file = join(root, 'first/runs/toy/none/seed-1/model.safetensors');
    const [time, looks] = [statSync(file).mtimeMs, readLedger(join(root, 'first')).length];
    const none = { anchors: 'none', drops: [0.5, 1] };
    const { rows, drops } = await run('first', { ...spec, configurations: { ...spec.configurations, none } });
    expect(statSync(file).mtimeMs).toBe(time);
    expect(rows[0].scores).toEqual(results.rows[0].scores);
    const added = readLedger(join(root, 'first')).slice(looks);
    expect(added).toHaveLength(2 * 3 * 2);
    expect(added.every(({ what }) => /^drop (text|audio|visual) (0.5|1)$/.test(what))).toBe(true);
    expect(drops.map(({ modality, share }) => `${modality} ${share}`)).toEqual(
      ['text', 'audio', 'visual'].flatMap((modality) => [0, 0.5, 1].map((share) => `${modality} ${share}`)),
    );
  }, 120_000);

  it('refuses another corpus or changed settings under the same names', async () => {
    const changed = makeSpec(corpus, { configurations: { none: { anchors: 'none', set: { lr: 1e-5 } } } });
    await expect(run('first', changed)).rejects.toThrow('Configuration "none" has changed since');
    const mapped = { path: corpus, drop: [readCorpus(corpus).classes[0]] };
    await expect(run('first', makeSpec(corpus, { corpora: { toy: mapped } }))).rejects.toThrow(
      'Corpus "toy" is not the one that the experiment',
    );
  }, 120_000);

  it('lets no second process in, and nobody who takes out or changes a look at the test split go unnoticed', async () => {
    const directory = join(root, 'first');
    await withDirectory(directory, { doing: 'experiment' }, async () => {
      await expect(outside.runInAsyncScope(() => run('first', spec))).rejects.toThrow('is in use: "experiment"');
    });
    await run('first', spec);
    const trained = join(directory, 'runs/toy/none/seed-1');
    expect(await verifyRun(trained)).toMatchObject({ holds: true });
    const ledger = join(directory, 'ledger.jsonl');
    const whole = readFileSync(ledger, 'utf8');
    const lines = whole.trimEnd().split('\n');
    const failuresOf = async (text: string) => {
      writeFileSync(ledger, text);
      return (await verifyRun(trained)).failures.join('\n');
    };
    const without = (at: number) =>
      lines
        .filter((_, i) => i !== at)
        .map((line) => `${line}\n`)
        .join('');
    expect(await failuresOf(without(2))).toMatch(/ledger\.jsonl, line 3: it does not follow the line before it/);
    expect(await failuresOf(without(0))).toMatch(/line 1: it does not follow the beginning/);
    expect(await failuresOf(without(lines.length - 1))).toMatch(
      /had \d+ looks at the test split when the results were/,
    );
    expect(await failuresOf(whole.replace('"seed":2', '"seed":3'))).toMatch(/does not follow the line before it/);
    expect(await failuresOf('')).toContain("The experiment's ledger has no look at the test split by this run");
    expect(await failuresOf(`${whole}{"no": "look"}\n`)).toContain('9 things are wrong');
    // A line that was cut off came before no look, and the next one takes its place.
    writeFileSync(ledger, `${whole}{"time":`);
    expect(readLedger(directory)).toHaveLength(lines.length);
    recordLook(directory, readLedger(directory)[0]);
    expect(readLedger(directory)).toHaveLength(lines.length + 1);
    expect(ledgerFailures(directory)).toEqual([]);
  }, 240_000);

  it('ends with all its processes where it is aborted or a listener throws, and goes on when called again', async () => {
    const four = makeSpec(corpus, { seeds: [1, 2, 3, 4] });
    const options = { spec: four, directory: join(root, 'ended'), jobs: 2, threads: 1 };
    const abort = new AbortController();
    const onEpoch = () => abort.abort(new Error('enough'));
    await expect(runExperiment({ ...options, signal: abort.signal, listener: { onEpoch } })).rejects.toThrow('enough');
    const onEnd = () => {
      throw new Error('the listener');
    };
    await expect(runExperiment({ ...options, listener: { onEnd } })).rejects.toThrow('the listener');
    const workers = childrenOf(process.pid).filter(({ args }) => args.includes('jobs/worker.js'));
    expect(workers).toEqual([]);
    expect((await runExperiment(options)).finished).toBe(true);
    expect(readLedger(join(root, 'ended'))).toHaveLength(4);
  }, 240_000);

  it('goes on when a run fails, and names it', async () => {
    const broken = makeSpec(corpus, {
      configurations: {
        none: { anchors: 'none' },
        wild: { anchors: 'none', set: { classWeights: [1, 2] } },
        faces: { anchors },
      },
    });
    const ended = await run('broken', broken);
    expect(ended.finished).toBe(false);
    const [none, wild, faces] = ended.rows;
    expect([none.seeds, faces.seeds]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(wild.seeds).toEqual([]);
    expect(wild.failed.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(wild.failed[0].reason).toMatch(/^classWeights gives 2 weights, but corpus/);
    expect(readLedger(join(root, 'broken'))).toHaveLength(4);
  }, 120_000);

  it('scores validation alone where settings are chosen: test is never looked at', async () => {
    const tuned = await run('tuned', makeSpec(corpus, { split: 'valid', seeds: [1] }));
    expect(tuned.split).toBe('valid');
    expect(readLedger(join(root, 'tuned'))).toEqual([]);
    expect(existsSync(join(root, 'tuned/runs/toy/none/seed-1/outputs-test.safetensors'))).toBe(false);
    const [{ scores, runs }] = tuned.rows;
    expect(scores.classHead?.weightedF1?.mean).toBeCloseTo(runs[0].selectionScore as number, 12);
  }, 120_000);
});

it('killed at any moment, loses only the runs in flight', async () => {
  const whole = join(root, 'whole');
  await run('whole', makeSpec(corpus, { seeds: [1, 2, 3, 4] }));
  const script = join(root, 'go.mjs');
  const built = new URL('../../../dist/evaluation/experiment/', import.meta.url);
  writeFileSync(
    script,
    `import { runExperiment } from '${new URL('experiment.js', built)}';
    import { readFileSync } from 'node:fs';
    const spec = JSON.parse(readFileSync(process.argv[2], 'utf8')).spec;
    await runExperiment({ spec, directory: process.argv[3], jobs: 2, threads: 1, listener: { onEnd: () => process.send('end') } });
    process.disconnect();`,
  );
  const killed = join(root, 'killed');
  for (let ends = 1; ends <= 2; ends++) {
    const child = fork(script, [join(whole, 'experiment.json'), killed], { stdio: 'inherit' });
    let seen = 0;
    await new Promise<void>((resolve) => {
      child.on('exit', () => resolve());
      child.on('message', () => {
        if (++seen === 1) child.kill('SIGKILL');
      });
    });
  }
  const finished = readLedger(killed).length;
  expect(finished).toBeGreaterThanOrEqual(2);
  const times = new Map(models('killed').map((path) => [path, statSync(join(killed, 'runs', path)).mtimeMs]));
  const scored = [...times.keys()].filter((path) =>
    existsSync(join(killed, 'runs', path.replace('model.safetensors', 'evaluation.json'))),
  );
  const results = await run('killed', makeSpec(corpus, { seeds: [1, 2, 3, 4] }));
  for (const path of scored) expect(statSync(join(killed, 'runs', path)).mtimeMs).toBe(times.get(path));
  for (const path of models('whole')) {
    expect(readFileSync(join(killed, 'runs', path)).equals(readFileSync(join(whole, 'runs', path)))).toBe(true);
  }
  expect(results.rows[0].seeds).toEqual([1, 2, 3, 4]);
}, 240_000);
