/** Longest part of a foreign text that a sentence repeats. */
const ECHO = 80;

/**
 * A foreign text as a sentence may repeat it: in quotes, what a terminal would obey written out, and cut where it is
 * long, so that no file can fill a screen with its names.
 */
export function quote(text: string): string {
  if (text.length <= ECHO) return printable(JSON.stringify(text));
  const cut = text.slice(0, ECHO).replace(/[\ud800-\udbff]$/, '');
  return `${printable(JSON.stringify(cut)).slice(0, -1)}…" (${text.length.toLocaleString('en-US')} characters)`;
}

/** Names in quotes with commas between; the rest is counted where there are more than `most`. */
export function quoteSome(names: readonly string[], most = 8): string {
  const shown = names.slice(0, most).map(quote).join(', ');
  return names.length > most ? `${shown} and ${(names.length - most).toLocaleString('en-US')} more` : shown;
}

/** Control characters, and those that turn the direction of text: a terminal obeys them instead of showing them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for; line feed and tab are harmless.
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text that does nothing to a terminal but appear on it: commands hidden in names of classes, speakers or tensors are
 * written out as JSON would (\u001b). Whole JSON documents stay what they are.
 */
export function printable(text: string): string {
  return text.replace(COMMANDS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A remark that follows "Note: " elsewhere, as a sentence that stands by itself. */
export function asSentence(remark: string): string {
  return `${remark.slice(0, 1).toUpperCase()}${remark.slice(1).replace(/\.?$/, '.')}`;
}
