import { type Modality, modalitiesIn } from '../../base/modalities.js';
import type { RunConfig } from '../../run/format.js';
import type { RunParts } from '../open.js';

/** An input or an output of an exported model, as its README and model.json describe it. */
export interface ExportedValue {
  name: string;
  type: 'float32' | 'int64';
  /** Sizes; "L" is the number of utterances. */
  shape: (number | 'L')[];
  what: string;
}

/** What an exported model must be fed. */
export function inputValues({ shape }: Pick<RunConfig, 'shape'>): ExportedValue[] {
  return [
    ...modalitiesIn(shape.dims).flatMap((m): ExportedValue[] => [
      {
        name: m,
        type: 'float32',
        shape: ['L', shape.dims[m] as number],
        what: `${m} features as the encoder gives them; any numbers where the utterance has none`,
      },
      { name: `${m}_present`, type: 'float32', shape: ['L'], what: `1 where the utterance has ${m}, else 0` },
    ]),
    { name: 'speaker', type: 'int64', shape: ['L'], what: `who speaks, a number from 0 to ${shape.speakers}` },
  ];
}

/** @param names of the outputs, in the file's order. */
export function outputValues({ run, anchorScale }: Pick<RunParts, 'run' | 'anchorScale'>, names: readonly string[]) {
  const { shape, training } = run;
  const { classes, anchorDim } = shape;
  const modalities = modalitiesIn(shape.dims);
  const [rows, each]: ExportedValue['shape'][] = [['L', classes], ['L']];
  const known: Record<string, Omit<ExportedValue, 'name' | 'type'>> = {
    probabilities: { shape: rows, what: 'distribution of the class head: the answer' },
    confidence: { shape: each, what: 'how likely the likeliest class is right, at the calibration temperature' },
    anchor_probabilities: { shape: rows, what: 'distribution of the anchor head' },
    mixture_probabilities: { shape: rows, what: 'gated average of both heads' },
    logits: { shape: rows, what: 'logits of the class head' },
    anchor_logits: {
      shape: rows,
      what: `logits of the anchor head: cosine to the anchor of each class, times ${anchorScale}`,
    },
    fused: { shape: ['L', training.hidden], what: 'fused representation' },
    anchored: { shape: ['L', anchorDim as number], what: 'the same among the anchors, of length 1' },
    shares: { shape: ['L', modalities.length], what: `share in the fusion of ${modalities.join(', ')}` },
    attention: { shape: ['L', 'L'], what: 'how much each utterance (row) looked at each other one (column)' },
  };
  for (const m of modalities) {
    known[`${m}_logits`] = { shape: rows, what: only('class', m) };
    known[`${m}_anchor_logits`] = { shape: rows, what: only('anchor', m) };
  }
  return names.map((name): ExportedValue => ({ name, type: 'float32', ...known[name] }));
}

const only = (head: string, modality: Modality) =>
  `${head} head of ${modality} alone; means nothing where it is absent`;
