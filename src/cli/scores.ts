import { MODALITIES } from '../base/modalities.js';
import { corpusKind } from '../corpus/index.js';
import type { AcrossResults, Evaluation } from '../evaluation/index.js';
import type { Scores } from '../metrics/index.js';
import { count, formatTable, percent, print } from './output.js';

/** Prints the scores of a split: every head and mixture, then classes and confusion matrix of the class head. */
export function printEvaluation(evaluation: Evaluation): void {
  const { corpus, split, selection, utterances, gate } = evaluation;
  const kind = corpusKind(corpus);
  const how = selection === undefined ? '' : ` (${selection})`;
  print(`\n${kind} "${corpus.name}", ${split} split${how}: ${count(utterances)} labelled utterances`);
  if (corpus.note) print(`Note: ${corpus.note}`);
  print(
    formatTable(
      ['head', 'weighted F1', 'macro F1', 'accuracy', 'utterances'],
      heads(evaluation).map(([name, { weightedF1, macroF1, accuracy, perClass }]) => [
        name,
        ...[weightedF1, macroF1, accuracy].map(percent),
        perClass.reduce((sum, { support }) => sum + support, 0),
      ]),
    ),
  );
  if (gate) print(`The average gives the class head a share of ${percent(gate.share)} %, ${gate.origin}.`);
  const { perClass, confusion } = evaluation.classHead;
  print('\nClass head, by class');
  print(
    formatTable(
      ['class', 'precision', 'recall', 'F1', 'support'],
      perClass.map((row) => [row.class, percent(row.precision), percent(row.recall), percent(row.f1), row.support]),
    ),
  );
  print('\nClass head, confusion matrix (a row a true class, a column a predicted one)');
  print(
    formatTable(
      ['', ...perClass.map((row) => row.class)],
      confusion.map((row, c) => [perClass[c].class, ...row]),
    ),
  );
}

/** Prints how runs do among classes that are given by faces alone. */
export function printAcross(results: AcrossResults): void {
  const { corpus, split, utterances, dialogues, runs, scores, weightedF1, area, areas, classes } = results;
  const shown = ({ estimate, lower, upper }: AcrossResults['area']) => [
    percent(estimate),
    `${percent(lower)} to ${percent(upper)}`,
  ];
  print(
    `\n${corpusKind(corpus)} "${corpus.name}", ${split} split, zero-shot: its classes are given by faces alone; ` +
      `${count(utterances)} labelled utterances in ${count(dialogues)} dialogues, ${runs.length === 1 ? 'one run' : `${runs.length} runs`}`,
  );
  if (corpus.note) print(`Note: ${corpus.note}`);
  const mean = (values: number[]) => percent(values.reduce((a, b) => a + b, 0) / values.length);
  print(
    formatTable(
      ['class', 'AUC by similarity', '95 % interval', 'F1', 'utterances'],
      [
        ...areas.map(({ class: name, area: own, utterances: n }) => [
          name,
          ...shown(own),
          mean(scores.map(({ perClass }) => perClass[classes.indexOf(name)].f1)),
          n,
        ]),
        ['mean, weighted F1', ...shown(area), percent(weightedF1.mean), utterances],
      ],
    ),
  );
  if (runs.length > 1) print(`Standard deviation of weighted F1 over runs: ${percent(weightedF1.sd)}`);
}

/** The scored outputs by the names that tables give them. */
function heads({ classHead, anchorHead, average, maximum, modalities }: Evaluation): [string, Scores][] {
  const own = MODALITIES.flatMap((modality): [string, Scores | undefined][] => [
    [`${modality}, class head`, modalities[modality]?.classHead],
    [`${modality}, anchor head`, modalities[modality]?.anchorHead],
  ]);
  const all: [string, Scores | undefined][] = [
    ['class head', classHead],
    ['anchor head', anchorHead],
    ['average of both', average],
    ['surer of both', maximum],
    ...own,
  ];
  return all.flatMap(([name, scores]): [string, Scores][] => (scores === undefined ? [] : [[name, scores]]));
}
