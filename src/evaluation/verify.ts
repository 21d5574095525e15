import { readAnchors } from '../anchors/files.js';
import type { AnchorBank } from '../anchors/index.js';
import { InputError } from '../base/errors.js';
import { readFileBytes } from '../base/read.js';
import { sha256 } from '../base/sha256.js';
import { MOST_THREADS } from '../base/threads.js';
import { readCorpus } from '../corpus/files.js';
import { type Corpus, SPLITS, type SplitName } from '../corpus/index.js';
import { dialoguesOf, type Head } from '../prediction/index.js';
import { openWith } from '../prediction/node/index.js';
import { readRunConfig, recallPath, runFile } from '../run/index.js';
import { BASELINES, type BaselineKind, fitBaseline } from './baselines/fit.js';
import { evaluateBaseline } from './baselines.js';
import type { RunCard } from './card.js';
import { type Difference, describeDifferences, differences } from './differences.js';
import { type Evaluated, evaluate, gateOrigin } from './evaluate.js';
import { experimentOf, ledgerFailures, readLedger } from './experiment/ledger.js';
import { isExperimentDirectory, openExperiment } from './experiment/open.js';
import { thisCode, thisMachine } from './machine.js';
import { headProbabilities, readOutputs, type SplitOutputs } from './outputs.js';
import { readCard } from './record.js';
import { evaluationOf } from './scoring.js';

/** How far a probability that was computed again may be from the recorded one: another machine rounds otherwise. */
export const PROBABILITY_TOLERANCE = 1e-4;

/** What verifying a run came to. */
export interface Verification {
  directory: string;
  /** Whether everything holds. */
  holds: boolean;
  /** What does not, a sentence each. */
  failures: string[];
  /** What is different but may be, a sentence each: another machine or version of the program. */
  notes: string[];
  /** Of every split that could be computed again. */
  splits: VerifiedSplit[];
}

export interface VerifiedSplit {
  split: SplitName;
  /** Labelled ones. */
  utterances: number;
  /** The greatest difference of a probability of any head from the recorded one, and what is allowed. */
  difference: number;
  tolerance: number;
  /** The class head's weighted F1 as recorded, and as computed again. */
  weightedF1: { recorded: number; found: number };
}

/**
 * Whether the numbers of a run hold: its card is compared with its files and its corpus by their hashes; every score is
 * computed again from the recorded outputs; the outputs are computed again from the weights (a baseline is fitted
 * again). Nothing is written. @param corpus directory, where it is not any more where the card remembers it.
 */
export async function verifyRun(directory: string, corpus?: string): Promise<Verification> {
  const found: Findings = { failures: [], notes: [], splits: [] };
  try {
    await verify(directory, corpus, found);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    found.failures.push(error.message);
  }
  return { directory, holds: found.failures.length === 0, ...found };
}

type Findings = Pick<Verification, 'failures' | 'notes' | 'splits'>;

async function verify(directory: string, given: string | undefined, found: Findings): Promise<void> {
  const card = readCard(directory);
  if (card === undefined) {
    throw new InputError(`${directory} has no evaluation.json, so there are no numbers to verify; evaluate it first.`);
  }
  found.notes.push(...surroundings(card));
  if (card.model === 'vega') found.failures.push(...fileFailures(directory, card));
  found.failures.push(...experimentFailures(directory, card));
  const outputs = recordedOutputs(directory, card, found);
  const corpus = openCorpus(directory, card, given);
  const again = card.model === 'vega' ? modelAgain(directory, card, corpus) : baselineAgain(card, corpus, found);
  for (const split of SPLITS) {
    const recorded = outputs[split];
    if (recorded === undefined) continue;
    const origin = card.model === 'vega' ? gateOrigin(readRunConfig(directory)) : undefined;
    const scores = differences(card.splits[split], evaluationOf(recorded, corpus, origin), `splits.${split}`);
    if (scores.length > 0)
      found.failures.push(describeDifferences(scores, 'evaluation.json', `the recorded outputs of the ${split} split`));
    compareOutputs(card, recorded, await again(split), found);
  }
}

