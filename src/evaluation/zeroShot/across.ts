import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readAnchors } from '../../anchors/files.js';
import { type AnchorBank, alignAnchors } from '../../anchors/index.js';
import { InputError } from '../../base/errors.js';
import { readCorpus } from '../../corpus/files.js';
import type { Corpus, SplitName } from '../../corpus/index.js';
import {
  areaOfSums,
  bootstrapIntervals,
  type DialogueSums,
  type Interval,
  joinRuns,
  meanOverRuns,
  type Scores,
  summarise,
} from '../../metrics/index.js';
import { dialoguesOf } from '../../prediction/index.js';
import { isRunDirectory } from '../../run/index.js';
import { RESAMPLING_SEED } from '../experiment/row.js';
import { anchorHeadOn } from './score.js';

export interface AcrossOptions {
  /** A run, or a folder of runs `seed-N` of one configuration. */
  model: string;
  /** Corpus directory, of any classes. */
  corpus: string;
  /** Anchor file with faces of the corpus's classes. */
  faces: string;
  split?: SplitName;
  resamples?: number;
}

/** How runs do on a corpus among classes that are given by faces alone. */
export interface AcrossResults {
  corpus: Pick<Corpus, 'name' | 'hash' | 'synthetic' | 'composed' | 'note'>;
  split: SplitName;
  /** The corpus's, in its order. */
  classes: string[];
  utterances: number;
  dialogues: number;
  runs: string[];
  /** Scores of the anchor head's choice among all classes, a run each. */
  scores: Scores[];
  weightedF1: { mean: number; sd: number };
  /** Mean over classes and runs of the area under the ROC curve by cosine to the class's centre, and its 95 % interval. */
  area: Interval;
  /** The same for each class that the split shows. */
  areas: { class: string; utterances: number; area: Interval }[];
}

/**
 * Scores runs on a corpus that need not have their classes: the anchor head compares with faces of the corpus's. Nothing
 * of the corpus is learned from, and the run's ledger is not written: it is about another corpus.
 * @throws InputError where there is no run, it was not trained with faces, or the faces lack a class.
 */
export async function evaluateByFaces(options: AcrossOptions): Promise<AcrossResults> {
  const { model, split = 'test', resamples = 10_000 } = options;
  const corpus = readCorpus(options.corpus);
  const bank: AnchorBank = alignAnchors(readAnchors(options.faces), corpus.classes).bank;
  const dialogues = dialoguesOf(corpus, split);
  const runs = runsIn(model);
  const scores: Scores[] = [];
  const sums: DialogueSums[][] = [];
  for (const run of runs) {
    const said = await anchorHeadOn(run, corpus, bank, dialogues);
    scores.push(said.scores);
    sums.push(said.areas);
  }
  const labels = dialogues.flatMap((d) => corpus.dialogues[d].utterances.map(({ label }) => label));
  const counts = corpus.classes.map((_, c) => labels.filter((label) => label === c).length);
  const shown = corpus.classes.flatMap((_, c) => (counts[c] > 0 ? [c] : []));
  const areaOf = (all: DialogueSums[]) =>
    bootstrapIntervals(
      joinRuns(all),
      { mean: meanOverRuns(areaOfSums, all.length) },
      { seed: RESAMPLING_SEED, resamples },
    ).mean;
  const { name, hash, synthetic, composed, note } = corpus;
  const { mean, sd } = summarise(scores.map(({ weightedF1 }) => weightedF1));
  return {
    corpus: { name, hash, synthetic, composed, note },
    split,
    classes: corpus.classes,
    utterances: counts.reduce((a, b) => a + b, 0),
    dialogues: dialogues.length,
    runs,
    scores,
    weightedF1: { mean, sd },
    area: areaOf(sums.flatMap((one) => shown.map((c) => one[c]))),
    areas: shown.map((c) => ({
      class: corpus.classes[c],
      utterances: counts[c],
      area: areaOf(sums.map((one) => one[c])),
    })),
  };
}

function runsIn(path: string): string[] {
  if (isRunDirectory(path)) return [path];
  const seeds = existsSync(path)
    ? readdirSync(path).filter((name) => /^seed-\d+$/.test(name) && isRunDirectory(join(path, name)))
    : [];
  if (seeds.length === 0)
    throw new InputError(`${path} is no run directory, nor a folder of runs named seed-1, seed-2, …`);
  return seeds.sort((a, b) => Number(a.slice(5)) - Number(b.slice(5))).map((name) => join(path, name));
}
