import { z } from 'zod';
import { ANCHOR_SPACES } from '../anchors/types.js';
import { InputError, UsageError } from '../base/errors.js';
import { check } from '../base/json.js';
import { MODALITIES } from '../base/modalities.js';
import { suggestion } from '../base/names.js';
import { quote } from '../base/words.js';
import { PAPER_IEMOCAP, vegaConfigSchema } from '../vega/config.js';

/** Everything that decides a training run beside the corpus and the anchors. Strict: an unknown key is refused. */
export const trainingConfigSchema = z
  .strictObject({
    ...vegaConfigSchema.shape,
    /** What the model is given of the corpus: all its modalities, or some of them. */
    modalities: z
      .union([z.literal('all'), z.array(z.enum(MODALITIES)).min(1)], {
        error: `must be "all" or some of ${MODALITIES.join(', ')}, as in text,audio`,
      })
      .default('all'),
    /**
     * What the model is told of who speaks. 'within': people are told apart within a conversation, numbered in the order
     * in which they first speak, so that strangers are nothing special. 'known' (as published): each of the corpus's
     * speakers is someone, the same in every dialogue. 'ignored': all utterances are one speaker's.
     */
    speakers: z.enum(['within', 'known', 'ignored']).default('known'),
    /** Dialogues a batch. */
    batchSize: z.number().int().min(1).max(4096),
    /** AdamW's learning rate (the peak, where it is scheduled). */
    lr: z.number().positive().max(10),
    /** AdamW's decoupled weight decay. */
    weightDecay: z.number().min(0).max(10),
    /** Passes over the training split, at most. */
    epochs: z.number().int().min(1).max(1_000_000),
    /** Epochs without a better validation score after which training stops. */
    patience: z.number().int().min(1).max(1_000_000),
    /** Linear warm-up: below 1 a fraction of all planned steps, from 1 a number of steps; 0 = none. */
    warmup: z.number().min(0).max(1e9),
    /** Whether the learning rate falls to zero along half a cosine after the warm-up. */
    cosine: z.boolean(),
    /** Largest L2 norm of the whole gradient; 0 = no clipping. */
    clipNorm: z.number().min(0),
    /** Probability that a feature dimension is zeroed, drawn for each dialogue and modality of a training batch. */
    featureMask: z.number().min(0).lt(1),
    /**
     * Probability that a dialogue of a training batch is shown without a modality, drawn for each of them, so that the
     * model learns to do without; an utterance that would lose all it has keeps it.
     */
    modalityDropout: z.number().min(0).lt(1).default(0),
    /**
     * Dropout of the features themselves: the probability that a dimension of one utterance is zeroed; what stays is
     * scaled by 1/(1 − p). 0 = none, as published.
     */
    featureDropout: z.number().min(0).lt(1).default(0),
    /** Probability that a training step uses one random exemplar a class as anchors instead of the class centres. */
    r: z.number().min(0).max(1),
    /** What draws for itself in training: the whole batch (as published), every dialogue, or every utterance. */
    anchorDraw: z.enum(['batch', 'dialogue', 'utterance']).default('batch'),
    /** How many random exemplars a class are averaged in a draw; 1 as published. */
    exemplars: z.number().int().min(1).max(10_000).default(1),
    /** Prototypes of each class: k-means centres of its exemplars; 1, the class centre, as published. */
    prototypes: z.number().int().min(1).max(100).default(1),
    /** Where anchors are compared: as the encoder gave them (published), without the mean face, or whitened besides. */
    anchorSpace: z.enum(ANCHOR_SPACES).default('raw'),
    /** Dimension of anchors that no file gives: random or learned ones. */
    anchorDim: z.number().int().min(2).max(8192).default(512),
    /** Class weights of every cross-entropy: the largest class count over each count, ones, or given (one a class). */
    classWeights: z.union([z.enum(['balanced', 'none']), z.array(z.number().positive()).min(2)], {
      error: 'must be "balanced", "none" or one positive number for each class, as in 1,2.5,1',
    }),
    /** Whether features are standardised a dimension by the training split. */
    standardise: z.boolean(),
    /** The split that selects the epoch and stops training early. */
    select: z.enum(['valid', 'test']),
    /** Seed of every random number of the run. */
    seed: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
  })
  .refine((config) => config.hidden % config.attentionHeads === 0, {
    path: ['attentionHeads'],
    message: 'must divide hidden (every head takes hidden / attentionHeads channels)',
  })
  .refine((config) => config.prototypes === 1 || (config.anchorDraw === 'batch' && config.exemplars === 1), {
    path: ['prototypes'],
    message: 'with several prototypes a class, anchorDraw must be batch and exemplars 1',
  });
export type TrainingConfig = z.infer<typeof trainingConfigSchema>;

/** What settings were called in files and commands of earlier versions. */
const FORMER_NAMES: ReadonlyMap<string, string> = new Map([['heads', 'attentionHeads']]);

/** Settings as a file gives them, under the names that they have now; anything else is left as it is. */
export function withPresentNames<T>(settings: T): T {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) return settings;
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [FORMER_NAMES.get(key) ?? key, value])) as T;
}

/** A named starting point of a configuration. */
export interface Preset {
  /** What it is and where its values come from, a sentence or two. */
  description: string;
  config: TrainingConfig;
}

