import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../base/files.js';
import { parseJson } from '../../base/json.js';
import { MODALITIES, type Modality, modalitiesIn } from '../../base/modalities.js';
import { readText } from '../../base/read.js';
import { readCorpus } from '../../corpus/files.js';
import { readRunConfig } from '../../run/index.js';
import { evaluateDrops } from '../drop.js';
import { headProbabilities } from '../outputs.js';
import { headScores } from '../scoring.js';
import type { PlannedRun } from './plan.js';
import { overSeeds } from './scores.js';
import type { DropRow, ResultRow } from './types.js';

/** A run's class head with a modality taken away from a share of the test utterances. */
interface DropScore {
  modality: Modality;
  /** 0 … 1 */
  share: number;
  weightedF1: number;
}

const DROPS = 'drops.json';
const dropsSchema: z.ZodType<DropScore[]> = z.array(
  z.object({ modality: z.enum(MODALITIES), share: z.number().min(0).max(1), weightedF1: z.number() }),
);

/** Scores a finished run with each of its modalities taken away at each share, and keeps the scores beside it. */
export async function performDrops(out: string, run: PlannedRun, look: (what: string) => void): Promise<void> {
  const modalities = modalitiesIn(readRunConfig(out).shape.dims);
  const wanted = modalities.flatMap((modality) => run.drops.map((share) => ({ modality, share, seed: run.seed })));
  const scored = await evaluateDrops(out, readCorpus(run.corpusPath), wanted, ({ modality, share }) =>
    look(`drop ${modality} ${share}`),
  );
  const scores = scored.map(({ modality, share, outputs }): DropScore => {
    const head = headProbabilities(outputs).classHead as NonNullable<ReturnType<typeof headProbabilities>['classHead']>;
    return { modality, share, weightedF1: headScores(head, outputs.classes).weightedF1 };
  });
  writeFileAtomic(join(out, DROPS), `${JSON.stringify(scores, null, 1)}\n`);
}

/** What `performDrops` kept; nothing where it has not been called. */
function readDrops(out: string): DropScore[] {
  const path = join(out, DROPS);
  return existsSync(path)
    ? parseJson(dropsSchema, readText(path), path, { advice: 'Delete it and run "vega-merc experiment" again.' })
    : [];
}

/** Whether every share that is wanted has been scored. */
export function hasDrops(out: string, shares: readonly number[]): boolean {
  const done = new Set(readDrops(out).map(({ share }) => share));
  return shares.every((share) => done.has(share));
}

/** Every modality and share that a row's runs have all been scored with, from the whole to nothing. */
export function dropRows(directory: string, row: ResultRow, runs: readonly PlannedRun[]): DropRow[] {
  const shares = runs[0].drops.toSorted((a, b) => a - b);
  if (shares.length === 0) return [];
  const kept = runs
    .filter(({ seed }) => row.seeds.includes(seed))
    .map((run) => readDrops(join(directory, run.directory)));
  if (kept.length === 0) return [];
  const about = { corpus: row.corpus, configuration: row.configuration };
  return row.modalities.flatMap((modality) => [
    { ...about, modality, share: 0, weightedF1: overSeeds(row.scores.classHead?.weightedF1?.values ?? []) },
    ...shares.map((share) => {
      const values = kept.flatMap((all) => all.filter((one) => one.modality === modality && one.share === share));
      return { ...about, modality, share, weightedF1: overSeeds(values.map(({ weightedF1 }) => weightedF1)) };
    }),
  ]);
}
