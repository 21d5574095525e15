import type { Batch } from '../base/batch.js';
import { modalitiesIn } from '../base/modalities.js';
import { putRow, type Standardisations } from '../corpus/standardise.js';
import type { ReadUtterance } from './read.js';
import { type SpeakerRule, speakerRows } from './speakers.js';
import type { ModelInputs } from './types.js';

/** What decides how conversations become a batch. */
export interface Packing {
  inputs: ModelInputs;
  standardise?: Standardisations;
  speakers: SpeakerRule;
}

/** Packs conversations, in the order given, into one batch; its features are standardised. */
export function packConversations(
  conversations: readonly (readonly ReadUtterance[])[],
  { inputs, standardise, speakers }: Packing,
): Batch {
  const utterances = conversations.flat();
  const features: Batch['features'] = {};
  const presence: NonNullable<Batch['presence']> = {};
  for (const modality of modalitiesIn(inputs)) {
    const dim = inputs[modality]?.dim as number;
    const table = new Float32Array(utterances.length * dim);
    utterances.forEach(({ rows }, i) => {
      const row = rows[modality];
      if (row !== undefined) putRow(table, i * dim, row, standardise?.[modality]);
    });
    features[modality] = table;
    if (utterances.some(({ rows }) => rows[modality] === undefined))
      presence[modality] = Uint8Array.from(utterances, ({ rows }) => (rows[modality] === undefined ? 0 : 1));
  }
  return {
    lengths: conversations.map(({ length }) => length),
    speakers: Int32Array.from(conversations.flatMap((conversation) => speakerRows(conversation, speakers))),
    features,
    ...(Object.keys(presence).length > 0 && { presence }),
  };
}

/** One utterance as a batch of its own. @param said what was said before it, which decides who is who. */
export function packUtterance(read: ReadUtterance, said: readonly { speaker?: string }[], packing: Packing): Batch {
  const speakers = Int32Array.from(speakerRows([...said, read], packing.speakers).slice(-1));
  return { ...packConversations([[read]], packing), speakers };
}
