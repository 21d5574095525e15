import { cellText, isNumeric, type Table } from '../table.js';

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  '%': '\\%',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '±': '$\\pm$',
  '−': '$-$',
  '×': '$\\times$',
  '–': '--',
  '→': '$\\rightarrow$',
};

/** Text as it may stand in LaTeX. */
export function escapeLatex(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\{}$&#%_~^<>±−×–→]/g, (character) => SPECIAL[character]);
}

/** The row before ends in `\\` (or `\midrule`), which would take a bracket or a star for its own: an empty group keeps them apart. */
const startOfRow = (cell: string): string => (/^\s*[[*]/.test(cell) ? `{}${cell}` : cell);

/** A table as LaTeX (package booktabs) with its title as caption and its notes below. */
export function latexTable(table: Table): string {
  const { key, corpus, title, notes, head, groups } = table;
  const line = (cells: readonly string[]) =>
    `    ${startOfRow(cells[0] ?? '')}${cells
      .slice(1)
      .map((cell) => ` & ${cell}`)
      .join('')} \\\\`;
  const rows = table.rows.flatMap((row, r) => {
    const cells = line(row.map((cell) => escapeLatex(cellText(cell))));
    const group = groups?.[r];
    if (!group || group === groups?.[r - 1]) return [cells];
    const name = `    \\multicolumn{${head.length}}{l}{\\emph{${escapeLatex(group)}}} \\\\`;
    return r === 0 ? [name, cells] : ['    \\midrule', name, cells];
  });
  const label = [corpus, key]
    .filter((part) => part !== undefined)
    .join('-')
    .replace(/[^A-Za-z0-9-]+/g, '-');
  return [
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${escapeLatex(title)}}`,
    `  \\label{tab:${label}}`,
    `  \\begin{tabular}{${head.map((_, c) => (isNumeric(table, c) ? 'r' : 'l')).join('')}}`,
    '    \\toprule',
    line(head.map(escapeLatex)),
    '    \\midrule',
    ...rows,
    '    \\bottomrule',
    '  \\end{tabular}',
    ...notes.map((note) => `  \\par\\footnotesize ${escapeLatex(note)}`),
    '\\end{table}',
  ].join('\n');
}
