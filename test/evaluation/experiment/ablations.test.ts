import { describe, expect, it } from 'vitest';
import { readCorpus } from '../../../src/corpus/files.js';
import { sampleCorpus } from '../../../src/corpus/index.js';
import { type AblationOptions, ablationExperiment } from '../../../src/evaluation/experiment/ablations.js';
import { planCorpora, planRuns } from '../../../src/evaluation/experiment/plan.js';
import { makeFolder } from './make.js';

const { root, corpus: path, anchors } = makeFolder('ablations');
const options: AblationOptions = {
  name: 'the ablation',
  corpus: readCorpus(path),
  path,
  anchors,
  preset: 'small',
  set: { hidden: 8 },
  seeds: [1, 2],
  anchorDim: 16,
  textAnchors: false,
};
const spec = ablationExperiment(options);
const runs = planRuns(spec, planCorpora(spec, root));
const settings = (configuration: string) => {
  const { model } = runs.find((run) => run.configuration === configuration) as (typeof runs)[number];
  return model.kind === 'vega'
    ? { anchors: model.anchors, set: model.set.filter((s) => !/^(seed|hidden)=/.test(s)) }
    : model;
};

describe('ablationExperiment', () => {
  it("has the paper's five rows, each changing one thing", () => {
    expect(settings('vega')).toEqual({ anchors, set: [] });
    expect(settings('without-anchors')).toEqual({ anchors: null, set: [] });
    expect(settings('without-sampling')).toEqual({ anchors, set: ['r=0'] });
    expect(settings('without-unimodal-anchoring')).toEqual({
      anchors,
      set: ['anchorLoss.textCe=0', 'anchorLoss.audioCe=0', 'anchorLoss.visualCe=0'],
    });
    expect(settings('without-multimodal-anchoring')).toEqual({ anchors, set: ['anchorLoss.fusedCe=0'] });
    expect(settings('without-anchor-distillation')).toEqual({ anchors, set: ['anchorLoss.kl=0'] });
  });

  it('has each modality alone and each pair, context, speakers, targets, r and baselines', () => {
    expect(Object.keys(spec.configurations)).toEqual(
      expect.arrayContaining([
        ...['text', 'audio', 'visual', 'text+audio', 'text+visual', 'audio+visual'],
        ...['causal', 'without-speakers', 'random-anchors', 'learned-anchors'],
        ...['r-0', 'r-0.2', 'r-0.4', 'r-0.6', 'r-0.8', 'r-1'],
        ...['majority', 'logistic-text', 'logistic-audio', 'logistic-visual', 'sdt', 'context-free'],
      ]),
    );
    expect(settings('context-free')).toEqual({ anchors: null, set: ['context=none'] });
    expect(settings('random-anchors')).toEqual({ anchors: 'random', set: ['anchorDim=16'] });
    expect(spec).toMatchObject({ name: 'the-ablation', reference: 'vega' });
    expect(spec.description).toMatch(/^Ablations of VEGA on corpus ".*", hidden=8\.$/);
    const dropped = runs.filter(({ drops }) => drops.length > 0);
    expect(new Set(dropped.map(({ configuration }) => configuration))).toEqual(new Set(['vega']));
    expect(dropped[0].drops).toEqual([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]);
  });

  it('trains what two rows share once', () => {
    const directory = (name: string) => runs.find(({ configuration }) => configuration === name)?.directory;
    expect(directory('r-0')).toBe(directory('without-sampling'));
    expect(directory('r-0.4')).toBe(directory('vega'));
    expect(directory('sdt')).toBe(directory('without-anchors'));
  });

  it('leaves out what a corpus of one modality cannot have, and offers text targets where there is a tower', () => {
    const { text } = sampleCorpus(1).features;
    const one = ablationExperiment({ ...options, corpus: { name: 'words', features: { text } }, textAnchors: true });
    const names = Object.keys(one.configurations);
    expect(one.configurations['text-anchors']).toMatchObject({ anchors: 'text' });
    expect(names.filter((name) => /audio|visual/.test(name))).toEqual([]);
    expect(one.configurations.vega.drops).toEqual([]);
    expect(Object.keys(one.corpora)).toEqual(['words']);
  });
});
