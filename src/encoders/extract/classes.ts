import { distance } from 'fastest-levenshtein';
import { EMOTION_NAMES } from '../../base/emotions.js';
import { InputError } from '../../base/errors.js';
import { MELD_CLASSES, type Source } from '../sources/source.js';

/** A label that occurs this often at most may be a slip of the pen. */
const RARE = 2;
/** So many times as often the label occurs that was meant. */
const OFTEN = 3;
/** Longer names are not compared; nobody mistypes them. */
const LONGEST = 64;

/**
 * The labels that occur: MELD's own order where they are among MELD's classes, else by the alphabet.
 * @throws InputError where a label looks like another one misspelt, or one alone occurs.
 */
export function classesOf({ classes, utterances }: Source): string[] {
  if (classes !== undefined) return classes;
  const counts = new Map<string, number>();
  for (const { label } of utterances) if (label !== undefined) counts.set(label, (counts.get(label) ?? 0) + 1);
  const labels = [...counts.keys()].sort();
  askAboutSlips(labels, counts, utterances);
  if (labels.every((label) => MELD_CLASSES.includes(label))) {
    const used = MELD_CLASSES.filter((name) => labels.includes(name));
    // Without labels, or with one alone, there must still be classes to choose from.
    return used.length < 2 ? MELD_CLASSES : used;
  }
  if (labels.length > 1) return labels;
  throw new InputError(`All labels are "${labels[0]}"; name the classes with --classes, at least two.`);
}

/** Refuses a rare label that no emotion is called by, and that is nearly a common one. */
function askAboutSlips(
  labels: readonly string[],
  counts: ReadonlyMap<string, number>,
  utterances: Source['utterances'],
): void {
  const common = labels.filter((label) => label.length <= LONGEST && (counts.get(label) as number) > 1);
  for (const label of labels) {
    const count = counts.get(label) as number;
    const meant = common.find((other) => isSlip(label, count, other, counts.get(other) as number));
    if (meant === undefined) continue;
    const { dialogue } = utterances.find((utterance) => utterance.label === label) as Source['utterances'][number];
    const times = count === 1 ? 'once' : `${count} times`;
    throw new InputError(
      `The label "${label}" occurs ${times} (first in dialogue "${dialogue}"), "${meant}" ${counts.get(meant)} times. Did ` +
        `you mean "${meant}"? Correct the label; if it is a class of its own, confirm that with --classes ${labels.join(',')}.`,
    );
  }
}

function isSlip(label: string, count: number, other: string, otherCount: number): boolean {
  if (label === other || label.length > LONGEST) return false;
  const [a, b] = [label.trim().toLowerCase(), other.trim().toLowerCase()];
  if (a === b) return count < otherCount || (count === otherCount && label < other);
  if (count > RARE || otherCount < OFTEN * count || EMOTION_NAMES.includes(a)) return false;
  return distance(a, b) <= (Math.min(a.length, b.length) < 5 ? 1 : 2);
}
