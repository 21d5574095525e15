import { quote } from '../../base/words.js';
import type { ExportCard } from './card.js';
import type { ExportedValue } from './names.js';

/** README.md of an exported model: what it takes and gives, for who has only these files. */
export function exportReadme(card: ExportCard): string {
  const { classes, inputs, outputs, run, standardisation, program } = card;
  const parts = [
    '# Emotions of a conversation: an exported VEGA model',
    `Trained on ${run.synthetic ? 'the synthetic corpus' : 'corpus'} ${quote(run.corpus)} (${run.selection}${run.finished ? '' : '; its training had not ended'}), exported by vega-merc ${program.version}. ` +
      `One call takes one conversation of any length L, utterance by utterance; its context is ${run.context}: ${CONTEXT[run.context]}. ` +
      'The files need only the operators of ONNX, opset 20; weights, standardisation, positions and masks are inside.',
    `## Files\n${fileTable(card)}`,
    `## Inputs\n${valueTable(inputs)}\n\nRows are ${
      standardisation
        ? 'raw: the model standardises them itself, and cuts them off as training did'
        : 'taken as they are: the model was trained without standardisation'
    }. They must come from the encoders that model.json names under \`features\`. ${speakerRule(card)}`,
    `## Outputs\n${valueTable(outputs)}\n\nClasses, in the order of the columns: ${classes.map(quote).join(', ')}.`,
    `## Example\n${example(card)}`,
    'model.json says the same to programs, and has the encoders, the standardisation, the anchors, the calibration.',
  ];
  return `${parts.join('\n\n')}\n`;
}

const CONTEXT = {
  full: 'every utterance sees the whole conversation',
  causal: 'an utterance sees those before it, so that answers never change as the conversation goes on',
  none: 'an utterance sees itself alone',
};

function fileTable({ files, measured }: ExportCard): string {
  const head = ['file', 'weights', 'MB', ...(measured ? ['weighted F1 on validation', 'change'] : [])];
  const first = files[0].weightedF1 ?? 0;
  const rows = files.map(({ name, precision, bytes, weightedF1 }) => [
    name,
    WEIGHTS[precision],
    (bytes / 1e6).toFixed(1),
    ...(weightedF1 === undefined ? [] : [points(weightedF1), signed(100 * (weightedF1 - first))]),
  ]);
  const table = markdown(head, rows);
  if (!measured) return table;
  const { corpus, split, utterances } = measured;
  return `${table}\n\nMeasured with onnxruntime on the ${utterances} labelled utterances of split "${split}" of corpus ${quote(corpus)}.`;
}

const WEIGHTS = {
  float32: 'float32',
  float16: 'float16, computed in float32',
  int8: '8 bits, linear layers computed in 8 bits (dynamic quantisation)',
};

const points = (score: number) => (100 * score).toFixed(2);
const signed = (change: number) => `${change < 0 ? '' : '+'}${change.toFixed(2)}`;

const valueTable = (values: readonly ExportedValue[]) =>
  markdown(
    ['name', 'type', 'shape', 'what'],
    values.map(({ name, type, shape, what }) => [`\`${name}\``, type, `[${shape.join(', ')}]`, what]),
  );

function markdown(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function speakerRule({ speakers: { rule, nobody } }: ExportCard): string {
  const rules = {
    within: `\`speaker\` numbers people within the conversation as they first speak: 0, 1, …; whoever would have a number above ${nobody} has ${nobody}.`,
    known: `\`speaker\` is the place of a name in model.json's \`speakers.names\`; a stranger is ${nobody}.`,
    ignored: '`speaker` is 0 everywhere: the model is not told who speaks.',
  };
  return rules[rule];
}

/** Python with onnxruntime: two utterances. */
function example({ inputs, files }: ExportCard): string {
  const feeds = inputs.map(({ name, type, shape }) => {
    const sizes = shape.map((size) => (size === 'L' ? 2 : size));
    if (type === 'int64') return `    "${name}": np.array([0, 1], np.int64),`;
    return sizes.length === 1
      ? `    "${name}": np.ones(2, np.float32),`
      : `    "${name}": np.zeros((${sizes.join(', ')}), np.float32),  # rows of the encoder`;
  });
  return [
    '```python',
    'import numpy as np, onnxruntime',
    '',
    `session = onnxruntime.InferenceSession("${files[0].name}")`,
    'probabilities, = session.run(["probabilities"], {',
    ...feeds,
    '})  # [2, classes]',
    '```',
  ].join('\n');
}
