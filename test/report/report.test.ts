import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExperimentResults, readCard, readOutputs } from '../../src/evaluation/index.js';
import { browseDialogues, confidentMistakes, facesOf } from '../../src/report/dialogues.js';
import {
  csvFiles,
  jsonDocument,
  latexDocument,
  markdownDocument,
  openSubject,
  type Reference,
  reportPage,
} from '../../src/report/index.js';
import { corpusPage } from '../../src/report/page/corpus.js';
import { dialogueSection } from '../../src/report/page/dialogues.js';
import { type Chosen, chosenRow } from '../../src/report/reading.js';
import { vegaMerc } from '../cli/vega-merc.js';
import { makeExperiment } from './experiment.js';

let root: string;
let made: { experiment: string; run: string; results: ExperimentResults };

const reference: Reference = {
  what: 'Another program.',
  seeds: [1, 2],
  notes: { sample: 'Told.', other: 'Not told.' },
  scores: [{ corpus: 'sample', anchors: true, weightedF1: [50, 1], macroF1: [80, 1], accuracy: [90, 1] }],
};

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'vega-report-'));
  made = await makeExperiment(root);
}, 120_000);
afterAll(() => rmSync(root, { recursive: true }));

describe('a run as an experiment', () => {
  it('has the scores of its card, each within its interval', () => {
    const { results } = openSubject(made.run);
    const [row] = results.rows;
    const card = readCard(made.run)?.splits.test;
    expect(row.scores.classHead?.weightedF1?.mean).toBeCloseTo(card?.classHead.weightedF1 as number, 12);
    expect(row.scores.visualAnchor?.uar?.mean).toBeCloseTo(card?.modalities.visual?.anchorHead?.uar as number, 12);
    expect(row.perClass.map(({ f1 }) => f1.mean)).toEqual(card?.classHead.perClass.map(({ f1 }) => f1));
    expect(row.scores.classHead?.ece?.mean).toBe(card?.classHead.calibration.ece);
    for (const { accuracy } of Object.values(row.scores)) {
      expect(accuracy?.interval?.lower).toBeLessThanOrEqual(accuracy?.mean as number);
      expect(accuracy?.interval?.upper).toBeGreaterThanOrEqual(accuracy?.mean as number);
    }
    // A class that every resample gets right, or wrong, is not known for certain.
    for (const { f1 } of row.perClass) expect(f1.interval?.lower).toBeLessThan(f1.interval?.upper as number);
    expect(results.corpora[0].splits).toMatchObject({
      train: { dialogues: 40 },
      test: { dialogues: 12, utterances: 117 },
    });
    expect(row.settings).toEqual(['preset=small', 'hidden=16', 'batchSize=20', 'lr=0.01', 'epochs=3']);
  });

  it('without scores of its test split is refused in a sentence', () => {
    const empty = join(root, 'no-scores');
    mkdirSync(empty);
    cpSync(join(made.run, 'config.json'), join(empty, 'config.json'));
    expect(() => openSubject(empty)).toThrow('has no scores of its test split yet; run "vega-merc evaluate');
    expect(() => openSubject(join(root, 'corpus'))).toThrow('is neither a run nor an experiment');
    expect(() => openSubject(join(root, 'nowhere'))).toThrow('there is no such run or experiment directory');
  });
});

describe('which configuration stands for a corpus', () => {
  it('the one that others are compared with, else the best on the selecting split', () => {
    const { results } = made;
    const [corpus] = results.corpora;
    expect(chosenRow(results, corpus)).toMatchObject({
      row: { configuration: 'vega' },
      why: 'the reference configuration',
    });
    const rows = results.rows.map(({ comparison: _, ...row }, i) => ({
      ...row,
      runs: row.runs.map((run) => ({ ...run, selectionScore: i })),
    }));
    expect(chosenRow({ ...results, rows }, corpus)).toMatchObject({
      row: { configuration: 'without <anchors>' },
      why: 'the configuration with the best validation score',
    });
  });
});

