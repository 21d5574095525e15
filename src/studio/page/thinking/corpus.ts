import { FILES } from '../../../corpus/format.js';
import { parseCorpus } from '../../../corpus/parse.js';
import { filesAt, type Predictor } from '../../../entries/web.js';
import { conversationOf, fitCorpus } from '../../../prediction/corpus.js';
import type { RunConfig } from '../../../run/format.js';

/** Utterances that are predicted: a page is no place for all of a large corpus. */
const MOST = 3000;

export interface CorpusAnswers {
  classes: readonly string[];
  /** Utterances of the corpus. */
  all: number;
  items: {
    key: string;
    dialogue: string;
    index: number;
    speaker: string;
    text: string;
    label?: string;
    labelledBy?: string;
    emotion: string;
    confidence: number;
    probabilities: Record<string, number>;
    before: { speaker: string; text: string }[];
  }[];
}

/** Reads a corpus and predicts its dialogues, in their order, as far as they fit. */
export async function predictCorpus(
  { predictor, run }: { predictor: Predictor; run: RunConfig },
  address: string,
  token: string,
): Promise<CorpusAnswers> {
  const take = filesAt(address);
  const read = async (file: keyof typeof FILES) => take(`${FILES[file]}?token=${encodeURIComponent(token)}`);
  const corpus = parseCorpus(
    { description: await read('description'), utterances: await read('utterances'), features: await read('features') },
    'The corpus',
  );
  fitCorpus(corpus, predictor.inputs, predictor.classes, run);
  const dialogues = corpus.dialogues.filter(({ offset, utterances }) => offset + utterances.length <= MOST);
  const conversations = dialogues.map((_, d) => conversationOf(corpus, d));
  const items: CorpusAnswers['items'] = [];
  let d = 0;
  for await (const answers of predictor.predictAll(conversations)) {
    const { id, utterances } = dialogues[d++];
    const said = utterances.map(({ speaker, text = '' }) => ({ speaker: corpus.speakers[speaker], text }));
    for (const [index, { emotion, confidence, probabilities }] of answers.entries()) {
      const { label, labelledBy } = utterances[index];
      items.push({
        key: `${index} ${id}`,
        dialogue: id,
        index,
        ...said[index],
        ...(label >= 0 && { label: corpus.classes[label] }),
        ...(labelledBy !== undefined && { labelledBy }),
        emotion,
        confidence,
        probabilities,
        before: said.slice(Math.max(0, index - 2), index),
      });
    }
  }
  return { classes: corpus.classes, all: corpus.utterances, items };
}
