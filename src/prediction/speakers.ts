import { numberedWithin } from '../run/speakers.js';

/** How a model is told who speaks. */
export interface SpeakerRule {
  kind: 'within' | 'known' | 'ignored';
  /** Rows of the speaker embedding; the row after them is nobody's in particular. */
  count: number;
  /** Of a model that knows its speakers: their names, in the order of the rows. */
  names?: readonly string[];
}

/**
 * The row of the speaker embedding for each utterance of a conversation; what it is depends on this conversation alone.
 *
 * - within: people are numbered in the order in which they first speak; whoever comes after the last row, and so has no
 *   number that training ever saw, gets the row for nobody in particular.
 * - known: whoever bears the name of one of the corpus's speakers is that speaker. A stranger is nobody in particular,
 *   and never gets the row of somebody else.
 * - ignored: all are one.
 *
 * Utterances without a speaker are taken to be one person's. The row for nobody in particular is the mean of the others
 * (see `withMeanSpeaker`).
 */
export function speakerRows(
  conversation: readonly { speaker?: string }[],
  { kind, count, names = [] }: SpeakerRule,
): number[] {
  if (kind === 'ignored') return conversation.map(() => 0);
  if (kind === 'within')
    return numberedWithin(conversation.map(({ speaker }) => speaker)).map((number) => Math.min(number, count));
  return conversation.map(({ speaker }) => {
    const row = speaker === undefined ? -1 : names.indexOf(speaker);
    return row < 0 || row >= count ? count : row;
  });
}

/**
 * The speaker embedding with the mean of its rows in the last one, which released checkpoints keep for padding: the best
 * guess for somebody of whom nothing is known.
 * @param embedding [count + 1, H], changed in place.
 */
export function withMeanSpeaker(embedding: Float32Array, count: number): void {
  const hidden = embedding.length / (count + 1);
  for (let d = 0; d < hidden; d++) {
    let sum = 0;
    for (let row = 0; row < count; row++) sum += embedding[row * hidden + d];
    embedding[count * hidden + d] = sum / count;
  }
}
