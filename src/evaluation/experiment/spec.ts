import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { diskError } from '../../base/files.js';
import { check as checkValue } from '../../base/json.js';
import { MODALITIES } from '../../base/modalities.js';
import { suggestion } from '../../base/names.js';
import { quote } from '../../base/words.js';
import { candidateEpochs, halvingRungs } from './search/rungs.js';
import { candidatesOf, type SearchSpec, searchSchema } from './search/space.js';

const name = z
  .string()
  .regex(/^[\w.+-]+$/, 'must be letters, digits and . _ + - only, since folders are named by it')
  .regex(/[^.]/, 'must not be dots alone, since folders are named by it')
  .max(200, 'must have at most 200 characters, since folders are named by it');
const settings = z.record(z.string(), z.unknown());
const modalities = z.array(z.enum(MODALITIES)).min(1);

const corpusSchema = z.strictObject({
  /** Corpus directory, relative to the experiment file. */
  path: z.string(),
  /** Old class name → new one; several may become one. */
  labels: z.record(z.string(), z.string()).optional(),
  /** Classes (by their old names) whose utterances count as unlabelled: they stay in the dialogue, unscored. */
  drop: z.array(z.string()).optional(),
  /** So many dialogues of the training split alone, drawn by the seed: what few labels are worth. */
  train: z.strictObject({ dialogues: z.number().int().min(1), seed: z.number().int().min(0).default(1) }).optional(),
});
export type CorpusSpec = z.infer<typeof corpusSchema>;

const configurationSchema = z.strictObject({
  description: z.string().optional(),
  /** Rows of one group stand together in tables. */
  group: z.string().optional(),
  preset: z.string().optional(),
  /** Anchor file relative to the experiment file, "none", or a control: "random", "learned", "text". */
  anchors: z.string().optional(),
  /** Settings as `train --set` takes them; nested keys or dotted ones. */
  set: settings.optional(),
  modalities: modalities.optional(),
  /** In the place of a VEGA model. */
  baseline: z.enum(['majority', 'logistic regression']).optional(),
  /** The configuration to compare with, or null for no comparison. */
  reference: z.string().nullable().optional(),
  /** Only on these corpora; default all. */
  corpora: z.array(z.string()).optional(),
  /** Score the test split again (not where split is valid) with each modality taken away from these shares of the utterances. */
  drops: z.array(z.number().min(0).max(1)).optional(),
});
export type ConfigurationSpec = z.infer<typeof configurationSchema>;

/** What a configuration is when it does not say. */
const defaultsSchema = configurationSchema.pick({ preset: true, anchors: true, set: true, modalities: true });

const experimentSchema = z.strictObject({
  name,
  description: z.string().optional(),
  /** "paper-compat": the epoch with the best test score, as much of the literature does; labelled test-selected. */
  protocol: z.enum(['validation-selected', 'paper-compat']).default('validation-selected'),
  /** The split whose scores stand in the tables. "valid" never looks at test: for choosing settings. */
  split: z.enum(['valid', 'test']).default('test'),
  seeds: z.array(z.number().int().min(0)).min(1),
  corpora: z.record(name, z.union([z.string(), corpusSchema])),
  defaults: defaultsSchema.optional(),
  /** The configuration that all others are compared with, where they do not name another. */
  reference: z.string().optional(),
  configurations: z.record(name, configurationSchema).default({}),
  /** Settings that validation chooses; what is chosen becomes one more configuration, of each corpus its own. */
  search: searchSchema.optional(),
  /** For how long a call may begin runs, as "90s", "30m", "2h" or "1d"; what is running then ends. */
  budget: z
    .string()
    .regex(/^\d+(\.\d+)?[smhd]$/, 'must be a number with s, m, h or d after it, as in 2h')
    .optional(),
  resamples: z.number().int().min(100).max(1_000_000).default(10_000),
});
export type ExperimentSpec = z.infer<typeof experimentSchema>;
/** The same as it is written, defaults left out. */
export type ExperimentInput = z.input<typeof experimentSchema>;

/**
 * Reads an experiment file. Paths in it are made absolute.
 * @throws InputError naming the field that is wrong, and the nearest known one where a key is unknown.
 */
export function readExperimentFile(path: string): ExperimentSpec {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw diskError(path, error);
  }
  return absolutePaths(parseExperiment(text, path), dirname(path));
}

/** Nested deeper, a file is no experiment but an attempt on whoever walks it. */
const DEEPEST = 20;

