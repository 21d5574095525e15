import { cellText, isNumeric, type Table } from '../table.js';

/** A table as Markdown, with its notes below; a group's name stands in a row of its own. */
export function markdownTable(table: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rules = table.head.map((_, c) => (isNumeric(table, c) ? '---:' : '---'));
  const rows = table.rows.flatMap((row, r) => {
    const cells = line(row.map((cell) => escapeMarkdown(cellText(cell))));
    const group = table.groups?.[r];
    if (!group || group === table.groups?.[r - 1]) return [cells];
    return [line([`**${escapeMarkdown(group)}**`, ...row.slice(1).map(() => '')]), cells];
  });
  const notes = table.notes.map((note) => `\n${escapeMarkdown(note)}`);
  return [line(table.head.map(escapeMarkdown)), `|${rules.join('|')}|`, ...rows, ...notes].join('\n');
}

/** Text that must not turn into markup, and must stay in its cell. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*|<[\]]/g, '\\$&')
    .replace(/(?<=^|\s)_|_(?=\s|$)/g, '\\_');
}
