import { MODALITIES, type Modality } from '../../base/modalities.js';
import type { DialogueSums, Resampling } from '../../metrics/index.js';
import { HEADS } from '../../prediction/index.js';
import type { RunCard } from '../card.js';
import { headProbabilities, type SplitOutputs } from '../outputs.js';
import { type Evaluation, headScores } from '../scoring.js';
import { classF1Sums, headConfusions, intervalsOf, overSeeds, SCORES } from './scores.js';
import type { ResultRow, ScoreName, ScoreOverSeeds } from './types.js';

/** All intervals and tests see the same resamples. */
export const RESAMPLING_SEED = 1;

/** What a configuration's row has of its scores. */
export type RowScores = Pick<ResultRow, 'scores' | 'perClass' | 'confusion'>;

/**
 * Every head's scores, every class's F1, and the confusion matrix of one configuration, with their intervals.
 * @param outputs a run a seed; @param evaluations of the same split of the same runs. Nothing of no run.
 */
export const scoresOfRuns = (
  outputs: readonly SplitOutputs[],
  evaluations: readonly Pick<Evaluation, 'classHead'>[],
  resampling: Resampling,
): RowScores => scoredRuns(outputs, evaluations, resampling).scored;

/** The same, and what comparisons need: the class head's confusion matrices, a run a seed. */
export function scoredRuns(
  outputs: readonly SplitOutputs[],
  evaluations: readonly Pick<Evaluation, 'classHead'>[],
  resampling: Resampling,
): { scored: RowScores; confusions: DialogueSums[] } {
  const scores: ResultRow['scores'] = {};
  if (outputs.length === 0) return { scored: { scores, perClass: [], confusion: [] }, confusions: [] };
  const heads = outputs.map(headProbabilities);
  let confusions: DialogueSums[] = [];
  for (const head of HEADS) {
    const own = heads.flatMap((one) => one[head] ?? []);
    if (own.length < outputs.length) continue;
    const sums = own.map((one, i) => headConfusions(one, outputs[i]));
    if (head === 'classHead') confusions = sums;
    const intervals = intervalsOf(sums, resampling);
    const each = own.map((one, i) => headScores(one, outputs[i].classes));
    scores[head] = Object.fromEntries(
      SCORES.map(([name, of]): [ScoreName, ScoreOverSeeds] => {
        const interval = intervals[name];
        return [name, { ...overSeeds(each.map(of)), ...(interval && { interval }) }];
      }),
    );
  }
  const { classes } = outputs[0];
  const f1 = classF1Sums(confusions, classes, resampling);
  const classHeads = evaluations.map(({ classHead }) => classHead);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const perClass = classes.map((name, c) => ({
    class: name,
    support: classHeads[0].perClass[c].support,
    f1: f1[c],
    precision: mean(classHeads.map(({ perClass: all }) => all[c].precision)),
    recall: mean(classHeads.map(({ perClass: all }) => all[c].recall)),
  }));
  const confusion = classes.map((_, t) =>
    classes.map((_, p) => classHeads.reduce((sum, { confusion: all }) => sum + all[t][p], 0)),
  );
  return { scored: { scores, perClass, confusion }, confusions };
}

/** How tables name a run's anchors. */
export function anchorsOf({ model, anchors }: RunCard): string {
  if (model !== 'vega') return '–';
  if (anchors === null) return 'none';
  return anchors.kind === 'visual' ? `visual: ${anchors.encoder ?? 'encoder not named'}` : anchors.kind;
}

/** A model's modalities are those it has heads for; a baseline's stand in its card. */
export function modalitiesOf({ logits }: SplitOutputs, { baseline }: RunCard): Modality[] {
  const told = baseline?.modalities;
  return MODALITIES.filter((m) => logits[m] !== undefined || (Array.isArray(told) && told.includes(m)));
}