/** Reads an experiment's YAML. @param source what error sentences call it. @throws InputError */
export function parseExperiment(text: string, source: string): ExperimentSpec {
  let value: unknown;
  try {
    // Warnings (of tags that nothing here has a use for) would go to the terminal; JSON's types are all that is needed.
    value = parse(text, { logLevel: 'error', maxAliasCount: 100 });
  } catch (error) {
    throw new InputError(`${source} is not valid YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  checkDepth(value, source);
  return checkExperiment(value, source);
}

/** Refuses what refers to itself (an alias inside its own anchor), or is nested without end. */
function checkDepth(value: unknown, source: string, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > DEEPEST) {
    throw new InputError(
      `${source} is nested more than ${DEEPEST} levels deep, or an alias (*name) in it refers to what it is part of.`,
    );
  }
  for (const inner of Object.values(value)) checkDepth(inner, source, depth + 1);
}

/** The one name that cannot be an object's own key once it has been copied: it would vanish without a word. */
function refuseProto(value: unknown, source: string): void {
  if (typeof value !== 'object' || value === null) return;
  if (Object.hasOwn(value, '__proto__')) throw new InputError(`${source}: nothing can be named "__proto__".`);
  for (const inner of Object.values(value)) refuseProto(inner, source);
}

/** @param source what error sentences call it. @throws InputError */
export function checkExperiment(value: unknown, source: string): ExperimentSpec {
  refuseProto(value, source);
  const spec = checkValue(experimentSchema, value, source, { noun: 'key' });
  const configurations = Object.keys(spec.configurations);
  const check = (kind: string, given: string, known: readonly string[]) => {
    if (!known.includes(given))
      throw new InputError(`${source}: there is no ${kind} ${quote(given)}.${suggestion(given, known)}`);
  };
  if (Object.keys(spec.corpora).length === 0 || (configurations.length === 0 && spec.search === undefined)) {
    throw new InputError(`${source}: an experiment needs at least one corpus and one configuration.`);
  }
  if (spec.search) checkSearch(spec, spec.search, source);
  if (spec.split === 'valid' && spec.protocol === 'paper-compat') {
    throw new InputError(
      `${source}: protocol paper-compat selects on test, so that split: valid would score nothing new.`,
    );
  }
  if (spec.reference !== undefined) check('configuration', spec.reference, configurations);
  for (const { reference, corpora } of Object.values(spec.configurations)) {
    if (typeof reference === 'string') check('configuration', reference, configurations);
    for (const corpus of corpora ?? []) check('corpus', corpus, Object.keys(spec.corpora));
  }
  const twice = spec.seeds.find((seed, i) => spec.seeds.indexOf(seed) !== i);
  if (twice !== undefined) throw new InputError(`${source}: seed ${twice} is named twice.`);
  return spec;
}

/** @throws InputError where the space, or what is chosen from it, cannot be. */
function checkSearch(spec: ExperimentSpec, search: SearchSpec, source: string): void {
  if (spec.protocol === 'paper-compat')
    throw new InputError(`${source}: a search chooses on validation, and protocol paper-compat selects on test.`);
  for (const given of Object.keys(spec.configurations)) {
    if (given !== search.name && !given.startsWith(`${search.name}-`)) continue;
    throw new InputError(`${source}: the configuration ${quote(given)} has the name of what the search chooses.`);
  }
  const candidates = candidatesOf(search, `${source}, search`);
  if (search.method !== 'halving') return;
  if (Object.keys(search.space).includes('epochs'))
    throw new InputError(`${source}, search: halving sets the epochs itself; take "epochs" out of the space.`);
  halvingRungs(
    candidates.length,
    candidateEpochs(spec.defaults, search),
    search.factor,
    `${source}, search`,
    search.epochs,
  );
}

/** Corpora and anchor files as seen from `folder`. */
function absolutePaths(spec: ExperimentSpec, folder: string): ExperimentSpec {
  const anchors = <T extends { anchors?: string }>(one: T): T =>
    one.anchors === undefined || isAnchorWord(one.anchors) ? one : { ...one, anchors: resolve(folder, one.anchors) };
  const map = <A, B>(record: Record<string, A>, change: (value: A) => B) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
  return {
    ...spec,
    corpora: map(spec.corpora, (corpus) =>
      typeof corpus === 'string' ? resolve(folder, corpus) : { ...corpus, path: resolve(folder, corpus.path) },
    ),
    ...(spec.defaults && { defaults: anchors(spec.defaults) }),
    ...(spec.search && { search: anchors(spec.search) }),
    configurations: map(spec.configurations, anchors),
  };
}

/** Is this one of the choices that name no file? */
export const isAnchorWord = (anchors: string): boolean => ['none', 'random', 'learned', 'text'].includes(anchors);
