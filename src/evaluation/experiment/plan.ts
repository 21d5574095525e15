import { join, posix } from 'node:path';
import { readAnchors } from '../../anchors/files.js';
import { InputError } from '../../base/errors.js';
import type { Modality } from '../../base/modalities.js';
import { sha256 } from '../../base/sha256.js';
import { isCorpusDirectory, readCorpus, writeCorpus } from '../../corpus/files.js';
import { type Corpus, relabel, withFewerDialogues } from '../../corpus/index.js';
import { DEFAULT_PRESET, presetConfig, rememberPath, withOverrides } from '../../run/index.js';
import { settingsOf } from './settings.js';
import { type ConfigurationSpec, type CorpusSpec, type ExperimentSpec, isAnchorWord } from './spec.js';
import type { ExperimentCorpus } from './types.js';

/** One run that an experiment needs. */
export interface PlannedRun {
  corpus: string;
  configuration: string;
  seed: number;
  /** Relative to the experiment's directory. */
  directory: string;
  /** Corpus directory that it reads. */
  corpusPath: string;
  corpusHash: string;
  /** Of everything that decides the run: a finished run with another hash is not this one. */
  hash: string;
  model: VegaModel | BaselineModel;
  /** Shares of the utterances that each modality is taken away from, after training. */
  drops: number[];
  selection: 'validation-selected' | 'test-selected';
  /** The split that is scored. */
  split: 'valid' | 'test';
}

/** What `train` is told. */
export interface VegaModel {
  kind: 'vega';
  preset: string;
  /** A file, a control, or null for no anchor branch. */
  anchors: string | null;
  set: string[];
}

interface BaselineModel {
  kind: 'majority' | 'logistic regression';
  /** Undefined = all that the corpus has. */
  modalities?: Modality[];
  classWeights: 'none' | 'balanced';
}

/** A corpus of an experiment: as it was used, and where. */
export interface PlannedCorpus {
  about: ExperimentCorpus;
  corpus: Corpus;
  path: string;
}

/** Reads the corpora of an experiment; one whose labels or training split are changed is written into
 * the experiment's directory. */
export function planCorpora(spec: ExperimentSpec, directory: string): Map<string, PlannedCorpus> {
  return new Map(
    Object.entries(spec.corpora).map(([name, given]) => {
      const { path, labels, drop, train }: CorpusSpec = typeof given === 'string' ? { path: given } : given;
      const original = readCorpus(path);
      const relabelled = labels || drop ? relabel(original, { labels, drop }) : original;
      const changed = train ? withFewerDialogues(relabelled, train) : relabelled;
      if (changed === original) return [name, describe(name, original, path, directory)];
      const own = join(directory, 'corpora', name);
      if (!isCorpusDirectory(own) || readCorpus(own).hash !== changed.hash) writeCorpus(own, changed);
      return [name, describe(name, changed, own, directory, { labels, dropped: drop, train })];
    }),
  );
}

function describe(
  name: string,
  corpus: Corpus,
  path: string,
  directory: string,
  changes: Pick<ExperimentCorpus, 'labels' | 'dropped' | 'train'> = {},
): PlannedCorpus {
  const splits = Object.fromEntries(
    Object.entries(corpus.splits).map(([split, ids]) => {
      const wanted = new Set(ids);
      const labelled = corpus.dialogues
        .filter(({ id }) => wanted.has(id))
        .reduce((sum, { utterances }) => sum + utterances.filter(({ label }) => label >= 0).length, 0);
      return [split, { dialogues: ids.length, utterances: labelled }];
    }),
  );
  const { hash, classes, synthetic = false, composed, note } = corpus;
  const about = {
    name,
    title: corpus.name,
    path: rememberPath(directory, path),
    hash,
    classes,
    ...changes,
    synthetic,
    ...(composed && { composed }),
    ...(note && { note }),
    splits,
  };
  return { about, corpus, path };
}

/** A configuration with the experiment's defaults under it; of settings given twice, its own win. */
export function completed(spec: ExperimentSpec, name: string): ConfigurationSpec & { settings: string[] } {
  const own = spec.configurations[name];
  const { defaults = {} } = spec;
  const settings = [...settingsOf(defaults.set ?? {}), ...settingsOf(own.set ?? {})];
  return { ...defaults, ...own, settings };
}

/** Every run of the experiment, in the order of corpora, configurations and seeds. */
export function planRuns(spec: ExperimentSpec, corpora: ReadonlyMap<string, PlannedCorpus>): PlannedRun[] {
  const selection = spec.protocol === 'paper-compat' ? 'test-selected' : 'validation-selected';
  const hashes = new Map<string, string>();
  // The file's content counts, not where it lies.
  const anchorHash = (anchors: string | null) => {
    if (anchors === null || isAnchorWord(anchors)) return anchors;
    const hash = hashes.get(anchors) ?? readAnchors(anchors).hash;
    hashes.set(anchors, hash);
    return hash;
  };
  // Configurations that come to the same settings share their runs.
  const directories = new Map<string, string>();
  return [...corpora].flatMap(([corpus, { path, about }]) =>
    Object.keys(spec.configurations).flatMap((configuration) => {
      const wanted = completed(spec, configuration);
      if (wanted.corpora && !wanted.corpora.includes(corpus)) return [];
      // Nothing in a baseline is drawn, so one seed says all.
      const seeds = wanted.baseline ? spec.seeds.slice(0, 1) : spec.seeds;
      return seeds.map((seed): PlannedRun => {
        const model = modelOf(wanted, seed, selection);
        const hash = sha256(JSON.stringify([about.hash, seed, decidedBy(model, anchorHash)]));
        const directory = directories.get(hash) ?? posix.join('runs', corpus, configuration, `seed-${seed}`);
        directories.set(hash, directory);
        const drops = wanted.baseline || spec.split === 'valid' ? [] : (wanted.drops ?? []);
        const places = { directory, corpusPath: path, corpusHash: about.hash };
        return { corpus, configuration, seed, ...places, hash, model, drops, selection, split: spec.split };
      });
    }),
  );
}

/** Everything that decides what a model comes to on a corpus, in one form however it was written. */
function decidedBy(model: PlannedRun['model'], anchorHash: (anchors: string | null) => string | null): unknown {
  if (model.kind !== 'vega') return model;
  return [withOverrides(presetConfig(model.preset), model.set), anchorHash(model.anchors)];
}

function modelOf(
  wanted: ReturnType<typeof completed>,
  seed: number,
  selection: PlannedRun['selection'],
): PlannedRun['model'] {
  const preset = wanted.preset ?? DEFAULT_PRESET;
  const set = [
    ...wanted.settings,
    ...(wanted.modalities ? [`modalities=${wanted.modalities.join(',')}`] : []),
    `seed=${seed}`,
    ...(selection === 'test-selected' ? ['select=test'] : []),
  ];
  // A mistake is told before anything runs.
  const { classWeights } = withOverrides(presetConfig(preset), set);
  if (wanted.baseline) {
    if (Array.isArray(classWeights)) {
      throw new InputError('A baseline takes classWeights none or balanced, not one for each class.');
    }
    return { kind: wanted.baseline, ...(wanted.modalities && { modalities: wanted.modalities }), classWeights };
  }
  const anchors = wanted.anchors ?? 'none';
  return { kind: 'vega', preset, anchors: anchors === 'none' ? null : anchors, set };
}
