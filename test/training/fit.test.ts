import { describe, expect, it } from 'vitest';
import { syntheticAnchors } from '../../src/anchors/index.js';
import { sampleCorpus } from '../../src/corpus/index.js';
import { presetConfig, withOverrides } from '../../src/run/index.js';
import { type EpochReport, fitModel, NotFiniteError } from '../../src/training/fit.js';
import { copyParameters, restoreParameters } from '../../src/training/parameters.js';
import { prepare } from '../../src/training/prepare.js';
import { START } from '../../src/training/progress.js';
import { fakeVega } from './fake-vega.js';

const corpus = sampleCorpus(1);
const bank = syntheticAnchors(corpus.classes, 8, 1);
const configure = (...set: string[]) => withOverrides(presetConfig('small'), ['lr=0.1', 'epochs=4', ...set]);

async function run(config = configure(), anchors = true) {
  const { data, shape } = prepare(corpus, anchors ? bank : null, config);
  const vega = fakeVega(shape);
  const reports: EpochReport[] = [];
  const best = new Map();
  const end = await fitModel(vega, data, config, START, best, { onEpoch: (report) => reports.push(report) });
  return { vega, reports, best, ...end };
}

describe('fit', () => {
  it('learns, reports every epoch, and keeps the parameters of the best one', async () => {
    const { reports, best, progress, reason } = await run();
    expect(reports.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);
    expect(reason).toBe('epochs');
    expect(progress.step).toBe(4 * Math.ceil(40 / 9));
    expect(reports[3].losses.total).toBeLessThan(reports[0].losses.total);
    const scores = reports.map((report) => report.scores.weightedF1);
    expect(progress.bestScore).toBe(Math.max(...scores));
    expect(progress.bestEpoch).toBe(1 + scores.indexOf(Math.max(...scores)));
    expect(reports[0].scores.anchorWeightedF1).toBeTypeOf('number');
    expect([...best.keys()]).toEqual(['weight', 'prob_gate_logit']);
  });

  it('selects by the head that is trained: the anchor head where no loss trains the class head', async () => {
    const select = async (...set: string[]) => {
      const config = configure(...set);
      const { data, shape } = prepare(corpus, bank, config);
      const vega = fakeVega(shape);
      const { predict } = vega;
      let epoch = 0;
      // The class head's answers get worse from the first epoch on, the anchor head's are those that are learned.
      vega.predict = async (batch, anchors) => {
        const outputs = await predict(batch, anchors);
        const labels = batch.labels as Int32Array;
        const right = labels.length / (1 + epoch);
        const fused = new Float32Array(labels.length * shape.classes);
        labels.forEach((y, n) => {
          fused[n * shape.classes + ((Math.max(y, 0) + (n < right ? 0 : 1)) % shape.classes)] = 1;
        });
        return { ...outputs, logits: { ...outputs.logits, fused } };
      };
      const reports: EpochReport[] = [];
      const { progress } = await fitModel(vega, data, config, START, new Map(), {
        onEpoch: (report) => {
          reports.push(report);
          epoch = report.epoch;
        },
      });
      return { progress, scores: reports.map(({ scores }) => scores) };
    };
    const anchor = await select('classLoss.ce=0');
    const best = Math.max(...anchor.scores.map((scores) => scores.anchorWeightedF1 as number));
    expect(anchor.progress.bestScore).toBe(best);
    expect(anchor.progress.bestEpoch).toBeGreaterThan(1);
    expect((await select('classLoss.fusedCe=0')).progress.bestScore).toBe(best);
    const both = await select();
    expect(both.progress).toMatchObject({ bestEpoch: 1, bestScore: both.scores[0].weightedF1 });
  });

  it('stops when the score has not improved for `patience` epochs', async () => {
    const { progress, reason } = await run(configure('lr=1e-9', 'epochs=50', 'patience=3', 'featureMask=0'), false);
    expect(reason).toBe('patience');
    expect(progress.epoch - progress.bestEpoch).toBe(3);
    expect(progress.epoch).toBeLessThan(50);
  });

  it('gives the same numbers twice and others with another seed', async () => {
    const weights = async (seed: number) => [...(await run(configure(`seed=${seed}`))).vega.parameters.value('weight')];
    const first = await weights(1);
    expect(await weights(1)).toEqual(first);
    expect(await weights(2)).not.toEqual(first);
  });

  it('continues from saved progress as if it had never stopped', async () => {
    const config = configure('warmup=0.2', 'cosine=true');
    const whole = await run(config);
    const { data, shape } = prepare(corpus, bank, config);
    const vega = fakeVega(shape);
    let saved: { progress: EpochReport; values: Map<string, Float32Array>; moments: Float32Array } | undefined;
    const kept = new Map();
    const stopped = fitModel(vega, data, config, START, kept, {
      onEpoch: (report) => {
        if (report.epoch < 2) return;
        saved = {
          progress: report,
          values: copyParameters(vega.parameters),
          moments: vega.parameters.firstMoment('weight').slice(),
        };
        throw new Error('killed');
      },
    });
    await expect(stopped).rejects.toThrow('killed');
    const resumed = fakeVega(shape);
    if (saved === undefined) throw new Error('nothing was saved');
    restoreParameters(resumed.parameters, saved.values);
    resumed.parameters.firstMoment('weight').set(saved.moments);
    const { epoch, step, bestEpoch, bestScore } = saved.progress;
    const end = await fitModel(resumed, data, config, { epoch, step, bestEpoch, bestScore }, kept);
    expect(end.progress).toEqual(whole.progress);
    expect(resumed.parameters.value('weight')).toEqual(whole.vega.parameters.value('weight'));
    expect(kept).toEqual(whole.best);
  });

  it('stops at a loss that is not finite, naming step and term, with nothing updated', async () => {
    const config = configure();
    const { data, shape } = prepare(corpus, null, config);
    let before: Float32Array | undefined;
    const vega = fakeVega(shape, {
      beforeStep: (step, store) => {
        if (step !== 7) return;
        store.value('weight')[0] = Number.NaN;
        before = store.value('weight').slice();
      },
    });
    const error = await fitModel(vega, data, config, START, new Map()).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(NotFiniteError);
    expect(error).toMatchObject({ step: 7, epoch: 2, term: 'ce.all' });
    expect((error as Error).message).toMatch(
      /^Step 7 \(epoch 2\): the loss term ce\.all is NaN, so training stopped\./,
    );
    expect(vega.parameters.value('weight')).toEqual(before);
  });

  it('does not take a model for good whose parameters overflowed in the last update of an epoch', async () => {
    const config = configure();
    const { data, shape } = prepare(corpus, null, config);
    const vega = fakeVega(shape);
    const { trainStep } = vega;
    vega.trainStep = async (batch, anchors, options) => {
      const terms = await trainStep(batch, anchors, options);
      if (options.step === 5) vega.parameters.value('weight').fill(Number.POSITIVE_INFINITY);
      return terms;
    };
    const reports: EpochReport[] = [];
    const run = fitModel(vega, data, config, START, new Map(), { onEpoch: (report) => reports.push(report) });
    await expect(run).rejects.toThrow(NotFiniteError);
    expect(reports).toEqual([]);
  });
});
