import { buildBank } from '../../src/anchors/index.js';
import { randomStream } from '../../src/base/random.js';
import { createCorpus, SPLITS } from '../../src/corpus/index.js';

/**
 * Voices whose rows are their emotion's face, seen through a fixed matrix and noise: what a model learns of the emotions
 * that it is shown tells it how the others would sound.
 */
export function voicesLikeFaces() {
  const classes = ['neutral', 'joy', 'anger', 'fear', 'sadness'];
  const [faceDim, dim] = [6, 10];
  const stream = randomStream(7, 0, 0);
  const faces = classes.map(() => Float32Array.from({ length: faceDim }, stream.normal));
  const mixing = Float32Array.from({ length: dim * faceDim }, stream.normal);
  const bank = buildBank(
    classes.map((name, c) => ({
      name,
      embeddings: Float32Array.from(
        { length: 8 * faceDim },
        (_, i) => 2 + faces[c][i % faceDim] + 0.1 * stream.normal(),
      ),
    })),
    faceDim,
  );
  const ids = SPLITS.flatMap((split) => Array.from({ length: split === 'train' ? 40 : 10 }, (_, i) => `${split}-${i}`));
  const dialogues = ids.map((id) => ({
    id,
    utterances: Array.from({ length: 5 }, (_, i) => ({ speaker: i % 2, label: stream.integer(classes.length) })),
  }));
  const rows = Float32Array.from(
    dialogues.flatMap(({ utterances }) =>
      utterances.flatMap(({ label }) =>
        Array.from(
          { length: dim },
          (_, j) => faces[label].reduce((sum, x, d) => sum + mixing[j * faceDim + d] * x, 0) + 0.3 * stream.normal(),
        ),
      ),
    ),
  );
  const splits = Object.fromEntries(SPLITS.map((split) => [split, ids.filter((id) => id.startsWith(split))]));
  const corpus = createCorpus(
    {
      name: 'voices',
      classes,
      speakers: ['a', 'b'],
      dialogues,
      features: { audio: { dim, rows } },
      splits,
      synthetic: true,
    },
    'voices',
  );
  return { corpus, bank };
}
