import { escapeHtml } from '../../base/page.js';
import { corpusKind } from '../../corpus/index.js';
import { type ExperimentCorpus, type Head, type OpenedExperiment, SCORE_NAMES } from '../../evaluation/index.js';
import {
  type CalibrationLine,
  classChart,
  coverageChart,
  differenceChart,
  dropChart,
  LEAST_IN_BIN,
  learningCurves,
  reliabilityChart,
} from '../charts/charts.js';
import { type Chosen, corpusNotes, HEAD_NAMES, plural, rowsOf, SCORE_TITLES, scoredSplit } from '../reading.js';
import { besideTable, type Reference, referenceNotes } from '../reference.js';
import { type Shown, showRuns } from '../shown.js';
import { cellText, percent } from '../table.js';
import { resultsTable } from '../tables/results.js';
import { dropsTable, mcnemarTable, runsTable } from '../tables/runs.js';
import { chosenHeadsTable, classesTable, headsTable, scoresTable } from '../tables/scores.js';
import { confusionFigure } from './confusion.js';
import { figure, htmlTable, paragraph, part } from './html.js';

/** A corpus of an experiment as the sections of a page have it. */
export interface CorpusPage {
  experiment: OpenedExperiment;
  corpus: ExperimentCorpus;
  chosen: Chosen;
  shown: Shown;
  /** Prefix of its ids. */
  id: string;
}

export function corpusPage(
  experiment: OpenedExperiment,
  corpus: ExperimentCorpus,
  chosen: Chosen,
  id: string,
): CorpusPage {
  return { experiment, corpus, chosen, shown: showRuns(experiment, corpus, chosen), id };
}

/** The sections of a corpus before its dialogues. */
export function corpusSections(page: CorpusPage, reference?: Reference): string {
  return [
    headline(page, reference),
    configurations(page, reference),
    heads(page),
    learning(page),
    classes(page),
    calibration(page),
    drops(page),
  ].join('\n');
}

function headline({ experiment: { results }, corpus, chosen }: CorpusPage, reference?: Reference): string {
  const { row, why } = chosen;
  const score = row.scores.classHead?.weightedF1;
  const others = SCORE_NAMES.filter((name) => name !== 'weightedF1' && row.scores.classHead?.[name]).map((name) => {
    const value = row.scores.classHead?.[name];
    const unit = name === 'brier' ? 'plain' : 'percent';
    const text = value ? cellText({ mean: value.mean, sd: value.sd, unit }) : '–';
    return `<div><dt>${SCORE_TITLES[name]}</dt><dd>${escapeHtml(text)}</dd></div>`;
  });
  const runs =
    score && score.values.length > 1
      ? ` Mean of ${plural(score.values.length, 'run')}: ${score.values.map(percent).join(', ')}.`
      : ' One run, one seed.';
  const interval = score?.interval
    ? `95 % interval ${percent(score.interval.lower)} to ${percent(score.interval.upper)}`
    : 'no interval';
  return `<div class="headline"><p class="score"><b>${percent(score?.mean ?? Number.NaN)} %</b> weighted F1 <span>${interval}</span> <em class="badge">${results.selection}</em>${kindBadge(corpus)}</p>
<p>Class head of “${escapeHtml(row.configuration)}” (${escapeHtml(why)}) on the ${results.split === 'valid' ? 'validation' : 'test'} split: ${plural(row.utterances, 'labelled utterance')} in ${plural(row.dialogues, 'dialogue')}.${runs}</p>
<dl class="scores">${others.join('')}</dl></div>
${facts(corpus, row.anchors, row.modalities.join(' + ') || '–')}
${[...corpusNotes(corpus), ...referenceNotes(reference, corpus)].map((note) => `<p class="warning">${escapeHtml(note)}</p>`).join('')}`;
}

/** Beside the score and as large as its unit: what kind of corpus it is a score of. */
function kindBadge(corpus: ExperimentCorpus): string {
  const kind = corpusKind(corpus);
  return kind === 'corpus' ? '' : ` <strong class="kind">${escapeHtml(kind)}: says nothing about people</strong>`;
}

function facts(corpus: ExperimentCorpus, anchors: string, modalities: string): string {
  const sizes = Object.entries(corpus.splits).map(
    ([split, size]) =>
      `${split === 'valid' ? 'validation' : split} ${plural(size.utterances, 'utterance')} in ${plural(size.dialogues, 'dialogue')}`,
  );
  const rows = [
    ['Corpus', corpus.title],
    ['Labelled', sizes.join('; ')],
    ['Classes, in order', corpus.classes.join(', ')],
    ['Modalities', modalities],
    ['Anchors', anchors],
    ['Hash of the corpus', corpus.hash],
  ];
  return `<dl class="facts">${rows.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`;
}

