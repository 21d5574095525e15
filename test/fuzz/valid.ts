import { headScores } from '../../src/evaluation/scoring.js';
import { encodeSafetensors, type NdArray } from '../../src/interchange/index.js';
import { presetConfig } from '../../src/run/index.js';
import { bytesOf } from './mutations.js';

/** Small valid files of every kind, to be damaged. */

const json = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));
const lines = (values: readonly unknown[]): Uint8Array =>
  bytesOf(values.map((one) => `${JSON.stringify(one)}\n`).join(''));

export const MANIFEST = lines([
  { dialogue: 'd', speaker: 'Ann', text: 'Hello', label: 'joy', split: 'train', index: 0 },
  { dialogue: 'd', speaker: 'Bo', media: 'a.wav', start: 0, end: 1.5, index: 1 },
  { dialogue: 7, text: 'Well', label: null },
]);

export const SUBTITLES = [
  bytesOf(
    '1\n00:00:01,000 --> 00:00:02,500\nANN: Hello!\n\n2\n00:00:03,000 --> 00:00:04,000\n[door slams]\n- Yes.\n- No.\n',
  ),
  bytesOf(
    'WEBVTT\n\nNOTE a note\n\n00:01.000 --> 00:02.000\n<v Ann>Hello &amp; <i>welcome</i>\n\n00:03.000 --> 00:04.000\nBo: Hm\n',
  ),
];

export const MELD = bytesOf(
  'Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID\n1,"Hi, you",Ann,joy,positive,0,0\n2,It\u0092s me,Bo,neutral,neutral,0,1\n',
);

export const EXPERIMENT = bytesOf(`name: anchors
seeds: [1, 2]
corpora:
  ravdess: corpora/ravdess
  other: { path: corpora/other, labels: { excited: happy }, drop: [frustration] }
defaults: &d { preset: small, set: { hidden: 64, classHead: { dropout: 0.2 } } }
reference: none
configurations:
  none: { anchors: none, modalities: [text] }
  faces: { anchors: a.safetensors, drops: [0.1, 1], corpora: [other] }
  majority: { baseline: majority, set: {} }
`);

const training = presetConfig('small');

export const RUN = json({
  format: 'vega-merc-run',
  version: 1,
  preset: 'small',
  training,
  selection: 'validation-selected',
  corpus: { name: 'c', path: '../c', hash: 'h', classes: ['a', 'b'], speakers: ['Ann'] },
  shape: { classes: 2, speakers: 1, dims: { text: 2 }, anchorDim: 4 },
  classWeights: [1, 1],
  anchors: {
    path: 'a.pt',
    hash: 'h',
    dim: 4,
    matched: [{ wanted: 'a', anchor: 'a' }],
    unused: [],
    gate: 'fitted on valid',
  },
  threads: 1,
});

export const LOG = lines([
  { event: 'start', epoch: 0 },
  { event: 'epoch', epoch: 1, losses: { total: 1.5 }, scores: { weightedF1: 0.5 }, bestEpoch: 1, bestScore: 0.5 },
  { event: 'end', epoch: 1, reason: 'epochs' },
]);

const classes = ['a', 'b'];
const scores = headScores({ probabilities: Float32Array.of(0.9, 0.1, 0.2, 0.8), labels: Int32Array.of(0, 1) }, classes);
const code = { version: '0.1.0', hash: 'c' };
const machine = { platform: 'linux', arch: 'x64', cpu: 'a cpu', cores: 2, memoryGb: 8, node: 'v20', onnxruntime: '1' };

export const CARD = json({
  format: 'vega-merc-evaluation',
  version: 2,
  model: 'vega',
  selection: 'validation-selected',
  preset: 'small',
  training,
  seed: 1,
  threads: 1,
  classes,
  corpus: { name: 'c', hash: 'h', path: '../c' },
  anchors: null,
  weights: 'w',
  code,
  machine,
  splits: {
    test: {
      split: 'test',
      corpus: { name: 'c', hash: 'h' },
      selection: 'validation-selected',
      utterances: 2,
      dialogues: 1,
      classHead: scores,
      modalities: { text: { classHead: scores } },
    },
  },
});

const overSeeds = { mean: 0.5, sd: 0.1, values: [0.4, 0.6], interval: { lower: 0.3, upper: 0.7 } };
export const RESULTS = json({
  format: 'vega-merc-experiment',
  version: 1,
  name: 'toy',
  selection: 'validation-selected',
  split: 'test',
  corpora: [
    {
      name: 'toy',
      title: 'a toy',
      path: '../toy',
      hash: 'h',
      classes,
      synthetic: false,
      splits: { test: { dialogues: 2, utterances: 4 } },
    },
  ],
  rows: [
    {
      corpus: 'toy',
      configuration: 'majority',
      settings: [],
      anchors: '–',
      modalities: ['text'],
      seeds: [1],
      runs: [{ seed: 1, directory: 'runs/1' }],
      failed: [],
      utterances: 4,
      dialogues: 2,
      scores: { classHead: { weightedF1: overSeeds } },
      perClass: [{ class: 'a', support: 2, f1: overSeeds, precision: 0.5, recall: null }],
      confusion: [
        [1, 1],
        [0, 2],
      ],
    },
  ],
  drops: [],
  notes: [],
  resampling: { seed: 0, resamples: 10_000 },
  code,
  machine,
  finished: true,
});

const table = (rows: number, ...data: number[]): NdArray => ({
  shape: [rows, data.length / rows],
  dtype: 'float32',
  data: Float32Array.from(data),
});

/** A corpus without hashes, so that damage is met by what reads it and not by the hash alone. */
export const CORPUS_FILES = {
  description: json({
    formatVersion: 1,
    name: 'tiny',
    classes: ['neutral', 'joy'],
    speakers: ['Ann', 'Bo'],
    modalities: { text: { dim: 2 }, audio: { dim: 1 }, visual: null },
    splits: { train: ['a'], test: ['b'] },
  }),
  utterances: lines([
    { dialogue: 'a', index: 0, speaker: 'Ann', text: 'Hi', label: 'joy' },
    { dialogue: 'a', index: 1, speaker: 'Bo', label: null, media: 'a.wav', start: 0, end: 1 },
    { dialogue: 'b', index: 0, speaker: 'Bo', label: 'neutral' },
  ]),
  features: encodeSafetensors(
    new Map([
      ['text', table(3, 1, 2, 3, 4, 5, 6)],
      ['audio', table(3, 1, 0, 3)],
      ['audio_presence', { shape: [3], dtype: 'uint8', data: Uint8Array.of(1, 0, 1) }],
    ]),
  ),
};
