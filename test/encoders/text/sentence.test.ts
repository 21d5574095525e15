import { describe, expect, it } from 'vitest';
import { importPickle } from '../../../src/corpus/files.js';
import { openSentenceEncoder } from '../../../src/encoders/text/sentence.js';

const meld = '../shared/data/meld';

describe('the sentence encoder', () => {
  it("gives the embeddings of MELD's released text features", async () => {
    const corpus = importPickle(`${meld}/meld_text_use512.pkl`, {
      splits: `${meld}/splits.json`,
      texts: `${meld}/utterances.jsonl`,
    });
    const table = corpus.features.text;
    const spoken = corpus.dialogues.flatMap(({ utterances }) => utterances);
    const rows = Array.from({ length: 48 }, (_, i) => i * 283);
    const encoder = await openSentenceEncoder();
    const embedded = await encoder.embed(rows.map((row) => spoken[row].text as string));
    rows.forEach((row, i) => {
      const expected = table?.rows.subarray(row * 512, (row + 1) * 512) as Float32Array;
      const cosine = embedded.subarray(i * 512, (i + 1) * 512).reduce((sum, x, d) => sum + x * expected[d], 0);
      expect(cosine / Math.hypot(...expected), spoken[row].text).toBeGreaterThan(0.999);
    });
    await encoder.dispose();
  });

  it('gives a text the same row alone and among others', async () => {
    const encoder = await openSentenceEncoder();
    const texts = ['Oh!', 'Are you all right?', 'word '.repeat(300), '???'];
    const together = await encoder.embed(texts);
    for (const [i, text] of texts.entries()) {
      const alone = await encoder.embed([text]);
      expect(Math.max(...alone.map((x, d) => Math.abs(x - together[i * 512 + d])))).toBeLessThan(1e-5);
    }
    await encoder.dispose();
  });
});
