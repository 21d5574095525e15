/** A vocabulary as SentencePiece's unigram models have it: pieces with their log probabilities, by id. */
export type Vocabulary = readonly (readonly [piece: string, score: number | null])[];

const UNKNOWN = 0;
/** Ids before this one are symbols that no text contains. */
const RESERVED = 6;
const SPACE = '▁';

/**
 * Cuts text into the most probable pieces of a unigram vocabulary (Kudo, "Subword Regularization", ACL 2018), after NFKC
 * and with "▁" for spaces and before the first word. Runs of unknown characters become one unknown piece. Where two ways are
 * equally probable, and in texts that begin with unknown characters, decides as the sentence encoder's own tokenizer
 * does, so that embeddings are the same.
 * @returns a function from a text to its piece ids.
 */
export function createTokenizer(vocabulary: Vocabulary): (text: string) => number[] {
  const pieces = new Map<string, { id: number; score: number }>();
  let longest = 1;
  vocabulary.forEach(([piece, score], id) => {
    if (id < RESERVED) return;
    pieces.set(piece, { id, score: score ?? 0 });
    longest = Math.max(longest, [...piece].length);
  });
  return (text) => {
    const symbols = [...(SPACE + text.normalize('NFKC').replaceAll(' ', SPACE))];
    const best = new Float64Array(symbols.length + 1);
    const last: { id: number; length: number }[] = [];
    const offer = (end: number, score: number, id: number, length: number) => {
      if (best[end] !== 0 && score < best[end]) return;
      best[end] = score;
      last[end] = { id, length };
    };
    for (let start = 0; start < symbols.length; start++) {
      let [piece, known] = ['', false];
      for (let length = 1; length <= Math.min(longest, symbols.length - start); length++) {
        piece += symbols[start + length - 1];
        const found = pieces.get(piece);
        if (found === undefined) continue;
        known = true;
        offer(start + length, best[start] + found.score, found.id, length);
      }
      if (!known) offer(start + 1, best[start], UNKNOWN, 1);
    }
    const ids: number[] = [];
    for (let end = symbols.length; end > 0; end -= last[end].length) {
      const { id } = last[end];
      if (id !== UNKNOWN || ids.at(-1) !== UNKNOWN) ids.push(id);
    }
    return ids.reverse();
  };
}
