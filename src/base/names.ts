import { closest, distance } from 'fastest-levenshtein';

/** The known name most like `name`, or undefined when none is near enough to be what was meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const best = closest(name.toLowerCase(), [...known]);
  return distance(name.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.floor(name.length / 2))
    ? best
    : undefined;
}

/** " Did you mean X?" or, when nothing is near, " Known: A, B, C." – the tail of an error sentence. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? ` Known: ${known.join(', ')}.` : ` Did you mean "${near}"?`;
}
