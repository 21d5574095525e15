import { MODALITIES, type Modality } from '../../base/modalities.js';
import type { DialogueSums, Resampling } from '../../metrics/index.js';
import { HEADS } from '../../prediction/index.js';
import type { RunCard } from '../card.js';
import type { SplitOutputs } from '../outputs.js';
import type { Evaluation } from '../scoring.js';
import { classF1Sums, headConfusions, intervalsOf, overSeeds, SCORES } from './scores.js';
import type { ResultRow, ScoreName, ScoreOverSeeds } from './types.js';

/** All intervals and tests see the same resamples. */
export const RESAMPLING_SEED = 1;

/**
 * Every head's scores, every class's F1, and the confusion matrix of one configuration, with their intervals.
 * @param outputs a run a seed; @param evaluations of the same split of the same runs. Nothing of no run.
 */
export function scoresOfRuns(
  outputs: readonly SplitOutputs[],
  evaluations: readonly Pick<Evaluation, 'classHead'>[],
  resampling: Resampling,
): Pick<ResultRow, 'scores' | 'perClass' | 'confusion'> {
  const scores: ResultRow['scores'] = {};
  if (outputs.length === 0) return { scores, perClass: [], confusion: [] };
  for (const head of HEADS) {
    const sums = outputs.flatMap((one) => headConfusions(one, head) ?? []);
    if (sums.length < outputs.length) continue;
    const intervals = intervalsOf(sums, resampling);
    const each = SCORES.map(({ name, of }): [ScoreName, ScoreOverSeeds] => {
      const interval = intervals[name];
      return [name, { ...overSeeds(outputs.map((one) => of(one, head))), ...(interval && { interval }) }];
    });
    scores[head] = Object.fromEntries(each);
  }
  const { classes } = outputs[0];
  const confusions = outputs.map((one) => headConfusions(one, 'classHead') as DialogueSums);
  const f1 = classF1Sums(confusions, classes, resampling);
  const heads = evaluations.map(({ classHead }) => classHead);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return {
    scores,
    perClass: classes.map((name, c) => ({
      class: name,
      support: heads[0].perClass[c].support,
      f1: f1[c],
      precision: mean(heads.map(({ perClass }) => perClass[c].precision)),
      recall: mean(heads.map(({ perClass }) => perClass[c].recall)),
    })),
    confusion: classes.map((_, t) =>
      classes.map((_, p) => heads.reduce((sum, { confusion }) => sum + confusion[t][p], 0)),
    ),
  };
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