const paperIemocap: TrainingConfig = {
  ...PAPER_IEMOCAP,
  modalities: 'all',
  speakers: 'known',
  batchSize: 9,
  lr: 9.839349318565084e-5,
  weightDecay: 0.009970935438927318,
  epochs: 40,
  patience: 12,
  warmup: 0,
  cosine: false,
  clipNorm: 0,
  featureMask: 0.1,
  modalityDropout: 0,
  featureDropout: 0,
  r: 0.4,
  anchorDraw: 'batch',
  exemplars: 1,
  prototypes: 1,
  anchorSpace: 'raw',
  anchorDim: 512,
  classWeights: 'balanced',
  standardise: true,
  select: 'valid',
  seed: 1,
};

const small: TrainingConfig = {
  ...paperIemocap,
  speakers: 'within',
  hidden: 128,
  dropout: 0.3,
  lr: 1e-3,
  epochs: 30,
  patience: 8,
  classWeights: 'none',
};

export const PRESETS: Readonly<Record<string, Preset>> = {
  small: {
    description:
      'A small model that reaches its score within seconds to a minute on corpora of this field; every class weighs the ' +
      'same utterance for utterance, and speakers are told apart within a dialogue only. No published values.',
    config: small,
  },
  anchored: {
    description:
      'small with the anchors moved to where they differ: the mean face is subtracted, and cosines are multiplied by 10 ' +
      'instead of 100. Chosen on the validation split of RAVDESS among six settings, by the F1 of both heads together.',
    config: { ...small, anchorSpace: 'centred', anchorScale: 10 },
  },
  'paper-iemocap': {
    description:
      "The released implementation's hyper-parameters for IEMOCAP. It ran 400 epochs and selected on test; here " +
      'training stops early on validation, after at most 40 epochs, and features are standardised. Minutes to hours.',
    config: paperIemocap,
  },
  'meld-unpublished': {
    description:
      'For MELD. The hyper-parameters for MELD were never published: these are those for IEMOCAP with unweighted ' +
      'classes, 25 epochs and patience 6, and reproduce no reported number. As slow as paper-iemocap.',
    config: { ...paperIemocap, classWeights: 'none', epochs: 25, patience: 6 },
  },
};
export const DEFAULT_PRESET = 'small';

/** Every key that `--set` takes, nested ones with dots: hidden, classHead.dropout, anchorLoss.textKl, … */
export const CONFIG_KEYS: readonly string[] = keysOf(paperIemocap);

function keysOf(value: object, prefix = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' && !Array.isArray(inner) ? keysOf(inner, `${prefix}${key}.`) : [`${prefix}${key}`],
  );
}

/**
 * The configuration of a preset.
 * @throws UsageError naming the unknown preset with the nearest known one.
 */
export function presetConfig(name: string): TrainingConfig {
  if (!Object.hasOwn(PRESETS, name)) {
    throw new UsageError(`There is no preset ${quote(name)}.${suggestion(name, Object.keys(PRESETS))}`);
  }
  return PRESETS[name].config;
}

/**
 * A configuration with values replaced.
 * @param overrides `key=value` texts, as given to `--set`; the last one of a key wins.
 * @throws UsageError naming the unknown key with the nearest known one, or the value that does not fit.
 */
export function withOverrides(config: TrainingConfig, overrides: readonly string[]): TrainingConfig {
  const changed = structuredClone(config) as unknown as Record<string, unknown>;
  for (const override of overrides) {
    const at = override.indexOf('=');
    if (at < 1) throw new UsageError(`--set ${override} is not of the form key=value, as in --set lr=1e-4.`);
    const given = override.slice(0, at).trim();
    const key = FORMER_NAMES.get(given) ?? given;
    if (!CONFIG_KEYS.includes(key)) {
      throw new UsageError(`There is no setting ${quote(key)}.${suggestion(key, CONFIG_KEYS)}`);
    }
    const path = key.split('.');
    const parent = path.slice(0, -1).reduce((inner, name) => inner[name] as Record<string, unknown>, changed);
    const text = override.slice(at + 1).trim();
    parent[path[path.length - 1]] = key === 'modalities' ? parseModalities(text) : parseValue(text);
  }
  return parseConfig(changed, '--set', UsageError);
}

/**
 * Checks a whole configuration, for instance one read from a run directory.
 * @param where names the source in the error, as in "run/config.json"; @param Refusal what is thrown.
 */
export function parseConfig(value: unknown, where: string, Refusal = InputError): TrainingConfig {
  return check(trainingConfigSchema, withPresentNames(value), where, { noun: 'setting', refusal: Refusal });
}

/** "all", or the names in their fixed order, each once; what is no modality is left for the check to refuse. */
function parseModalities(text: string): unknown {
  if (text === 'all') return text;
  const names = text.split(',').map((name) => name.trim());
  const strange = names.filter((name) => !(MODALITIES as readonly string[]).includes(name));
  return [...MODALITIES.filter((m) => names.includes(m)), ...strange];
}

/** "true" → boolean, "1e-4" → number, "1,2,1" → numbers, anything else stays text. */
function parseValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  const isNumber = (part: string) => part.trim() !== '' && Number.isFinite(Number(part));
  const parts = text.replace(/^\[(.*)\]$/, '$1').split(',');
  if (parts.length > 1 && parts.every(isNumber)) return parts.map(Number);
  return isNumber(text) ? Number(text) : text;
}