describe('documents', () => {
  it('Markdown says command, selection, seeds, notes, resampling, machine, every run, and what stands beside', () => {
    const experiment = openSubject(made.experiment);
    const text = markdownDocument([experiment, openSubject(made.run)], 'the command', reference);
    const { mean, sd, values } = made.results.rows[0].scores.classHead?.macroF1 ?? { mean: 0, sd: 0, values: [] };
    const percent = (score: number) => (100 * score).toFixed(1);
    for (const said of [
      'Written by `the command`',
      'validation-selected',
      'Seeds 1, 2.',
      'Synthetic corpus.',
      'Labels mapped: happy → joy.',
      'Labels dropped: contempt',
      '10,000 resamples, seed 1',
      made.results.machine.cpu,
      'Told.',
      'PyTorch: Another program.',
      '“text anchors” could not be run',
      "**paper's ablations**",
      '| without \\<anchors> | – | none | text + audio + visual | preset=small,',
      '| −2.1 | −5.0 to +0.8 | 0.062 | 0.031 |',
      '| dropped | vega: audio |',
      '| 50 % | 45.0 ± 1.0 |',
      '| 7 / 12, 9 / 9 | 0.359, 1.000 |',
      `| vega | macro F1 | ${percent(mean)} ± ${percent(sd as number)} | ${values.map(percent).join(', ')} | 80.0 ± 1.0 | −`,
      '## vega-1',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toContain('Not told.');
    expect(text).toContain('In common: Modalities: text + audio + visual. Settings: preset=small, hidden=16,');
    const other = markdownDocument([experiment], 'c', { ...reference, seeds: [1, 2, 3] });
    expect(other).not.toContain('PyTorch');
  });

  it('CSV files parse, one a table; JSON and LaTeX hold the same tables', () => {
    const experiment = openSubject(made.experiment);
    const files = csvFiles(experiment);
    expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
    const [row] = parse(files.find(({ name }) => name === 'sample-results.csv')?.content as string, {
      columns: true,
      from_line: 1,
    }) as Record<string, string>[];
    expect(row).toMatchObject({ group: 'method', configuration: 'vega' });
    expect(Number(row['weighted F1'])).toBeCloseTo(
      100 * (made.results.rows[0].scores.classHead?.weightedF1?.mean ?? 0),
      3,
    );
    const { tables, selection } = JSON.parse(jsonDocument(experiment));
    expect(selection).toBe('validation-selected');
    expect(tables).toHaveLength(files.length);
    expect(latexDocument(experiment).match(/\\begin\{table\}/g)).toHaveLength(files.length);
  });
});

describe('what could not be measured', () => {
  it('is a dash in every document', () => {
    const opened = openSubject(made.experiment);
    const [row, ...others] = opened.results.rows;
    const nothing = { mean: Number.NaN, sd: null, values: [Number.NaN, Number.NaN] };
    const rows = [{ ...row, scores: { classHead: { weightedF1: nothing } } }, ...others];
    const experiment = { ...opened, results: { ...opened.results, rows } };
    expect(markdownDocument([experiment], 'c')).toContain('| vega | – | – | –, – |');
    expect(reportPage(experiment).html).toContain('<b>– %</b>');
    expect(JSON.stringify(JSON.parse(jsonDocument(experiment)))).not.toContain('NaN');
  });
});

describe('the dialogues of a report', () => {
  it('come with the most confident mistake first, with texts, opinions and faces', () => {
    const outputs = readOutputs(made.run, 'test');
    if (!outputs) throw new Error('The run has no outputs.');
    const browser = browseDialogues(outputs);
    const worst = browser.dialogues.map((dialogue) => dialogue.worst);
    expect(worst).toEqual(worst.toSorted((a, b) => b - a));
    expect(confidentMistakes(browser, 1)[0]).toMatchObject({
      id: browser.dialogues[0].id,
      utterance: { confidence: worst[0] },
    });
    expect(browser.opinions).toEqual(['classHead', 'anchorHead', 'text', 'audio', 'visual']);
    const utterances = browser.dialogues.flatMap((dialogue) => dialogue.utterances);
    expect(utterances).toHaveLength(117);
    const absent = utterances.filter(({ opinions }) => opinions[3] === null).length;
    expect(absent).toBe(outputs.present.audio?.filter((one) => one === 0).length);
    for (const { opinions } of utterances)
      for (const row of opinions)
        if (row)
          expect(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1000)).toBeLessThanOrEqual(browser.classes.length);
    expect(facesOf(browser, undefined, 1e6).size).toBe(0);
  });

  it('are shown without texts where the corpus has gone, and the page says so', () => {
    const moved = join(root, 'moved', 'deeper', 'experiment');
    cpSync(made.experiment, moved, { recursive: true });
    const { html, notes } = reportPage(openSubject(moved));
    expect(notes).toEqual([
      'Corpus “sample” is not where it was, so its dialogues are shown without texts and speakers.',
    ]);
    expect(html).toContain(notes[0]);
    rmSync(join(moved, 'runs'), { recursive: true });
    expect(reportPage(openSubject(moved)).notes).toEqual([
      'The outputs of run runs/vega-1 are gone, so no dialogue can be shown.',
    ]);
  });
});

describe('vega-merc report', () => {
  it('writes report.html beside what it is about, and tables to where they are wanted', () => {
    const { status, stderr } = vegaMerc(['report', made.run]);
    expect([status, stderr]).toEqual([0, expect.stringMatching(/report\.html: \d\.\d MB\.\n$/)]);
    expect(readFileSync(join(made.run, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/);
    vegaMerc(['report', made.experiment, '--format', 'csv', '--out', join(root, 'tables')]);
    expect(readdirSync(join(root, 'tables'))).toContain('sample-drops.csv');
    const out = join(root, 'results.md');
    vegaMerc(['report', made.experiment, made.run, '--format', 'markdown', '--out', out]);
    expect(readFileSync(out, 'utf8')).toContain(
      `Written by \`vega-merc report ${made.experiment} ${made.run} --format markdown`,
    );
  }, 120_000);

  it('refuses several where one page is to be written', () => {
    const { status, stderr } = vegaMerc(['report', made.experiment, made.run]);
    expect([status, stderr]).toEqual([2, expect.stringContaining('with --format markdown only')]);
  });
});

describe('the size of a page', () => {
  it('is kept by leaving out the dialogues with the least confident mistakes, and saying so', () => {
    const experiment = openSubject(made.experiment);
    const [corpus] = experiment.results.corpora;
    const page = corpusPage(experiment, corpus, chosenRow(experiment.results, corpus) as Chosen, 'c');
    const whole = dialogueSection(page, 1e6);
    const part = dialogueSection(page, 10_000);
    expect(whole.notes).toEqual([]);
    expect(part.notes[0]).toMatch(/^\d of 12 dialogues are in the page, those with the most confident mistakes/);
    expect(whole.html.length - part.html.length).toBeGreaterThan(5_000);
  });
});
