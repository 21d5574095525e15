import { readAnchors } from '../anchors/files.js';
import {
  type AnchorBank,
  initialLearnedAnchors,
  randomAnchors,
  type TextEncoder,
  textAnchors,
} from '../anchors/index.js';
import { InputError } from '../base/errors.js';
import type { TrainingConfig } from '../run/index.js';

/** Targets that stand in for faces, to see what the faces are worth. */
const CONTROLS = ['random', 'text', 'learned'];

export const isControl = (anchors: string): boolean => CONTROLS.includes(anchors);

/**
 * The bank that a run trains with: a file's, or a control's.
 * @param anchors a path or the name of a control; null = no anchor branch. @param openText for "text".
 */
export async function openAnchors(
  anchors: string | null,
  classes: readonly string[],
  { anchorDim, seed }: TrainingConfig,
  openText?: () => Promise<TextEncoder & { dispose?(): Promise<void> }>,
): Promise<AnchorBank | null> {
  switch (anchors) {
    case null:
      return null;
    case 'random':
      return randomAnchors(classes, anchorDim, seed);
    case 'learned':
      return initialLearnedAnchors(classes, anchorDim, seed);
    case 'text': {
      if (!openText) throw new InputError('Anchors "text" need the text tower of a CLIP model (openText).');
      const tower = await openText();
      try {
        return await textAnchors(classes, tower);
      } finally {
        await tower.dispose?.();
      }
    }
    default:
      return readAnchors(anchors);
  }
}