/** What may differ without anything being wrong. */
function surroundings(card: RunCard): string[] {
  const changed = (list: Difference[]) =>
    list.map(({ path, recorded, found }) => `${path} was ${recorded} and is ${found}`).join(', ');
  const [code, machine] = [differences(card.code, thisCode(), ''), differences(card.machine, thisMachine(), '')];
  return [
    ...(code.length > 0 ? [`Scored by another state of the program: ${changed(code)}.`] : []),
    ...(machine.length > 0 ? [`Scored on another machine: ${changed(machine)}.`] : []),
  ];
}

/** Are the settings, weights and anchors those that were scored? */
function fileFailures(directory: string, card: RunCard): string[] {
  const { preset, training, selection, threads, provider, corpus, anchors } = readRunConfig(directory);
  const of = (one: { hash: string } | null) => one?.hash ?? null;
  const { seed } = training;
  const has = { preset, training, seed, selection, threads, provider, classes: corpus.classes, corpus: corpus.hash };
  const said = { ...card, corpus: card.corpus.hash, anchors: of(card.anchors) };
  const settings = Object.entries({ ...has, anchors: of(anchors) }).flatMap(([key, value]) =>
    differences(said[key as keyof typeof said], value, key),
  );
  const failures = settings.length > 0 ? [describeDifferences(settings, 'evaluation.json', 'config.json')] : [];
  if (sha256(readFileBytes(runFile(directory, 'model'))) !== card.weights)
    failures.push('model.safetensors does not have the hash in evaluation.json: other weights were scored.');
  if (card.anchors && readAnchors(runFile(directory, 'anchors')).hash !== card.anchors.copy)
    failures.push('anchors.safetensors does not have the hash in evaluation.json: other anchors were scored.');
  return failures;
}

/** A run of an experiment: is every look at the test split in the ledger, and the ledger as it was? */
function experimentFailures(directory: string, card: RunCard): string[] {
  const experiment = experimentOf(directory);
  if (experiment === undefined) return [];
  const results = isExperimentDirectory(experiment.directory)
    ? openExperiment(experiment.directory).results
    : undefined;
  const failures = ledgerFailures(experiment.directory, results?.ledger);
  const { seed, weights } = card;
  const looks = readLedger(experiment.directory).filter(
    (look) => look.corpusHash === card.corpus.hash && (weights === null ? look.seed === seed : look.model === weights),
  );
  if (card.splits.test !== undefined && looks.length === 0) {
    failures.push("The experiment's ledger has no look at the test split by this run, but the run has test scores.");
  }
  return failures;
}

function recordedOutputs(directory: string, card: RunCard, found: Findings): Partial<Record<SplitName, SplitOutputs>> {
  const all: Partial<Record<SplitName, SplitOutputs>> = {};
  for (const split of SPLITS) {
    if (card.splits[split] === undefined) continue;
    all[split] = readOutputs(directory, split);
    if (all[split] === undefined)
      found.failures.push(
        `The outputs that the scores of the ${split} split were computed from are not there any more.`,
      );
  }
  if (Object.keys(all).length === 0) found.failures.push('evaluation.json holds the scores of no split.');
  return all;
}

/** @throws InputError where the corpus is not there, is damaged, or is another one than was scored. */
function openCorpus(directory: string, { corpus }: RunCard, given: string | undefined): Corpus {
  const path = given ?? (corpus.path === undefined ? undefined : recallPath(directory, corpus.path));
  if (path === undefined) throw new InputError(`The card does not say where corpus "${corpus.name}" lies; name it.`);
  const opened = readCorpus(path);
  if (opened.hash === corpus.hash) return opened;
  throw new InputError(
    `${path} is not the corpus that was scored: its hash is ${opened.hash}, in evaluation.json it is ${corpus.hash}.`,
  );
}

/** What was computed again, and the anchors in the order of the classes. */
type EvaluatedAgain = Evaluated & { bank?: AnchorBank };
type Again = (split: SplitName) => Promise<EvaluatedAgain> | EvaluatedAgain;

/** Scores a split with the run's weights. */
function modelAgain(directory: string, card: RunCard, corpus: Corpus): Again {
  return async (split) => {
    const { predictor, run, fit } = await openWith(directory, corpus, {
      threads: Math.min(card.threads, MOST_THREADS),
      device: card.provider,
    });
    try {
      const dialogueIndices = dialoguesOf(corpus, split, run);
      const again = await evaluate(predictor, { corpus, fit, dialogueIndices, split, selection: card.selection });
      return { ...again, bank: predictor.bank };
    } finally {
      await predictor.dispose();
    }
  };
}