function configurations({ experiment: { results }, corpus, id }: CorpusPage, reference?: Reference): string {
  const rows = rowsOf(results, corpus);
  const beside = reference && besideTable(results, corpus, reference);
  if (rows.length < 2) return beside ? part(`${id}-ablation`, 'Beside PyTorch', htmlTable(beside)) : '';
  const compared = rows.filter(({ comparison }) => comparison);
  const caption = `Difference of weighted F1 to the reference, in percentage points, with 95 % intervals; ${results.selection}. Filled: significant at 5 % after Holm's correction.`;
  const mcnemar = mcnemarTable(results, corpus);
  const tables = [resultsTable(results, corpus), ...(beside ? [beside] : []), scoresTable(results, corpus)].map(
    htmlTable,
  );
  const chart =
    compared.length > 0 ? `<div class="figures">${figure(differenceChart(compared, caption), caption)}</div>` : '';
  return part(
    `${id}-ablation`,
    'Configurations compared',
    `${tables[0]}${chart}${tables.slice(1).join('')}${mcnemar ? folded("McNemar's test, seed by seed", htmlTable(mcnemar)) : ''}${folded('Settings and runs', htmlTable(runsTable(results, corpus)))}`,
  );
}

const folded = (title: string, content: string): string =>
  `<details class="more"><summary>${escapeHtml(title)}</summary>${content}</details>`;

function heads({ experiment: { results }, corpus, chosen, id }: CorpusPage): string {
  const all =
    rowsOf(results, corpus).length > 1
      ? folded('Heads of all configurations', htmlTable(headsTable(results, corpus)))
      : '';
  const settings = all === '' ? folded('Settings and run', htmlTable(runsTable(results, corpus))) : '';
  return part(`${id}-heads`, 'Heads', `${htmlTable(chosenHeadsTable(results, corpus, chosen))}${all}${settings}`);
}

function learning({ experiment: { results }, chosen, shown, id }: CorpusPage): string {
  if (shown.logs.length === 0)
    return part(
      `${id}-learning`,
      'Learning curves',
      paragraph('There are none: no metrics.jsonl of these runs was found.'),
    );
  const split = results.selection === 'test-selected' ? 'test' : 'validation';
  const score = `Weighted F1 of the class head on the ${split} split by epoch, “${chosen.row.configuration}”, ${results.selection}; the kept epoch is drawn larger.`;
  const loss = `Training loss by epoch, “${chosen.row.configuration}”; the kept epoch is drawn larger.`;
  const drawn = [
    figure(learningCurves(shown.logs, 'weightedF1', score), score),
    figure(learningCurves(shown.logs, 'loss', loss), loss),
  ];
  return part(`${id}-learning`, 'Learning curves', `<div class="figures">${drawn.join('')}</div>`);
}

function classes({ experiment: { results }, corpus, chosen, id }: CorpusPage): string {
  const caption = `F1 of every class (utterances), class head of “${chosen.row.configuration}”, ${scoredSplit(results)}, with 95 % intervals (Wilson's over dialogues where no resample made a difference).${chosen.row.seeds.length > 1 ? ' Small strokes are single seeds.' : ''}`;
  const chart = figure(classChart(chosen.row, caption), caption);
  const confusion = confusionFigure(corpus, chosen, scoredSplit(results));
  return `${part(`${id}-classes`, 'Classes', `<div class="figures">${chart}<div>${htmlTable(classesTable(results, corpus, chosen))}</div></div>`)}
${part(`${id}-confusion`, 'Confusion matrix', confusion)}`;
}

function calibration({ experiment: { results }, shown, id }: CorpusPage): string {
  const scored = shown.card?.splits[results.split];
  const lines = (['classHead', 'anchorHead', 'average'] as const satisfies readonly Head[]).flatMap(
    (head): CalibrationLine[] => {
      const calibration = scored?.[head]?.calibration;
      return calibration ? [{ name: HEAD_NAMES[head], ...calibration }] : [];
    },
  );
  if (lines.length === 0)
    return part(`${id}-calibration`, 'Reliability', paragraph(`The card of run ${shown.directory} is gone.`));
  const which = `seed ${shown.seed}, ${scoredSplit(results)}`;
  const reliability = `Reliability diagram, ${which}: accuracy against confidence, 15 bins, of which neighbours with fewer than ${LEAST_IN_BIN} utterances are drawn as one. On the diagonal a head is as sure as it is right; below it, too sure. Larger marks hold more utterances.`;
  const coverage = `Coverage and accuracy, ${which}: how often a head is right on the utterances that it is surest of.`;
  return part(
    `${id}-calibration`,
    'Reliability',
    `<div class="figures">${figure(reliabilityChart(lines, reliability), reliability)}${figure(coverageChart(lines, coverage), coverage)}</div>`,
  );
}

function drops({ experiment: { results }, corpus, id }: CorpusPage): string {
  const table = dropsTable(results, corpus);
  if (!table) return '';
  const own = results.drops.filter((drop) => drop.corpus === corpus.name);
  const charts = [...new Set(own.map(({ configuration }) => configuration))].map((name) => {
    const caption = `Weighted F1 of “${name}” when a modality is taken from a share of the test utterances; mean over seeds, ${results.selection}.`;
    return figure(
      dropChart(
        own.filter(({ configuration }) => configuration === name),
        caption,
      ),
      caption,
    );
  });
  return part(`${id}-drops`, 'Dropped modalities', `<div class="figures">${charts.join('')}</div>${htmlTable(table)}`);
}
