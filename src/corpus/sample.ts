import { MODALITIES, type Modality } from '../base/modalities.js';
import { RANDOM_SITES, type RandomStream, randomStream } from '../base/random.js';
import { createCorpus } from './corpus.js';
import type { Corpus, Dialogue, FeatureTable, Utterance } from './types.js';

const CLASSES = ['neutral', 'joy', 'sadness', 'anger', 'surprise', 'fear', 'disgust'];
/** How often a mood begins, by class: as unequal as in real conversations. */
const SHARES = [0.34, 0.18, 0.14, 0.13, 0.1, 0.06, 0.05];
const SPEAKERS = ['Ada', 'Ben', 'Cleo', 'Dan'];
/** Probability that an utterance keeps the mood of the one before: what makes context worth having. */
const MOOD_STAYS = 0.65;
const DIALOGUES = { train: 40, valid: 8, test: 12 };

/** Dimension; deviation of the noise against class means of deviation 1; share of utterances without the modality. */
const TABLES: Record<Modality, { dim: number; noise: number; missing: number }> = {
  text: { dim: 32, noise: 2.4, missing: 0 },
  audio: { dim: 24, noise: 3, missing: 0.05 },
  visual: { dim: 20, noise: 3.5, missing: 0.08 },
};

/**
 * A made-up corpus with known structure, to try the program with: 60 dialogues of 6 to 12 utterances, seven classes in
 * unequal proportions, moods that last, and three modalities whose features are Gaussian around a mean a class; some
 * utterances lack audio or visual features. It says nothing about emotions; `synthetic` is set, to be shown everywhere.
 */
export function sampleCorpus(seed: number): Corpus {
  const stream = (use: number) => randomStream(seed, use, RANDOM_SITES.sample);
  const script = stream(0);
  const splits: Corpus['splits'] = {};
  const dialogues: Omit<Dialogue, 'offset'>[] = [];
  for (const [split, count] of Object.entries(DIALOGUES)) {
    const ids = Array.from({ length: count }, (_, i) => `${split}-${String(i + 1).padStart(2, '0')}`);
    splits[split as keyof typeof DIALOGUES] = ids;
    for (const id of ids) dialogues.push({ id, utterances: conversation(script) });
  }
  const labels = dialogues.flatMap(({ utterances }) => utterances.map(({ label }) => label));
  const features: Corpus['features'] = {};
  MODALITIES.forEach((modality, i) => {
    features[modality] = gaussianTable(modality, labels, stream(i + 1));
  });
  return createCorpus(
    {
      name: 'synthetic sample',
      synthetic: true,
      note: 'Synthetic: made by the program to try it with; its scores say nothing about emotions.',
      origin: [`made by "vega-merc sample" with seed ${seed}`],
      classes: CLASSES,
      speakers: SPEAKERS,
      dialogues,
      features,
      splits,
    },
    'the synthetic sample',
  );
}

/** Two speakers take turns, mostly; the mood is a Markov chain over the classes. */
function conversation(stream: RandomStream): Utterance[] {
  const pair = stream.shuffle(SPEAKERS.map((_, i) => i)).slice(0, 2);
  let speaker = pair[0];
  let label = drawClass(stream);
  return Array.from({ length: 6 + stream.integer(7) }, (_, i) => {
    if (i > 0 && stream.uniform() >= MOOD_STAYS) label = drawClass(stream);
    if (i > 0 && stream.uniform() < 0.8) speaker = speaker === pair[0] ? pair[1] : pair[0];
    return { speaker, label };
  });
}

function drawClass(stream: RandomStream): number {
  let rest = stream.uniform();
  const drawn = SHARES.findIndex((share) => {
    rest -= share;
    return rest < 0;
  });
  // The shares may add up to a hair less than 1.
  return Math.max(drawn, 0);
}

function gaussianTable(modality: Modality, labels: readonly number[], stream: RandomStream): FeatureTable {
  const { dim, noise, missing } = TABLES[modality];
  const means = Float64Array.from({ length: CLASSES.length * dim }, () => stream.normal());
  const rows = new Float32Array(labels.length * dim);
  const presence = new Uint8Array(labels.length);
  labels.forEach((label, row) => {
    presence[row] = stream.uniform() < missing ? 0 : 1;
    for (let j = 0; j < dim; j++) {
      const value = means[label * dim + j] + noise * stream.normal();
      rows[row * dim + j] = presence[row] === 1 ? value : 0;
    }
  });
  return { dim, rows, encoder: 'synthetic', ...(missing > 0 && { presence }) };
}
