import { type Modality, modalitiesIn } from '../base/modalities.js';
import type { LiveDialogue } from '../vega/live.js';
import type { AnchorTargets } from '../vega/types.js';
import { checkUtterance } from './check.js';
import { type Description, describeLive } from './describe.js';
import type { Distances, JudgedUtterance } from './familiar.js';
import { type Packing, packUtterance } from './pack.js';
import type { LiveConversation, Prediction, PredictOptions, Utterance } from './types.js';

/** What a live conversation needs of its predictor. */
export interface LiveParts {
  packing: Packing;
  description: Description;
  anchors: AnchorTargets;
  /** @param index of the utterance in the conversation; @param before `soFar` of the one before it. */
  read(
    utterance: Utterance,
    index: number,
    options: PredictOptions,
    before: Distances | undefined,
  ): Promise<JudgedUtterance>;
  /** The conversation as the model keeps it; asked for when the first utterance comes. */
  begin(): Promise<LiveDialogue>;
}

/** A conversation that goes on: each new utterance is answered after all that was said before it. */
export function startLive(parts: LiveParts): LiveConversation {
  const said: { speaker?: string }[] = [];
  const had = new Set<Modality>();
  let soFar: Distances | undefined;
  let dialogue: LiveDialogue | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const take = async (utterance: Utterance, options: PredictOptions): Promise<Prediction & { index: number }> => {
    const index = said.length;
    options.signal?.throwIfAborted();
    checkUtterance(utterance, parts.packing.inputs, `utterances[${index}]`);
    const read = await parts.read(utterance, index, options, soFar);
    dialogue ??= await parts.begin();
    options.signal?.throwIfAborted();
    const batch = packUtterance(read, said, parts.packing);
    const outputs = await dialogue.say(batch, parts.anchors === 'learned' ? null : parts.anchors);
    // Only what was answered was said: an utterance that is refused leaves the conversation as it was.
    said.push({ speaker: read.speaker });
    soFar = read.soFar;
    for (const modality of modalitiesIn(read.rows)) had.add(modality);
    return { index, ...describeLive(outputs, read, [...had], parts.description) };
  };
  return {
    get length() {
      return said.length;
    },
    say(utterance, options = {}) {
      const answer = last.then(() => take(utterance, options));
      last = answer.catch(() => undefined);
      return answer;
    },
  };
}
