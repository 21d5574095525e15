import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { isClaim } from '../base/claim.js';
import { InputError } from '../base/errors.js';
import { diskError, isTemporary, removeTemporaries, writeFileAtomic } from '../base/files.js';
import { readFileBytes } from '../base/read.js';
import type { Standardisations } from '../corpus/standardise.js';
import { writeSafetensors } from '../interchange/files.js';
import { parseRunConfig, RUN_FILES, RUN_FORMAT, RUN_VERSION, type RunConfig, type RunDescription } from './format.js';
import { CONFIG_KEYS, type TrainingConfig } from './settings.js';
import { standardisationTensors } from './standardise.js';

export function runFile(directory: string, file: keyof typeof RUN_FILES): string {
  return join(directory, RUN_FILES[file]);
}

/** Is this a directory with a run in it? */
export function isRunDirectory(directory: string): boolean {
  return existsSync(runFile(directory, 'config'));
}

/** A path as config.json remembers it: relative to the run directory, or absolute where there is no way between. */
export function rememberPath(directory: string, path: string): string {
  const way = relative(resolve(directory), resolve(path));
  return isAbsolute(way) ? way : way.replaceAll('\\', '/');
}

/** The other way round. */
export function recallPath(directory: string, remembered: string): string {
  return resolve(directory, remembered);
}

/**
 * Refuses a directory that a run cannot be written to, and removes what a killed writer had not finished. Only for who
 * has claimed it.
 * @param resume whether a run may be there already.
 */
export function checkRunDirectory(directory: string, resume: boolean): void {
  let entries: string[];
  try {
    entries = readdirSync(directory).filter((name) => !isTemporary(name) && !isClaim(name));
  } catch (error) {
    throw diskError(directory, error);
  }
  if (!resume && entries.length > 0) {
    throw new InputError(
      isRunDirectory(directory)
        ? `${directory} already holds a run. Continue it with --resume, or give --out a new directory.`
        : `${directory} is not empty. Give --out a new directory, so that nothing gets mixed up.`,
    );
  }
  if (!isRunDirectory(directory) && entries.length > 0) {
    throw new InputError(`${directory} is not empty and holds no run (no ${RUN_FILES.config}) that could be resumed.`);
  }
  removeTemporaries(directory);
}

export function writeRunConfig(directory: string, run: RunDescription): void {
  const config: RunConfig = { format: RUN_FORMAT, version: RUN_VERSION, ...run };
  writeFileAtomic(runFile(directory, 'config'), `${JSON.stringify(config, null, 2)}\n`);
}

/** @throws InputError where the directory holds no run, or one that this program does not understand. */
export function readRunConfig(directory: string): RunConfig {
  const path = runFile(directory, 'config');
  if (!existsSync(path)) {
    throw new InputError(
      `${directory} is no run directory: it has no ${RUN_FILES.config}. "vega-merc train" makes one.`,
    );
  }
  return parseRunConfig(readFileBytes(path), path);
}

/**
 * Refuses to resume a run with other settings, data or anchors than it was started with.
 * @param wanted as it would be written now; paths may differ, for hashes decide.
 */
export function checkSameRun(directory: string, stored: RunConfig, wanted: RunDescription): void {
  const refuse = (what: string, had: unknown, have: unknown) => {
    throw new InputError(
      `${directory} cannot be resumed: ${what} was ${JSON.stringify(had)} and is now ${JSON.stringify(have)}. ` +
        'Resume with what the run was started with, or start another with a new --out.',
    );
  };
  for (const key of CONFIG_KEYS) {
    const [had, have] = [valueAt(stored.training, key), valueAt(wanted.training, key)];
    if (JSON.stringify(had) !== JSON.stringify(have)) refuse(key, had, have);
  }
  if (stored.corpus.hash !== wanted.corpus.hash)
    refuse('the corpus (by its hash)', stored.corpus.hash, wanted.corpus.hash);
  if (stored.anchors?.hash !== wanted.anchors?.hash) {
    refuse('the anchors (by their hash)', stored.anchors?.hash ?? 'none', wanted.anchors?.hash ?? 'none');
  }
  if (stored.threads !== wanted.threads) refuse('threads', stored.threads, wanted.threads);
  const [had, have] = [stored, wanted].map(({ provider = 'cpu' }) => provider);
  if (had !== have) refuse('the provider', had, have);
}

function valueAt(config: TrainingConfig, key: string): unknown {
  return key.split('.').reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], config);
}

/** Writes standardise.safetensors; a run without standardisation has no such file. */
export function writeStandardisations(directory: string, standardise: Standardisations): void {
  writeSafetensors(runFile(directory, 'standardise'), standardisationTensors(standardise));
}
