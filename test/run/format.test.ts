import { describe, expect, it } from 'vitest';
import { filesAt, filesOf, parseModelState, parseRunConfig, presetConfig } from '../../src/run/index.js';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const config = {
  format: 'vega-merc-run',
  version: 2,
  preset: 'small',
  training: presetConfig('small'),
  selection: 'validation-selected',
  corpus: { name: 'made up', path: '../corpus', hash: 'abc', classes: ['joy', 'anger'], speakers: ['Ann'] },
  inputs: { text: { dim: 3, encoder: 'counting', parts: [{ encoder: 'counting', version: '1', pooling: 'mean' }] } },
  shape: { classes: 2, speakers: 1, dims: { text: 3 } },
  classWeights: [1, 1],
  anchors: null,
  threads: 1,
  program: { version: '0.1.0', node: 'v20', onnxruntime: '1.30.0' },
};

describe('config.json', () => {
  it('comes back as it was, with the encoders of its features and the program that trained it', () => {
    expect(parseRunConfig(bytes(config), 'here')).toEqual(config);
  });

  it('of version 1 is read as one that does not say them', () => {
    const { inputs: _, program: __, ...old } = { ...config, version: 1 };
    expect(parseRunConfig(bytes(old), 'here')).toEqual({ ...config, inputs: { text: { dim: 3 } }, program: null });
  });

  it.each<[object, string]>([
    [{ ...config, version: 7 }, 'here has version 7 of the format, but this program reads versions 1 and 2.'],
    [{ ...config, format: 'x' }, 'here does not describe a run'],
    [{ ...config, inputs: { text: { dim: 0 } } }, 'inputs.text.dim'],
    [
      { ...config, shape: { ...config.shape, classes: 3 } },
      'the field "shape.classes" is 3, but the corpus has 2 classes',
    ],
  ])('is refused in a sentence: %#', (value, sentence) => {
    expect(() => parseRunConfig(bytes(value), 'here')).toThrow(sentence);
  });
});

describe('the metadata of model.safetensors', () => {
  it('say whether training has ended, and the temperature of confidence', () => {
    const calibration = { temperature: 1.5, split: 'valid' as const, utterances: 12 };
    const finished = { training: 'finished', calibration: JSON.stringify(calibration) };
    expect(parseModelState(finished, 'm')).toEqual({ finished: true, calibration });
    expect(parseModelState({ training: 'unfinished' }, 'm')).toEqual({ finished: false });
    expect(() => parseModelState({ training: 'finished', calibration: '{"temperature":-1}' }, 'm')).toThrow(
      'm, its metadata field "calibration"',
    );
  });
});

describe('named bytes', () => {
  it('say which file is not there', async () => {
    await expect(filesOf({ 'a.json': new Uint8Array(1) })('b.json')).rejects.toThrow(
      'The run has no file b.json; it has a.json.',
    );
    await expect(filesAt('http://127.0.0.1:1/x')('b.json')).rejects.toThrow(
      /^http:\/\/127\.0\.0\.1:1\/x\/b\.json cannot be fetched: /,
    );
  });
});
