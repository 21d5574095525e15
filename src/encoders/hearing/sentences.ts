/** Of the words, so many at most may differ between the parts and the whole. */
const MOST_OTHER = 0.3;

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
  // A word more or less may have been heard before or after the cut.
  const shift = Math.abs(parts.length - all.length);
  const ends = spaced(whole).flatMap((word, i) => (/[.?!…]["'”’]?$/.test(word) ? i + 1 : []));
  if (!ends.some((end) => end < all.length && Math.abs(end - first.length) <= shift)) return false;
  return editsBetween(parts, all) <= MOST_OTHER * all.length;
}

/** Fewest insertions, deletions and substitutions that make one list of the other. */
function editsBetween(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  a.forEach((word, i) => {
    const next = [i + 1];
    b.forEach((other, j) => {
      next.push(Math.min(row[j + 1] + 1, next[j] + 1, row[j] + (word === other ? 0 : 1)));
    });
    row = next;
  });
  return row[b.length];
}

function wordsOf(text: string): string[] {
  return spaced(text).map((word) => word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
}

function spaced(text: string): string[] {
  return text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
}
