import { matchClasses } from '../../../base/emotions.js';
import type { Turn } from '../state/types.js';

/** The model's name for an utterance's label; undefined where it has none, or the model does not know it. */
export function labelOf({ label }: Turn, classes: readonly string[]): string | undefined {
  return label === undefined ? undefined : classes[matchClasses([label], classes).indices[0]];
}
