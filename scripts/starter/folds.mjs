// Cross-validation over the voices. Actors differ so much in how easily they are understood that a few do not tell how sure
// a model may be of others: so each that does not test is held out by one of some models, trained alike, and confidence is
// fitted on what all of them say of those that they never heard.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { modalitiesIn } from '../../dist/base/modalities.js';
import { RANDOM_SITES, randomStream } from '../../dist/base/random.js';
import { readCorpus, writeCorpus } from '../../dist/corpus/files.js';
import { createCorpus } from '../../dist/corpus/index.js';
import { open } from '../../dist/index.js';
import { expectedCalibrationError, reliabilityBins, softmaxRows } from '../../dist/metrics/index.js';
import { conversationOf, dialoguesOf } from '../../dist/prediction/corpus.js';
import { fitCalibration } from '../../dist/training/calibrate.js';
import { correctedCalibrationError, eceOfJust } from './scores.mjs';

/** Which model holds an actor out. Pairs go together: of RAVDESS's actors those of even number are women. */
export const foldOf = (speaker, count) => Math.floor((Number(/\d+/.exec(speaker)[0]) - 1) / 2) % count;

/** A corpus of voices whose training actors of one fold validate instead; written where it is not yet. What is varied only trains. */
export function holdOut(from, to, fold, count) {
  if (existsSync(join(to, 'corpus.json'))) return;
  const { hash: _, ...corpus } = readCorpus(from);
  const splits = { train: [], valid: [] };
  const place = new Map(corpus.dialogues.map(({ id }, i) => [id, i]));
  for (const id of corpus.splits.train) {
    const speaker = corpus.speakers[corpus.dialogues[place.get(id)].utterances[0].speaker];
    if (foldOf(speaker, count) !== fold) splits.train.push(id);
    else if (!speaker.includes('varied')) splits.valid.push(id);
  }
  const named = Object.fromEntries(Object.entries({ ...corpus.splits, ...splits }).filter(([, ids]) => ids.length > 0));
  // Where the recordings lie is told from the folder of the corpus that they were extracted to.
  const dialogues = corpus.dialogues.map(({ id, utterances }) => ({
    id,
    utterances: utterances.map(({ media: _m, start: _s, end: _e, ...utterance }) => utterance),
  }));
  writeCorpus(to, createCorpus({ ...corpus, dialogues, splits: named }, to));
}

/** What a model says of the utterances of its validation split. @param corpus the one that it was trained on. */
async function heldOut({ run, corpus: path }) {
  const corpus = readCorpus(path);
  const indices = dialoguesOf(corpus, 'valid');
  const predictor = await open(run);
  const { logits } = await predictor.outputs(indices.map((d) => conversationOf(corpus, d)));
  await predictor.dispose();
  const dialogues = indices.map((d) => corpus.dialogues[d]);
  const rows = dialogues.flatMap(({ offset, utterances }) => utterances.map((_, i) => offset + i));
  const presence = Object.fromEntries(
    modalitiesIn(corpus.features).map((m) => [m, rows.map((row) => corpus.features[m].presence?.[row] ?? 1)]),
  );
  return { classes: corpus.classes, dialogues, presence, logits: logits.fused };
}

/** The calibration of what several models say. @param parts of `heldOut`. */
function calibrationOf(parts) {
  const [{ classes, presence }] = parts;
  let offset = 0;
  const dialogues = parts.flatMap((part) =>
    part.dialogues.map(({ id, utterances }) => {
      offset += utterances.length;
      return { id, utterances, offset: offset - utterances.length };
    }),
  );
  const features = Object.fromEntries(
    modalitiesIn(presence).map((m) => [m, { presence: Uint8Array.from(parts.flatMap((part) => part.presence[m])) }]),
  );
  const labels = Int32Array.from(dialogues.flatMap(({ utterances }) => utterances.map(({ label }) => label)));
  const logits = Float32Array.from(parts.flatMap((part) => [...part.logits]));
  return fitCalibration(
    { corpus: { classes, dialogues, features }, dialogues: [...dialogues.keys()], labels, logits },
    'valid',
  );
}

/**
 * The calibration of all models together, and how well one fitted on the others holds for the voices that each held out:
 * of all actors, and of as many at a time as test.
 * @param folds `{ run, corpus }` of each model.
 */
export async function calibrateByFolds(folds) {
  const parts = [];
  for (const fold of folds) parts.push(await heldOut(fold));
  const answers = parts.flatMap((part, k) => voicesOf(part, calibrationOf(parts.filter((_, other) => other !== k))));
  return { calibration: calibrationOf(parts), crossValidated: { folds: parts.length, ...acrossActors(answers) } };
}

/** Actor, confidence and whether it is right of the whole clips that were held out. */
function voicesOf({ classes, dialogues, logits }, { temperatures }) {
  const { length: count } = classes;
  let n = 0;
  return dialogues.flatMap(({ id, utterances }) =>
    utterances.flatMap(({ label }) => {
      const row = logits.subarray(n * count, ++n * count);
      const actor = /^ravdess\/actor(\d+)/.exec(id)?.[1];
      if (actor === undefined) return [];
      const confidence = Math.max(
        ...softmaxRows(
          row.map((logit) => logit / temperatures.audio),
          count,
        ),
      );
      return [{ actor, confidence, right: row.indexOf(Math.max(...row)) === label }];
    }),
  );
}

/** How many actors test. */
const AT_ONCE = 5;
const DRAWS = 1000;

function acrossActors(answers) {
  const share = (list, of) => list.reduce((sum, one) => sum + of(one), 0) / list.length;
  const binsOf = (list) =>
    reliabilityBins(
      list.map(({ right }) => (right ? 0 : 1)),
      list.flatMap(({ confidence }) => [confidence, -1]),
      2,
    );
  const names = [...new Set(answers.map(({ actor }) => actor))].sort();
  const own = new Map(names.map((name) => [name, answers.filter(({ actor }) => actor === name)]));
  const accuracy = (list) => share(list, ({ right }) => (right ? 1 : 0));
  const confidence = (list) => share(list, (one) => one.confidence);
  const { integer } = randomStream(1, 2, RANDOM_SITES.resampling);
  const drawn = Array.from({ length: DRAWS }, () => {
    const rest = [...names];
    const some = Array.from({ length: Math.min(AT_ONCE, names.length) }, () =>
      own.get(rest.splice(integer(rest.length), 1)[0]),
    );
    return expectedCalibrationError(binsOf(some.flat()));
  }).sort((a, b) => a - b);
  const bins = binsOf(answers);
  return {
    utterances: answers.length,
    accuracy: accuracy(answers),
    confidence: confidence(answers),
    ece: expectedCalibrationError(bins),
    eceCorrected: correctedCalibrationError(bins),
    eceOfJust: eceOfJust(answers.map((one) => one.confidence)),
    actors: Object.fromEntries(
      names.map((name) => [name, { accuracy: accuracy(own.get(name)), confidence: confidence(own.get(name)) }]),
    ),
    eceOfFive: {
      mean: share(drawn, (one) => one),
      lower: drawn[Math.floor(0.05 * DRAWS)],
      upper: drawn[Math.ceil(0.95 * DRAWS) - 1],
    },
  };
}
