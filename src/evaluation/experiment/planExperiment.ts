import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { removeTemporaries } from '../../base/files.js';
import { isFinished } from './perform.js';
import { type PlannedCorpus, type PlannedRun, planCorpora, planRuns } from './plan.js';
import { readPlan, writePlan } from './planFile.js';
import type { ExperimentSpec } from './spec.js';

/** An experiment's runs, as planned and written down. */
export interface PlannedExperiment {
  corpora: Map<string, PlannedCorpus>;
  /** In the order of corpora, configurations and seeds. */
  planned: PlannedRun[];
  /** Each once: configurations that come to the same settings share runs. */
  runs: PlannedRun[];
  /** Those that have not all their scores. */
  unfinished: PlannedRun[];
}

/** Plans an experiment in a directory that the caller has claimed. @throws InputError where it was begun otherwise. */
export function planExperiment(spec: ExperimentSpec, directory: string): PlannedExperiment {
  removeTemporaries(directory);
  const corpora = planCorpora(spec, directory);
  const planned = planRuns(spec, corpora);
  checkAgainstEarlier(directory, planned, corpora);
  writePlan(directory, spec, planned, corpora);
  const runs = distinct(planned);
  return { corpora, planned, runs, unfinished: runs.filter((run) => !isFinished(directory, run)) };
}

/** Configurations that come to the same settings share runs; each is performed once, with all that is asked of it. */
function distinct(runs: readonly PlannedRun[]): PlannedRun[] {
  const byDirectory = new Map<string, PlannedRun>();
  for (const run of runs) {
    const same = byDirectory.get(run.directory);
    const drops = [...new Set([...(same?.drops ?? []), ...run.drops])];
    byDirectory.set(run.directory, { ...(same ?? run), drops });
  }
  return [...byDirectory.values()];
}

/** @throws InputError where a corpus, or a run that has begun, is not what it was. */
function checkAgainstEarlier(
  directory: string,
  runs: readonly PlannedRun[],
  corpora: ReadonlyMap<string, PlannedCorpus>,
): void {
  const earlier = readPlan(directory);
  if (earlier === undefined) return;
  for (const [name, { about }] of corpora) {
    const hash = earlier.corpora[name];
    if (hash !== undefined && hash !== about.hash) {
      throw new InputError(
        `Corpus "${name}" is not the one that the experiment in ${directory} was begun with (its hash was ` +
          `${hash.slice(0, 12)}… and is ${about.hash.slice(0, 12)}…). Give --out a new directory.`,
      );
    }
  }
  for (const run of runs) {
    const hash = earlier.runs[run.directory];
    if (hash === undefined || hash === run.hash || !existsSync(join(directory, run.directory))) continue;
    throw new InputError(
      `Configuration "${run.configuration}" has changed since ${join(directory, run.directory)} was made. Give it ` +
        'another name, remove its runs, or give --out a new directory.',
    );
  }
}
