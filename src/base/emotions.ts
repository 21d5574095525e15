/** Names that mean one emotion; the first of a row is its canonical name. */
const ALIASES: readonly (readonly string[])[] = [
  ['neutral', 'neu', 'calm'],
  ['happiness', 'happy', 'hap', 'joy', 'joyful'],
  ['sadness', 'sad'],
  ['anger', 'angry', 'ang'],
  ['excitement', 'excited', 'exc'],
  ['frustration', 'frustrated', 'fru', 'fru.'],
  ['surprise', 'surprised', 'sur'],
  ['fear', 'fearful', 'afraid', 'fea'],
  ['disgust', 'disgusted', 'dis'],
  ['contempt', 'contemptuous'],
];

const CANONICAL = new Map(ALIASES.flatMap((row) => row.map((name) => [name, row[0]] as const)));

/** Every name in the alias table, canonical or not. */
export const EMOTION_NAMES: readonly string[] = [...CANONICAL.keys()];

/** The canonical name of an emotion class: lower case, aliases folded (sad → sadness); unknown names stay themselves. */
export function canonicalEmotion(name: string): string {
  const key = name.trim().toLowerCase();
  return CANONICAL.get(key) ?? key;
}

/** How the classes of one list meet those of another. */
export interface ClassMatch {
  /** For each wanted class: the index of the offered class that means the same, or -1. */
  indices: number[];
  /** Wanted classes that nothing offered means. */
  missing: string[];
  /** Offered classes that nothing wanted means. */
  unused: string[];
}

/**
 * Matches class names by meaning, through the alias table; an exact name (ignoring case) wins over an alias.
 * @param wanted for instance a corpus's classes; @param offered for instance an anchor file's classes, in any order.
 */
export function matchClasses(wanted: readonly string[], offered: readonly string[]): ClassMatch {
  const fold = (name: string) => name.trim().toLowerCase();
  const taken = new Set<number>();
  const indices = wanted.map((name) => {
    const exact = offered.findIndex((other) => fold(other) === fold(name));
    if (exact >= 0) taken.add(exact);
    return exact;
  });
  wanted.forEach((name, i) => {
    if (indices[i] >= 0) return;
    const alias = offered.findIndex((other, j) => !taken.has(j) && canonicalEmotion(other) === canonicalEmotion(name));
    if (alias >= 0) {
      taken.add(alias);
      indices[i] = alias;
    }
  });
  return {
    indices,
    missing: wanted.filter((_, i) => indices[i] < 0),
    unused: offered.filter((_, j) => !taken.has(j)),
  };
}
