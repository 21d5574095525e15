import { describe, expect, it } from 'vitest';
import { CONFIG_KEYS, DEFAULT_PRESET, PRESETS, parseConfig, presetConfig, withOverrides } from '../../src/run/index.js';
import { PAPER_IEMOCAP, vegaConfigSchema } from '../../src/vega/config.js';

const resolveConfig = (preset = 'paper-iemocap', overrides: string[] = []) =>
  withOverrides(presetConfig(preset), overrides);

describe('withOverrides', () => {
  it('gives the published values by their name', () => {
    expect(resolveConfig('paper-iemocap')).toMatchObject({
      ...PAPER_IEMOCAP,
      batchSize: 9,
      lr: 9.839349318565084e-5,
      weightDecay: 0.009970935438927318,
      featureMask: 0.1,
      r: 0.4,
      classWeights: 'balanced',
      standardise: true,
      select: 'valid',
    });
  });

  it('is a small model unless told otherwise', () => {
    expect(DEFAULT_PRESET).toBe('small');
    expect(presetConfig('small').hidden).toBeLessThan(presetConfig('paper-iemocap').hidden / 4);
  });

  it('has anchors where they differ, in the preset that compares with them, and is otherwise the small model', () => {
    expect(presetConfig('anchored')).toEqual({
      ...presetConfig('small'),
      anchorSpace: 'centred',
      anchorScale: 10,
    });
  });

  it('says that the values for MELD were never published', () => {
    expect(PRESETS['meld-unpublished'].description).toMatch(/never published/);
    expect(resolveConfig('meld-unpublished')).toMatchObject({ classWeights: 'none', epochs: 25, patience: 6 });
  });

  it('takes short and nested keys, and leaves the preset as it was', () => {
    const config = resolveConfig('paper-iemocap', [
      'hidden=128',
      'lr=1e-4',
      'classHead.dropout=0.1',
      'anchorHead.activation=relu',
      'standardise=false',
      'classWeights=1,2,0.5',
      'hidden=64',
    ]);
    expect(config).toMatchObject({ hidden: 64, lr: 1e-4, standardise: false, classWeights: [1, 2, 0.5] });
    expect(config.classHead).toEqual({ layers: 3, activation: 'gelu', dropout: 0.1 });
    expect(config.anchorHead.activation).toBe('relu');
    expect(PRESETS['paper-iemocap'].config.classHead.dropout).toBe(0.3963);
  });

  it('offers every key of the model', () => {
    for (const key of Object.keys(vegaConfigSchema.shape)) {
      expect(CONFIG_KEYS.some((known) => known === key || known.startsWith(`${key}.`))).toBe(true);
    }
  });

  it.each([
    [['hiden=128'], 'There is no setting "hiden". Did you mean "hidden"?'],
    [['classHead.droput=0.1'], 'There is no setting "classHead.droput". Did you mean "classHead.dropout"?'],
    [['constructor=1'], /There is no setting "constructor"/],
    [['hidden'], '--set hidden is not of the form key=value, as in --set lr=1e-4.'],
    [['hidden=wide'], '--set: the setting "hidden" is "wide", but must be a number.'],
    [['epochs=1.5'], 'the setting "epochs" is 1.5, but must be a whole number.'],
    [['lr=-1'], 'the setting "lr" is -1, but must be more than 0.'],
    [['lr='], 'the setting "lr" is empty, but must be a number.'],
    [['attentionHeads=5'], /"attentionHeads" is 5, but must divide hidden/],
    [['classWeights=heavy'], /"classWeights" is "heavy", but must be "balanced", "none" or/],
    [['select=train'], '"select" is "train", but must be "valid" or "test".'],
  ])('refuses %j', (overrides, message) => {
    expect(() => resolveConfig('paper-iemocap', overrides as string[])).toThrow(message);
  });

  it('refuses an unknown preset with the nearest name', () => {
    expect(() => resolveConfig('paper-iemocp')).toThrow(
      'There is no preset "paper-iemocp". Did you mean "paper-iemocap"?',
    );
  });
});

describe('parseConfig', () => {
  it('takes settings by the names that earlier versions gave them', () => {
    const { attentionHeads, ...rest } = resolveConfig();
    expect(parseConfig({ ...rest, heads: 2 }, 'run/config.json')).toEqual({ ...rest, attentionHeads: 2 });
    expect(resolveConfig('small', ['heads=8']).attentionHeads).toBe(8);
    expect(attentionHeads).toBe(4);
  });

  it('takes a file of an earlier version, which lacks settings that came later, as what those runs did', () => {
    const { anchorScaleLearned, anchorWarmup, featureDropout, ...old } = resolveConfig();
    expect([anchorScaleLearned, anchorWarmup, featureDropout]).toEqual([false, 0, 0]);
    expect(parseConfig(old, 'run/config.json')).toEqual(resolveConfig());
  });

  it('refuses an unknown key of a file by name', () => {
    expect(() => parseConfig({ ...resolveConfig(), epoch: 3 }, 'run/config.json')).toThrow(
      'run/config.json: there is no setting "epoch". Did you mean "epochs"?',
    );
    const nested = { ...resolveConfig(), classHead: { ...PAPER_IEMOCAP.classHead, layer: 2 } };
    expect(() => parseConfig(nested, 'run/config.json')).toThrow(
      'there is no setting "layer" in classHead. Did you mean "layers"?',
    );
  });
});
