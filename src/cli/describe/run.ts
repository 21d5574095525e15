import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { corpusKind } from '../../corpus/index.js';
import type { Scores } from '../../metrics/index.js';
import { percent } from '../output.js';
import type { Recogniser } from './description.js';

const SPEAKERS = {
  within: 'told apart within a conversation',
  known: 'those of the corpus are known, strangers are nobody in particular',
  ignored: 'not told',
};

/** A directory with a config.json; the training room says whether it really is a run. */
export const runRecogniser: Recogniser = {
  recognises: ({ path, directory }) => directory && existsSync(join(path, 'config.json')),
  async describe(path) {
    // Loaded when there is a run to describe: it brings the compute engine with it.
    const { readLog } = await import('../../training/index.js');
    const { readRunConfig, runFile } = await import('../../run/index.js');
    const { readEvaluations } = await import('../../evaluation/index.js');
    const run = readRunConfig(path);
    const events = readLog(runFile(path, 'metrics'));
    const epoch = events.findLast(({ event }) => event === 'epoch');
    const end = events.findLast(({ event }) => event === 'end' || event === 'stopped');
    const evaluations = Object.values(readEvaluations(path));
    const { corpus, anchors, training } = run;
    const progress = {
      epochs: epoch?.epoch ?? 0,
      bestEpoch: Number(epoch?.bestEpoch ?? 0),
      bestScore: epoch === undefined ? null : Number(epoch.bestScore),
      finished: end?.event === 'end',
    };
    const state = progress.finished ? 'finished' : 'not finished; "vega-merc train … --resume" continues it';
    return {
      kind: 'a run',
      facts: [
        [corpusKind(corpus), `${corpus.name}, hash ${corpus.hash}`],
        ...(corpus.note === undefined ? [] : ([['note', corpus.note]] as [string, string][])),
        ['classes', corpus.classes.join(', ')],
        [
          'features',
          Object.entries(run.inputs)
            .map(([name, { dim, encoder }]) => `${name} ${dim}${encoder === undefined ? '' : ` (${encoder})`}`)
            .join(', '),
        ],
        ['anchors', anchors === null ? 'none' : `${anchors.encoder ?? 'encoder not said'}, dimension ${anchors.dim}`],
        ['speakers', SPEAKERS[training.speakers]],
        ['settings', `preset ${run.preset}, hidden ${training.hidden}, seed ${training.seed}`],
        ['state', `${state}; epoch ${progress.epochs} of at most ${training.epochs}`],
        [
          'selection',
          progress.bestScore === null
            ? run.selection
            : `${run.selection}: epoch ${progress.bestEpoch}, weighted F1 ${percent(progress.bestScore)} on ${training.select}`,
        ],
      ],
      tables: evaluations.map(({ split, classHead, anchorHead }) => ({
        title: `Scores on ${split} (${run.selection})`,
        head: ['head', 'weighted F1', 'macro F1', 'accuracy'],
        rows: [scoreRow('class head', classHead), ...(anchorHead ? [scoreRow('anchor head', anchorHead)] : [])],
      })),
      json: { ...run, progress, evaluations },
    };
  },
};

function scoreRow(name: string, { weightedF1, macroF1, accuracy }: Scores): string[] {
  return [name, percent(weightedF1), percent(macroF1), percent(accuracy)];
}
