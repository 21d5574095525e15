import { escapeHtml } from '../../base/page.js';
import { type Cell, cellText, isNumeric, type Table } from '../table.js';

/** Letters of a cell that is not squeezed into a narrow column. */
const LONG = 40;

/** A table of the page, in a box of its own that scrolls where it is too wide, also by keyboard. */
export function htmlTable(table: Table): string {
  const { title, notes, head, rows, groups } = table;
  const titles = head.map(
    (text, c) => `<th scope="col"${isNumeric(table, c) ? ' class="number"' : ''}>${escapeHtml(text)}</th>`,
  );
  const lines = rows.map((row, r) => {
    const group = groups?.[r];
    const heading =
      group && group !== groups?.[r - 1]
        ? `<tr class="group"><th scope="rowgroup" colspan="${head.length}">${escapeHtml(group)}</th></tr>`
        : '';
    return `${heading}<tr>${row.map((cell, c) => htmlCell(table, cell, c)).join('')}</tr>`;
  });
  const said = notes.map((note) => `<p class="note">${escapeHtml(note)}</p>`);
  return `${scrolling(title, `<table><caption><span>${escapeHtml(title)}</span></caption><thead><tr>${titles.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>`)}${said.join('')}`;
}

function htmlCell(table: Table, cell: Cell, column: number): string {
  const text = escapeHtml(cellText(cell));
  if (column === 0) return `<th scope="row">${text}</th>`;
  if (isNumeric(table, column)) return `<td class="number">${text}</td>`;
  return text.length > LONG ? `<td class="long">${text}</td>` : `<td>${text}</td>`;
}

/** A box that scrolls sideways by itself, so that the page does not. */
export function scrolling(label: string, content: string): string {
  return `<div class="wide" role="region" tabindex="0" aria-label="${escapeHtml(label)}">${content}</div>`;
}

/** A picture with what it shows below. @param caption plain text. */
export function figure(drawing: string, caption: string): string {
  return `<figure>${drawing}<figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/** A part of a corpus's section. @param id unique in the page. */
export function part(id: string, heading: string, content: string): string {
  return `<section id="${id}" aria-labelledby="${id}-h"><h3 id="${id}-h">${escapeHtml(heading)}</h3>\n${content}\n</section>`;
}

export function paragraph(text: string, kind?: 'note'): string {
  return text === '' ? '' : `<p${kind ? ` class="${kind}"` : ''}>${escapeHtml(text)}</p>`;
}
