import { resolve } from 'node:path';
import { MODALITIES, type Modality, modalitiesIn } from '../../base/modalities.js';
import type { Corpus } from '../../corpus/index.js';
import { settingsOf } from './settings.js';
import { type ConfigurationSpec, checkExperiment, type ExperimentSpec, isAnchorWord } from './spec.js';

export interface AblationOptions {
  /** What the experiment is called. */
  name: string;
  corpus: Pick<Corpus, 'name' | 'features'>;
  /** Its directory. */
  path: string;
  /** Anchor file, or a control. */
  anchors: string;
  preset: string;
  /** Settings of every row, as a configuration's `set`. */
  set: Record<string, unknown>;
  seeds: number[];
  /** Dimension of the anchors, which random and learned targets share. */
  anchorDim: number;
  /** Whether CLIP's text tower can be had. */
  textAnchors: boolean;
}

/** Name of the row that the others are compared with. */
const FULL = 'vega';
const TENTHS = Array.from({ length: 10 }, (_, i) => (i + 1) / 10);
/** Chances of drawing exemplars, as in the paper's figure; the reference's own is the reference's row again. */
const CHANCES = [0, 0.2, 0.4, 0.6, 0.8, 1];

/**
 * The ablations of the method as an experiment: the paper's five rows, modalities, context, speakers, other targets, the
 * chance r, test-time absence of each modality, and baselines on the same protocol.
 */
export function ablationExperiment(options: AblationOptions): ExperimentSpec {
  const { corpus, path, anchors, preset, set, seeds } = options;
  const has = modalitiesIn(corpus.features);
  const common = settingsOf(set).join(', ');
  const rows: Record<string, ConfigurationSpec> = {
    [FULL]: { description: 'the whole method', group: 'reference', drops: has.length > 1 ? TENTHS : [] },
    ...grouped("the paper's ablations", paperRows(has)),
    ...grouped('modalities', modalityRows(has)),
    ...grouped('context and speakers', {
      causal: { description: 'no utterance sees the future', set: { context: 'causal' } },
      'without-speakers': { description: 'all utterances are one speaker’s', set: { speakers: 'ignored' } },
    }),
    ...grouped('targets', targetRows(options)),
    ...grouped('chance r of drawing exemplars', chanceRows()),
    ...grouped('baselines', baselineRows(has)),
  };
  const experiment = {
    name: folderName(options.name),
    description: `Ablations of VEGA on corpus "${corpus.name}"${common === '' ? '' : `, ${common}`}.`,
    seeds,
    corpora: { [folderName(corpus.name)]: resolve(path) },
    defaults: { preset, set, anchors: isAnchorWord(anchors) ? anchors : resolve(anchors) },
    reference: FULL,
    configurations: rows,
  };
  return checkExperiment(experiment, 'The ablation');
}

/** A name as a folder can have it. */
const folderName = (name: string): string => name.replace(/[^\w.+-]+/g, '-');

function grouped(group: string, rows: Record<string, ConfigurationSpec>): Record<string, ConfigurationSpec> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, { ...row, group }]));
}

function paperRows(has: readonly Modality[]): Record<string, ConfigurationSpec> {
  const own = Object.fromEntries(MODALITIES.map((m) => [`${m}Ce`, 0]));
  return {
    'without-anchors': { description: 'without the anchor branch (this is SDT)', anchors: 'none' },
    'without-sampling': { description: 'without stochastic sampling: always the centres', set: { r: 0 } },
    'without-unimodal-anchoring': {
      description: `${has.join(', ')} are not pulled to the anchors`,
      set: { anchorLoss: own },
    },
    'without-multimodal-anchoring': {
      description: 'the fused representation is not pulled to the anchors',
      set: { anchorLoss: { fusedCe: 0 } },
    },
    'without-anchor-distillation': {
      description: 'without self-distillation in the anchor space',
      set: { anchorLoss: { kl: 0 } },
    },
  };
}

function modalityRows(has: readonly Modality[]): Record<string, ConfigurationSpec> {
  const alone = has.map((m) => [m]);
  const pairs = has.flatMap((a, i) => has.slice(i + 1).map((b) => [a, b]));
  const subsets = [...alone, ...pairs].filter((some) => some.length < has.length);
  return Object.fromEntries(subsets.map((modalities) => [modalities.join('+'), { modalities }]));
}

function targetRows({ anchorDim, textAnchors }: AblationOptions): Record<string, ConfigurationSpec> {
  return {
    'random-anchors': {
      description: 'orthonormal random targets instead of faces',
      anchors: 'random',
      set: { anchorDim },
    },
    'learned-anchors': { description: 'targets that are parameters', anchors: 'learned', set: { anchorDim } },
    ...(textAnchors && {
      'text-anchors': { description: "CLIP's text embeddings of a prompt a class", anchors: 'text' },
    }),
  };
}

function chanceRows(): Record<string, ConfigurationSpec> {
  return Object.fromEntries(CHANCES.map((r) => [`r-${r}`, { set: { r } }]));
}

function baselineRows(has: readonly Modality[]): Record<string, ConfigurationSpec> {
  const logistic = has.map((m): [string, ConfigurationSpec] => [
    `logistic-${m}`,
    { description: `logistic regression on ${m}`, baseline: 'logistic regression', modalities: [m] },
  ]);
  return {
    majority: { description: 'always the most frequent class', baseline: 'majority' },
    ...Object.fromEntries(logistic),
    sdt: { description: 'the same backbone without anchors (SDT)', anchors: 'none' },
    'context-free': {
      description: 'the same backbone without anchors, each utterance by itself',
      anchors: 'none',
      set: { context: 'none' },
    },
  };
}
