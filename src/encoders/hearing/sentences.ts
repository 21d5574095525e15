/** Of the words, so many must be the same in the parts as in the whole. */
const LEAST_SAME = 0.8;

/** How many sentences a recognised text has, by its punctuation. */
export function sentencesIn(text: string): number {
  return text.split(/[.?!…]+(?:\s+|$)/).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence)).length;
}

/**
 * Whether a text may be cut so: the first part ends a sentence of the whole, and both parts together say the same.
 * A word that is cut in two, or loses its sentence, is heard otherwise.
 * @param before what was heard of the sound before the cut; @param after of that after it; @param whole of all of it.
 */
export function isWhole(before: string, after: string, whole: string): boolean {
  const [first, second, all] = [before, after, whole].map(wordsOf);
  if (first.length === 0 || second.length === 0) return false;
  const parts = [...first, ...second];
  if (parts.length !== all.length || !endsSentence(whole, first.length)) return false;
  return parts.filter((word, i) => word === all[i]).length >= LEAST_SAME * all.length;
}

/** Does a sentence end after so many words? */
function endsSentence(text: string, words: number): boolean {
  return /[.?!…]["'”’]?$/.test(spaced(text)[words - 1] ?? '');
}

function wordsOf(text: string): string[] {
  return spaced(text).map((word) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
}

function spaced(text: string): string[] {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
}
