/** Hues that stay apart for most colour-blind readers (Okabe & Ito, extended); they repeat after ten. */
const COLOURS = [
  '#0072b2',
  '#e69f00',
  '#009e73',
  '#cc79a7',
  '#d55e00',
  '#56b4e9',
  '#b8a800',
  '#7a5195',
  '#7f7f7f',
  '#8c564b',
];

/** The colour of class c, or of the c-th line of a chart. */
export function classColour(c: number): string {
  return COLOURS[c % COLOURS.length];
}

/** Text as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
