import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { check, parseJson } from '../../base/json.js';
import { readText } from '../../base/read.js';
import { readLedger } from './ledger.js';
import { experimentResultsSchema } from './schema.js';
import type { OpenedExperiment } from './types.js';

/** The file of an experiment's directory that holds everything its tables show. */
export const RESULTS = 'results.json';

const FORMAT = 'vega-merc-experiment';
const VERSION = 1;
const AGAIN = 'Run "vega-merc experiment" again, which keeps the finished runs.';

/** Is this a directory with an experiment's results in it? */
export function isExperimentDirectory(directory: string): boolean {
  return existsSync(join(directory, RESULTS));
}

/**
 * Reads the results and the ledger of an experiment's directory.
 * @throws InputError where it holds none, or results of another format or version, or damaged ones.
 */
export function openExperiment(directory: string): OpenedExperiment {
  const path = join(directory, RESULTS);
  if (!isExperimentDirectory(directory)) {
    throw new InputError(
      `${directory} is no experiment's directory: it has no ${RESULTS}. "vega-merc experiment" makes one.`,
    );
  }
  const content = parseJson(z.unknown(), readText(path), path, { advice: AGAIN });
  const { format, version } = (content ?? {}) as Record<string, unknown>;
  if (format !== FORMAT)
    throw new InputError(`${path} holds no results of an experiment: its field "format" is not "${FORMAT}".`);
  if (version !== VERSION) {
    throw new InputError(
      `${path} has version ${JSON.stringify(version)} of the format, but this program reads version ${VERSION}. ${AGAIN}`,
    );
  }
  const results = check(experimentResultsSchema, content, path, { advice: AGAIN });
  return { directory, results, ledger: readLedger(directory) };
}
