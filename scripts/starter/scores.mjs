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
  { name: 'composed, words and voice where nobody is seen', corpus: 'calls', given: ['text', 'audio'] },
  { name: 'composed, words alone', corpus: 'composed', given: ['text'] },
  { name: 'composed, voice alone', corpus: 'composed', given: ['audio'] },
  { name: 'composed, face alone', corpus: 'composed', given: ['visual'] },
];

/**
 * Scores, 0 … 1, with 95 % intervals by bootstrap over dialogues (10,000 resamples, seed 1), and the expected
 * calibration error of confidence over 15 bins, plain, less what chance adds to it, and what it would be on average were
 * confidence just right.
 * @param model run directory; @param place where the corpus of a name lies; @param split valid or test.
 */
export async function scoreStarter(model, place, split, looks = LOOKS) {
  const predictor = await open(model);
  const result = [];
  for (const { name, corpus: part, given } of looks) {
    const corpus = readCorpus(place(part));
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
      eceCorrected: correctedCalibrationError(bins),
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
 * The expected calibration error less what chance adds to it, as Kumar, Liang and Ma estimate it ("Verified Uncertainty
 * Calibration", NeurIPS 2019, and their library's debiased estimator of that norm): each bin's share of right answers
 * is drawn again from a normal distribution around what was found (1,000 draws, seed 1), and what such draws have more
 * than the plain error is taken off it. Not below 0. A bin of one answer does not vary, so its chance stays in.
 */
export function correctedCalibrationError(bins) {
  const { normal } = randomStream(1, 1, RANDOM_SITES.resampling);
  const plain = expectedCalibrationError(bins);
  let sum = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const drawn = bins.map((bin) => {
      const { accuracy, count } = bin;
      return { ...bin, accuracy: accuracy + Math.sqrt((accuracy * (1 - accuracy)) / count) * normal() };
    });
    sum += expectedCalibrationError(drawn);
  }
  return Math.max(0, 2 * plain - sum / DRAWS);
}

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
