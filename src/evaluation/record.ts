import { existsSync, readFileSync } from 'node:fs';
import { InputError } from '../base/errors.js';
import { writeFileAtomic } from '../base/files.js';
import { SPLITS, type SplitName } from '../corpus/index.js';
import { runFile } from '../training/index.js';
import type { Evaluation } from './evaluate.js';

const FORMAT = 'vega-merc-evaluation';
const VERSION = 1;

/** The scores in a run directory's evaluation.json, by split. */
export type Evaluations = Partial<Record<SplitName, Evaluation>>;

/**
 * Puts the scores of a split into a run's evaluation.json, beside those of other splits. The same scores give the same
 * bytes.
 */
export function recordEvaluation(directory: string, evaluation: Evaluation): void {
  const all: Evaluations = { ...readEvaluations(directory), [evaluation.split]: evaluation };
  const splits = Object.fromEntries(SPLITS.flatMap((split) => (all[split] ? [[split, all[split]]] : [])));
  const { selection } = evaluation;
  const content = { format: FORMAT, version: VERSION, selection, splits };
  writeFileAtomic(runFile(directory, 'evaluation'), `${JSON.stringify(content, null, 2)}\n`);
}

/**
 * Reads a run's scores; none where it was not evaluated yet.
 * @throws InputError where the file is of another kind or version.
 */
export function readEvaluations(directory: string): Evaluations {
  const path = runFile(directory, 'evaluation');
  if (!existsSync(path)) return {};
  let content: { format?: unknown; version?: unknown; splits?: Evaluations };
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new InputError(`${path} is not valid JSON; delete it and run "vega-merc evaluate" again.`);
  }
  if (content?.format !== FORMAT || content.version !== VERSION) {
    throw new InputError(
      `${path} holds no scores of version ${VERSION} of the format; delete it and run "vega-merc evaluate" again.`,
    );
  }
  return content.splits ?? {};
}