/** Fits a baseline again, and scores a split with it. */
function baselineAgain(card: RunCard, corpus: Corpus, found: Findings): Again {
  const kind = card.model as BaselineKind;
  if (!BASELINES.includes(kind) || card.baseline === undefined)
    throw new InputError(`evaluation.json tells of a model "${card.model}", which this program does not know.`);
  const baseline = fitBaseline(corpus, { kind, ...card.baseline });
  const settings = differences(card.baseline, baseline.settings, 'baseline');
  if (settings.length > 0)
    found.failures.push(describeDifferences(settings, 'evaluation.json', 'the baseline fitted again'));
  return (split) => evaluateBaseline(baseline, split);
}

/** Compares outputs that were computed again with the recorded ones, head by head. */
function compareOutputs(card: RunCard, recorded: SplitOutputs, again: EvaluatedAgain, found: Findings): void {
  const { split } = recorded;
  const [had, have] = [headProbabilities(recorded), headProbabilities(again.outputs)];
  const facts = ({ classes, dialogues, dialogueOf, position, labels, present }: SplitOutputs) =>
    JSON.stringify([classes, dialogues, [...dialogueOf], [...position], [...labels], Object.entries(present)]);
  if (facts(recorded) !== facts(again.outputs)) {
    found.failures.push(
      `The recorded outputs of the ${split} split are not of the utterances and labels of the corpus.`,
    );
    return;
  }
  const heads = [...new Set([...Object.keys(had), ...Object.keys(have)])] as Head[];
  const worst = heads.map((head) => ({ head, by: distance(had[head]?.probabilities, have[head]?.probabilities) }));
  const { head, by } = worst.reduce((a, b) => (b.by > a.by ? b : a));
  const recordedScore = card.splits[split]?.classHead.weightedF1 as number;
  const { classHead, utterances } = again.evaluation;
  found.splits.push({
    split,
    utterances,
    difference: by,
    tolerance: PROBABILITY_TOLERANCE,
    weightedF1: { recorded: recordedScore, found: classHead.weightedF1 },
  });
  if (by > PROBABILITY_TOLERANCE) {
    found.failures.push(
      `The recorded outputs of the ${split} split are not those of the model: computed again, a probability of ` +
        `${head} differs by ${by.toPrecision(2)}, more than ${PROBABILITY_TOLERANCE}.`,
    );
    return;
  }
  if (!nearestHold(recorded, again)) {
    found.failures.push(
      `The nearest exemplars that are recorded for the ${split} split are not those that the model's representations are ` +
        'nearest to.',
    );
  }
  const scores = differences(card.splits[split]?.classHead.confusion, classHead.confusion, '');
  if (scores.length > 0) {
    found.notes.push(
      `Computed again, some predictions of the ${split} split between two almost equal classes are others: weighted F1 ` +
        `${classHead.weightedF1.toFixed(4)} where ${recordedScore.toFixed(4)} is recorded.`,
    );
  }
}

/**
 * Whether the recorded exemplars are as near as is said, and none is nearer. Of two that are almost equally near either
 * may be recorded: another machine rounds otherwise.
 */
function nearestHold({ nearest: had, labels }: SplitOutputs, { outputs, anchored, bank }: EvaluatedAgain): boolean {
  const have = outputs.nearest;
  if (had === undefined || have === undefined || anchored === undefined || bank === undefined) return had === have;
  if (distance(had.cosines, have.cosines) > PROBABILITY_TOLERANCE) return false;
  const { dim } = bank;
  const k = had.cosines.length / labels.length;
  return had.cosines.every((cosine, i) => {
    const [c, e] = had.exemplars.subarray(2 * i, 2 * i + 2);
    const rows = bank.exemplars[c];
    if (rows === undefined || e < 0 || (e + 1) * dim > rows.length) return false;
    const n = Math.floor(i / k);
    let found = 0;
    for (let d = 0; d < dim; d++) found += anchored[n * dim + d] * rows[e * dim + d];
    return Math.abs(found - cosine) <= PROBABILITY_TOLERANCE;
  });
}

/** The greatest difference; 1 where only one side has the head. */
function distance(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (a?.length !== b?.length || a === undefined || b === undefined) return 1;
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}
