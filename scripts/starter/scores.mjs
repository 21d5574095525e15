// Scores of a starter model on the parts of its corpus, as the model card prints them.
import { RANDOM_SITES, randomStream } from '../../dist/base/random.js';
import { readCorpus } from '../../dist/corpus/files.js';
import { open } from '../../dist/index.js';
import {
  accuracy,
  bootstrapIntervals,
  dialogueConfusions,
  expectedCalibrationError,
  reliabilityBins,
  scores,
  weightedF1,
} from '../../dist/metrics/index.js';
import { conversationOf, dialoguesOf } from '../../dist/prediction/corpus.js';

/** What is looked at: a corpus, and the modalities that the model is given of it. */
export const LOOKS = [
  { name: 'MELD, words alone', corpus: 'meld', given: ['text'] },
  { name: 'RAVDESS, voice alone', corpus: 'ravdess', given: ['audio'] },
  { name: 'RAVDESS cut to its speech, as it is heard in recordings, voice alone', corpus: 'spoken', given: ['audio'] },
  { name: 'faces, face alone', corpus: 'faces', given: ['visual'] },
  { name: 'faces enlarged, found as in films, face alone', corpus: 'found', given: ['visual'] },
  { name: 'composed, all three', corpus: 'composed', given: ['text', 'audio', 'visual'] },
  { name: 'composed, words alone', corpus: 'composed', given: ['text'] },
  { name: 'composed, voice alone', corpus: 'composed', given: ['audio'] },
  { name: 'composed, face alone', corpus: 'composed', given: ['visual'] },
];

/**
 * Scores, 0 … 1, with 95 % intervals by bootstrap over dialogues (10,000 resamples, seed 1), and the expected
 * calibration error of confidence over 15 bins, with what it would be on average were confidence just right.
 * @param model run directory; @param corpora folder with one corpus a name; @param split valid or test.
 */
export async function scoreStarter(model, corpora, split, looks = LOOKS) {
  const predictor = await open(model);
  const result = [];
  for (const { name, corpus: part, given } of looks) {
    const corpus = readCorpus(`${corpora}/${part}`);
    const indices = dialoguesOf(corpus, split);
    const conversations = indices.map((d) =>
      conversationOf(corpus, d).map(({ speaker, features }) => ({
        speaker,
        features: Object.fromEntries(given.flatMap((m) => (features[m] ? [[m, features[m]]] : []))),
      })),
    );
    const { classes } = predictor;
    const labels = [];
    const chosen = [];
    const dialogues = [];
    const confident = [];
    const confidences = [];
    let unfamiliar = 0;
    let at = 0;
    for await (const answers of predictor.predictAll(conversations)) {
      const { utterances } = corpus.dialogues[indices[at]];
      answers.forEach((answer, i) => {
        const label = classes.indexOf(corpus.classes[utterances[i].label]);
        if (label < 0) return;
        const emotion = classes.indexOf(answer.emotion);
        labels.push(label);
        chosen.push(emotion);
        dialogues.push(at);
        if (answer.unfamiliar) unfamiliar++;
        confidences.push(answer.confidence);
        const rest = (1 - answer.confidence) / (classes.length - 1);
        confident.push(...classes.map((_, c) => (c === emotion ? answer.confidence : rest)));
      });
      at++;
    }
    const own = scores(labels, chosen, classes);
    const sums = dialogueConfusions(labels, chosen, dialogues, classes.length);
    const intervals = bootstrapIntervals(sums, { weightedF1, accuracy }, { seed: 1 });
    const bins = reliabilityBins(labels, confident, classes.length);
    result.push({
      name,
      corpus: part,
      given,
      composed: corpus.composed === true,
      dialogues: indices.length,
      utterances: labels.length,
      weightedF1: intervals.weightedF1,
      accuracy: intervals.accuracy,
      classes: Object.fromEntries(own.perClass.map(({ class: one, f1, support }) => [one, { f1, support }])),
      ece: expectedCalibrationError(bins),
      eceOfJust: eceOfJust(confidences),
      confidence: confidences.reduce((sum, c) => sum + c, 0) / confidences.length,
      unfamiliar: unfamiliar / labels.length,
    });
  }
  await predictor.dispose();
  return result;
}

const DRAWS = 1000;

/**
 * The expected calibration error of so many answers with these confidences, if each were right just as often as it says: with
 * few answers the bins differ by chance. Mean and 95th percentile of simulations (seed 1).
 */
export function eceOfJust(confidences) {
  const { uniform } = randomStream(1, 0, RANDOM_SITES.resampling);
  const two = confidences.flatMap((c) => [c, -1]);
  const drawn = Array.from({ length: DRAWS }, () => {
    const labels = confidences.map((c) => (uniform() < c ? 0 : 1));
    return expectedCalibrationError(reliabilityBins(labels, two, 2));
  });
  drawn.sort((a, b) => a - b);
  return { mean: drawn.reduce((sum, one) => sum + one, 0) / DRAWS, upper: drawn[Math.ceil(0.95 * DRAWS) - 1] };
}
