import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A run directory with random weights and the published hyper-parameters, since speed does not hang on what was learned.
 * @param dims numbers a row of each modality.
 */
export async function writeRun(directory, dims, context = 'full') {
  const { presetConfig } = await import('../dist/run/index.js');
  const { initialParameters, parameterShapes } = await import('../dist/vega/index.js');
  const { encodeSafetensors } = await import('../dist/interchange/index.js');
  const { anchorFileChunks, syntheticAnchors } = await import('../dist/anchors/index.js');
  const { describeEncoders } = await import('../dist/encoders/extract/choice.js');
  const classes = ['happy', 'sad', 'neutral', 'anger', 'excited', 'frustration'];
  const training = { ...presetConfig('paper-iemocap'), standardise: false, context };
  const bank = syntheticAnchors(classes, 512, 1, 15);
  const shape = { classes: classes.length, speakers: 2, dims, anchorDim: 512 };
  const shapes = parameterShapes(training, shape);
  const values = initialParameters(training, shape, 1, [...shapes.keys()]);
  const tensors = new Map(
    [...shapes].map(([name, sizes]) => [name, { shape: [...sizes], dtype: 'float32', data: values.get(name) }]),
  );
  const parts = dims.text === 512 ? await describeEncoders({ text: 'sentence', rate: 3 }, 'text') : undefined;
  const config = {
    format: 'vega-merc-run',
    version: 2,
    preset: 'paper-iemocap',
    training,
    selection: 'validation-selected',
    corpus: { name: 'none', path: '.', hash: '0', classes, speakers: ['F', 'M'] },
    inputs: Object.fromEntries(
      Object.entries(dims).map(([name, dim]) => [name, { dim, ...(name === 'text' && parts && { parts }) }]),
    ),
    shape,
    classWeights: classes.map(() => 1),
    anchors: { path: 'random', hash: bank.hash, dim: 512, matched: [], unused: [], gate: '' },
    threads: 1,
    program: null,
  };
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  writeFileSync(join(directory, 'model.safetensors'), encodeSafetensors(tensors, { training: 'finished' }));
  writeFileSync(join(directory, 'anchors.safetensors'), Buffer.concat(anchorFileChunks(bank)));
  return directory;
}
