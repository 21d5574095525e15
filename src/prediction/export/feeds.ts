import { modalitiesIn } from '../../base/modalities.js';
import type { Values } from '../../graph/engine.js';
import type { ReadUtterance } from '../read.js';
import { type SpeakerRule, speakerRows } from '../speakers.js';
import type { ModelInputs } from '../types.js';

/** One conversation as an exported model is fed. */
export function exportFeeds(
  conversation: readonly ReadUtterance[],
  inputs: ModelInputs,
  speakers: SpeakerRule,
): Record<string, Values> {
  const length = conversation.length;
  const feeds: Record<string, Values> = {
    speaker: { data: BigInt64Array.from(speakerRows(conversation, speakers), BigInt), dims: [length] },
  };
  for (const modality of modalitiesIn(inputs)) {
    const dim = inputs[modality]?.dim as number;
    const table = new Float32Array(length * dim);
    const there = new Float32Array(length);
    conversation.forEach(({ rows }, i) => {
      const row = rows[modality];
      if (row === undefined) return;
      table.set(row, i * dim);
      there[i] = 1;
    });
    feeds[modality] = { data: table, dims: [length, dim] };
    feeds[`${modality}_present`] = { data: there, dims: [length] };
  }
  return feeds;
}
