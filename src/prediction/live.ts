import { checkUtterance } from './check.js';
import type { ReadUtterance } from './read.js';
import type { LiveConversation, ModelInputs, Prediction, PredictOptions, Utterance } from './types.js';

/** What a live conversation needs of its predictor. */
export interface LiveParts {
  inputs: ModelInputs;
  /** @param index of the utterance in the conversation. */
  read(utterance: Utterance, index: number, options: PredictOptions): Promise<ReadUtterance[]>;
  /** Answers to a whole conversation. */
  answer(conversation: ReadUtterance[], options: PredictOptions): Promise<Prediction[]>;
}

/** A conversation that goes on: each new utterance is answered after all that was said before it. */
export function startLive(parts: LiveParts): LiveConversation {
  const said: ReadUtterance[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const take = async (utterance: Utterance, options: PredictOptions) => {
    const index = said.length;
    options.signal?.throwIfAborted();
    checkUtterance(utterance, parts.inputs, `utterances[${index}]`);
    const [read] = await parts.read(utterance, index, options);
    const answers = await parts.answer([...said, read], options);
    // Only what was answered was said: an utterance that is refused leaves the conversation as it was.
    said.push(read);
    return { index, ...answers[index] };
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
