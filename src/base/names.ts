import { distance } from 'fastest-levenshtein';
import { quote, quoteSome } from './words.js';

/** Longer names are not compared: the distance costs the product of both lengths, and nobody mistypes them. */
const LONGEST = 64;

/** The known name most like `name`, or undefined when none is near enough to be what was meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    // A name so much longer cannot be near.
    if (candidate.length >= name.length + least) continue;
    const far = distance(wanted, candidate.toLowerCase());
    if (far < least) [best, least] = [candidate, far];
  }
  return best;
}

/** " Did you mean X?" or, when nothing is near, " Known: A, B, C." – the tail of an error sentence. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? ` Known: ${listed(known)}.` : ` Did you mean ${quote(near)}?`;
}

/** Some of the known names, without quotes where they are plain, as in the lists of options. */
function listed(known: readonly string[]): string {
  const short = known.every((name) => name.length <= LONGEST && /^[\p{L}\p{N}._ -]*$/u.test(name));
  if (!short) return quoteSome(known);
  return known.length <= 100 ? known.join(', ') : `${known.slice(0, 100).join(', ')} and ${known.length - 100} more`;
}
