import { describe, expect, it } from 'vitest';
import { csv } from '../../src/report/formats/csv.js';
import { tablesJson } from '../../src/report/formats/json.js';
import { latexTable } from '../../src/report/formats/latex.js';
import { markdownTable } from '../../src/report/formats/markdown.js';
import { type Cell, cellText, type Table } from '../../src/report/table.js';

const table: Table = {
  key: 'results',
  corpus: 'toy_corpus',
  title: 'Scores, 50 % of "toy"',
  notes: ['Say <b> & | it.'],
  head: ['configuration', 'weighted F1', 'interval', 'runs', 'difference', 'p'],
  rows: [
    [
      'a, "quoted" | <x>',
      { mean: 0.61254, sd: 0.0051, unit: 'percent' },
      { lower: 0.6, upper: 0.625, unit: 'percent' },
      { values: [0.61, 0.615], unit: 'percent' },
      null,
      { p: Number.NaN },
    ],
    [
      'without_b & 100%',
      { mean: Number.NaN, sd: null, unit: 'percent' },
      null,
      { values: [], unit: 'percent' },
      { mean: -0.0071, sd: null, unit: 'points' },
      { p: 0.0002 },
    ],
  ],
  groups: ['one', 'two'],
};

describe('cellText', () => {
  it.each<[Cell, string]>([
    [null, '–'],
    [Number.NaN, '–'],
    [13708, '13,708'],
    [{ mean: 0.6127, sd: 0.0049, unit: 'percent' }, '61.3 ± 0.5'],
    [{ mean: 0.6127, sd: null, unit: 'percent' }, '61.3'],
    [{ mean: 0.0071, sd: null, unit: 'points' }, '+0.7'],
    [{ mean: -0.0001, sd: null, unit: 'points' }, '0.0'],
    [{ mean: 0.6071, sd: 0.01, unit: 'plain' }, '0.607 ± 0.010'],
    [{ lower: -0.012, upper: 0.004, unit: 'points' }, '−1.2 to +0.4'],
    [{ values: [0.5, Number.NaN], unit: 'percent' }, '50.0, –'],
    [{ p: 0.0312 }, '0.031'],
    [{ p: 0.00009 }, '< 0.001'],
  ])('%j reads %s', (cell, text) => {
    expect(cellText(cell)).toBe(text);
  });
});

describe('formats of a table', () => {
  it('Markdown: groups in rows of their own, nothing that turns into markup', () => {
    expect(markdownTable(table)).toBe(
      [
        '| configuration | weighted F1 | interval | runs | difference | p |',
        '|---|---:|---:|---:|---:|---:|',
        '| **one** |  |  |  |  |  |',
        '| a, "quoted" \\| \\<x> | 61.3 ± 0.5 | 60.0 to 62.5 | 61.0, 61.5 | – | – |',
        '| **two** |  |  |  |  |  |',
        '| without_b & 100% | – | – | – | −0.7 | < 0.001 |'.replace('<', '\\<'),
        '',
        'Say \\<b> & \\| it.',
      ].join('\n'),
    );
  });

  it('LaTeX: escaped, with booktabs', () => {
    const text = latexTable(table);
    expect(text).toContain('\\caption{Scores, 50 \\% of "toy"}');
    expect(text).toContain('\\label{tab:toy-corpus-results}');
    expect(text).toContain('\\begin{tabular}{lrrrrr}');
    expect(text).toContain('without\\_b \\& 100\\% & -- & -- & -- & $-$0.7 & \\textless{} 0.001 \\\\');
    expect(text).toContain('61.3 $\\pm$ 0.5');
    expect(text).toContain('\\midrule\n    \\multicolumn{6}{l}{\\emph{two}} \\\\');
  });

  it('CSV: a number a cell, quotes doubled, what was not measured empty', () => {
    expect(csv(table).trimEnd().split('\n')).toEqual([
      'group,configuration,weighted F1,"weighted F1, sd","interval, lower","interval, upper",runs,difference,p',
      'one,"a, ""quoted"" | <x>",61.254,0.51,60,62.5,61 61.5,,',
      'two,without_b & 100%,,,,,,-0.71,0.0002',
    ]);
  });

  it('JSON: an object a row, null for what was not measured', () => {
    const { tables, format } = JSON.parse(tablesJson({ selection: 'validation-selected' }, [table]));
    expect(format).toBe('vega-merc-tables');
    expect(tables[0].rows[1]).toEqual({
      group: 'two',
      configuration: 'without_b & 100%',
      'weighted F1': null,
      'weighted F1, sd': null,
      'interval, lower': null,
      'interval, upper': null,
      runs: '',
      difference: -0.71,
      p: 0.0002,
    });
  });
});

describe('names that a program would obey', () => {
  const evil = (first: string): Table => ({
    key: 'k',
    title: 't',
    notes: [],
    head: ['class', 'F1'],
    rows: [
      [first, -0.5],
      ['b', 1],
    ],
  });

  it.each(['=HYPERLINK("http://x")', '+1+cmd', '-2+3|x', '@SUM(A1)', '\t=1'])(
    'CSV: %j stays text in a spreadsheet',
    (name) => {
      const line = csv(evil(name)).split('\n').slice(1).join('\n');
      expect(line).toMatch(/^"?'/);
      // Numbers stay numbers.
      expect(line).toContain(',-0.5');
    },
  );

  it('CSV: lists of numbers stay what they are', () => {
    const runs: Table = {
      ...evil('a'),
      head: ['x', 'runs'],
      rows: [['a', { values: [-0.01, 0.02], unit: 'percent' }]],
    };
    expect(csv(runs)).toContain('a,-1 2');
  });

  it.each(['[5cm] joy', '*joy'])('LaTeX: %j after a row is no argument of it', (name) => {
    const text = latexTable({ ...evil(name), groups: ['[g]', '[h]'] });
    expect(text).toContain(`    {}${name} & `);
    expect(text).not.toMatch(/(\\\\|\\midrule|\\toprule)\s*[[*]/);
  });

  it('LaTeX: an empty line in a name ends no paragraph', () => {
    expect(latexTable(evil('a\n\nb'))).toContain('    a b & ');
  });
});
