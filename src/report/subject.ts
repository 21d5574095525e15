import { existsSync } from 'node:fs';
import { InputError } from '../base/errors.js';
import {
  experimentTimeline,
  isExperimentDirectory,
  type OpenedExperiment,
  openExperiment,
  readCard,
} from '../evaluation/index.js';
import { isRunDirectory } from '../run/index.js';
import { experimentOfRun } from './ofRun.js';

/**
 * Opens what a report is about: an experiment's directory, or a run's as an experiment of one configuration and one seed.
 * @throws InputError where it is neither, or a run without scores of its test split.
 */
export function openSubject(directory: string): OpenedExperiment {
  if (isExperimentDirectory(directory))
    return { ...openExperiment(directory), timeline: experimentTimeline(directory) };
  if (isRunDirectory(directory) || readCard(directory) !== undefined) return experimentOfRun(directory);
  throw new InputError(
    existsSync(directory)
      ? `${directory} is neither a run nor an experiment: it has no config.json, evaluation.json or results.json.`
      : `${directory}: there is no such run or experiment directory.`,
  );
}
