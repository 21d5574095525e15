import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { readAnchors } from '../anchors/files.js';
import { withDirectory } from '../base/claim.js';
import { InputError } from '../base/errors.js';
import { removeTemporaries, writeFileAtomic } from '../base/files.js';
import { check, parseJson } from '../base/json.js';
import { readText } from '../base/read.js';
import { sha256 } from '../base/sha256.js';
import { SPLITS } from '../corpus/index.js';
import { type RunConfig, runFile, withPresentNames } from '../run/index.js';
import { isControl } from '../training/index.js';
import { type RunCard, runCardSchema } from './card.js';
import { thisCode, thisMachine } from './machine.js';
import { type SplitOutputs, writeOutputs } from './outputs.js';
import type { Evaluation } from './scoring.js';

/** The scores in a run directory's evaluation.json, by split. */
export type Evaluations = RunCard['splits'];

const FORMAT = 'vega-merc-evaluation';
const VERSION = 2;
const AGAIN = 'Delete it and run "vega-merc evaluate" again.';

/**
 * Puts the scores of a split into a run's evaluation.json, beside those of other splits, and its outputs beside it. The
 * same scores on the same machine give the same bytes.
 */
export function recordEvaluation(
  directory: string,
  run: Pick<RunConfig, 'preset' | 'training' | 'selection' | 'corpus' | 'anchors' | 'threads' | 'provider'>,
  evaluation: Evaluation,
  outputs: SplitOutputs,
): void {
  const { anchors, training, corpus } = run;
  writeCard(directory, evaluation, outputs, {
    model: 'vega',
    selection: run.selection,
    preset: run.preset,
    training,
    seed: training.seed,
    threads: run.threads,
    ...(run.provider && { provider: run.provider }),
    classes: corpus.classes,
    corpus: { name: corpus.name, hash: corpus.hash, path: corpus.path },
    anchors: anchors && {
      ...(isControl(anchors.path) ? { kind: anchors.path } : { kind: 'visual', path: anchors.path }),
      hash: anchors.hash,
      copy: readAnchors(runFile(directory, 'anchors')).hash,
      ...(anchors.encoder && { encoder: anchors.encoder }),
      dim: anchors.dim,
    },
    weights: sha256(readFileSync(runFile(directory, 'model'))),
  });
}

/** Writes a card and the outputs that its scores were computed from. */
export function writeCard(
  directory: string,
  evaluation: Evaluation,
  outputs: SplitOutputs,
  about: Omit<RunCard, 'format' | 'version' | 'code' | 'machine' | 'splits'>,
): void {
  // Splits may be scored at the same time, and each adds to what the others have written.
  withDirectory(directory, { doing: 'evaluate', brief: true, wait: 60_000 }, () => {
    removeTemporaries(directory);
    writeOutputs(directory, outputs);
    const all = { ...readEvaluations(directory), [evaluation.split]: evaluation };
    const splits = Object.fromEntries(SPLITS.flatMap((split) => (all[split] ? [[split, all[split]]] : [])));
    const card = { format: FORMAT, version: VERSION, ...about, code: thisCode(), machine: thisMachine(), splits };
    writeFileAtomic(runFile(directory, 'evaluation'), `${JSON.stringify(card, null, 2)}\n`);
  });
}

/** A run's scores; none where it was not evaluated yet. */
export function readEvaluations(directory: string): Evaluations {
  return readCard(directory)?.splits ?? {};
}

/**
 * Reads a run's card; undefined where it was not evaluated yet.
 * @throws InputError where the file is of another kind or version.
 */
export function readCard(directory: string): RunCard | undefined {
  const path = runFile(directory, 'evaluation');
  if (!existsSync(path)) return undefined;
  const advice = AGAIN;
  const content = parseJson(z.unknown(), readText(path), path, { advice });
  const { format, version } = (content ?? {}) as Record<string, unknown>;
  if (format !== FORMAT || version !== VERSION) {
    throw new InputError(`${path} holds no scores of version ${VERSION} of the format. ${AGAIN}`);
  }
  const { training } = content as { training?: unknown };
  const card = { ...(content as object), ...(training !== undefined && { training: withPresentNames(training) }) };
  return check(runCardSchema, card, path, { advice });
}
