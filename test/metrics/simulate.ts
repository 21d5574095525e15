import { RANDOM_SITES, type RandomStream, randomStream } from '../../src/base/random.js';
import { type Confusion, type DialogueSums, dialogueConfusions } from '../../src/metrics/index.js';

/** Dialogues are of two kinds: the classes of their utterances, and how often a system is right about them. */
const KINDS = [
  { labels: [0.6, 0.3, 0.1], right: 0.8 },
  { labels: [0.2, 0.3, 0.5], right: 0.4 },
];
/** What is added to a system's hit rate on a dialogue, by chance. */
const LUCK = [-0.15, 0.15];
const CLASSES = 3;
/** Utterances a dialogue: 4 to 12, whatever its kind. */
const SHORTEST = 4;
const LENGTHS = 9;

/** What a simulation of the given number works with. */
export function simulation(number: number): RandomStream {
  return randomStream(20_260, number, RANDOM_SITES.sample);
}

/** Labels of some dialogues, and the predictions of systems that differ by chance alone. */
export interface Simulated {
  labels: number[];
  dialogueOf: number[];
  /** [systems][runs][N] */
  predictions: number[][][];
}

/**
 * Draws dialogues and systems that are equally good at them, but for `skill`, which is added to the first one's hit rate.
 * Luck goes by dialogue and system, the same for all runs of the system.
 */
export function simulate(random: RandomStream, dialogues: number, systems: number, runs: number, skill = 0): Simulated {
  const result: Simulated = {
    labels: [],
    dialogueOf: [],
    predictions: Array.from({ length: systems }, () => Array.from({ length: runs }, () => [])),
  };
  for (let d = 0; d < dialogues; d++) {
    const kind = KINDS[random.integer(2)];
    const rates = result.predictions.map((_, s) => {
      const luck = LUCK[random.integer(2)];
      return kind.right + luck + (s === 0 ? skill : 0);
    });
    for (let left = SHORTEST + random.integer(LENGTHS); left > 0; left--) {
      const label = draw(random, kind.labels);
      result.labels.push(label);
      result.dialogueOf.push(d);
      result.predictions.forEach((ofRuns, s) => {
        for (const run of ofRuns)
          run.push(random.uniform() < rates[s] ? label : (label + 1 + random.integer(CLASSES - 1)) % CLASSES);
      });
    }
  }
  return result;
}

/** The confusion matrices a dialogue of each run of a simulated system. */
export function confusionsOf({ labels, dialogueOf, predictions }: Simulated, system: number): DialogueSums[] {
  return predictions[system].map((run) => dialogueConfusions(labels, run, dialogueOf, CLASSES));
}

/** The expected confusion matrix of the first system, in shares: what its metrics are in truth. */
export function trueConfusion(): Confusion {
  const confusion = new Float64Array(CLASSES * CLASSES);
  for (const { labels, right } of KINDS)
    for (let t = 0; t < CLASSES; t++)
      for (let p = 0; p < CLASSES; p++)
        confusion[t * CLASSES + p] += (labels[t] * (t === p ? right : (1 - right) / (CLASSES - 1))) / KINDS.length;
  return confusion;
}

function draw(random: RandomStream, shares: readonly number[]): number {
  let left = random.uniform();
  return shares.findIndex((share, i) => {
    left -= share;
    return left < 0 || i === shares.length - 1;
  });
}
