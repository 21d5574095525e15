import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readAnchors, writeAnchors } from '../../anchors/files.js';
import { type AnchorBank, alignAnchors, randomAnchors } from '../../anchors/index.js';
import type { AnchorSpaceName } from '../../anchors/types.js';
import { InputError } from '../../base/errors.js';
import { writeFileAtomic } from '../../base/files.js';
import { suggestion } from '../../base/names.js';
import { sha256 } from '../../base/sha256.js';
import { quote } from '../../base/words.js';
import { readCorpus } from '../../corpus/files.js';
import { type Corpus, countLabels, splitDialogues } from '../../corpus/index.js';
import { checkDevice, nodeEngine } from '../../graph/node.js';
import {
  areaOfSums,
  bootstrapIntervals,
  holm,
  joinRuns,
  meanOverRuns,
  pairedRandomisation,
  summarise,
} from '../../metrics/index.js';
import { runFile } from '../../run/index.js';
import { type ExperimentOptions, runExperiment } from '../experiment/experiment.js';
import { recordLook } from '../experiment/ledger.js';
import { RESAMPLING_SEED } from '../experiment/row.js';
import { checkExperiment } from '../experiment/spec.js';
import { type ScoredRun, scoreLeftOut } from './score.js';
import type { LeftOutScores, OverRuns, TargetResult, ZeroShotResults } from './types.js';

export interface ZeroShotOptions
  extends Pick<ExperimentOptions, 'directory' | 'jobs' | 'threads' | 'provider' | 'signal' | 'listener'> {
  name: string;
  /** Corpus directory. */
  corpus: string;
  /** Anchor file of faces. */
  faces: string;
  /** Embeddings of the classes' names by a text encoder, as one more kind of target. */
  words?: AnchorBank;
  /** Only these kinds of target, and random directions, which they are compared with. Default: all. */
  targets?: readonly string[];
  preset: string;
  set: Record<string, unknown>;
  seeds: number[];
  /** Default "test"; "valid" for choosing settings. */
  split?: 'valid' | 'test';
  resamples?: number;
  /** Called with how many of all runs have been scored. */
  onScored?: (done: number, runs: number) => void;
}

/** The kind of target that the others are compared with: it knows nothing of faces. */
const REFERENCE = 'random';
/** All random targets come from one draw, so that a class has the same direction whichever class is left out. */
const RANDOM_SEED = 0;

interface Target {
  name: string;
  description: string;
  bank: AnchorBank;
  space: AnchorSpaceName;
}

/**
 * Leaves each emotion out of training in turn, and asks whether it is then found by its anchor alone: with faces as anchors,
 * as they are, with the mean face subtracted and whitened, and with targets that know nothing of faces. A class without a
 * labelled utterance in the split is not left out.
 * @returns the results, which are also written to zero-shot.json.
 * @throws InputError where the corpus has too few classes, or the plan cannot be carried out.
 */
export async function runZeroShot(options: ZeroShotOptions): Promise<ZeroShotResults> {
  const { directory, seeds, split = 'test', preset, set, resamples = 10_000, provider } = options;
  if (provider !== undefined && provider !== 'cpu') await checkDevice(nodeEngine({ provider }));
  const corpus = readCorpus(options.corpus);
  const targets = wantedTargets(corpus, options);
  const leftOut = classesIn(corpus, split);
  const spec = checkExperiment(
    {
      name: options.name,
      description: `Each emotion of "${corpus.name}" left out of training in turn.`,
      seeds,
      split: 'valid',
      corpora: Object.fromEntries(
        leftOut.map((name) => [corpusOf(name), { path: resolve(options.corpus), drop: [name] }]),
      ),
      configurations: Object.fromEntries(
        targets.map(({ name, bank, space }) => {
          const file = resolve(directory, 'anchors', `${name}.anchors.safetensors`);
          writeAnchors(file, bank);
          return [name, { preset, anchors: file, set: { ...set, anchorSpace: space } }];
        }),
      ),
      resamples,
    },
    'The experiment',
  );
  const { rows, finished } = await runExperiment({ ...options, spec });
  if (!finished) throw new InputError(`Some runs of ${directory} failed; run the same command again to go on.`);
  const scored = new Map<string, ScoredRun[]>();
  const total = rows.reduce((sum, { runs }) => sum + runs.length, 0);
  let done = 0;
  for (const { name, bank } of targets) {
    const runs: ScoredRun[] = [];
    for (const left of leftOut) {
      const row = rows.find((one) => one.corpus === corpusOf(left) && one.configuration === name);
      for (const { seed, directory: place } of row?.runs ?? []) {
        const path = join(directory, place);
        const note = () => split === 'test' && recordLook(directory, lookAt(path, corpus, left, name, seed));
        runs.push(await scoreLeftOut(path, corpus, bank, left, split, note));
        options.onScored?.(++done, total);
      }
    }
    scored.set(name, runs);
  }
  const results: ZeroShotResults = {
    format: 'vega-merc-zero-shot',
    version: 1,
    name: options.name,
    corpus: {
      name: corpus.name,
      hash: corpus.hash,
      ...(corpus.synthetic && { synthetic: true }),
      ...(corpus.composed && { composed: true }),
      ...(corpus.note && { note: corpus.note }),
    },
    classes: leftOut,
    modalities: rows[0].modalities,
    preset,
    settings: rows[0].settings.filter((setting) => !setting.startsWith('anchorSpace=')),
    seeds,
    selection: 'validation-selected',
    split,
    utterances: countLabels(corpus, splitDialogues(corpus, split)).reduce((a, b) => a + b, 0),
    dialogues: splitDialogues(corpus, split).length,
    resampling: { seed: RESAMPLING_SEED, resamples },
    targets: compare(targets, scored, leftOut.length, seeds.length, resamples),
  };
  writeFileAtomic(join(directory, 'zero-shot.json'), `${JSON.stringify(results, null, 2)}\n`);
  return results;
}

const corpusOf = (leftOut: string): string => `without-${leftOut.replace(/[^\w.+-]+/g, '-')}`;

function classesIn(corpus: Corpus, split: 'valid' | 'test'): string[] {
  const counts = countLabels(corpus, splitDialogues(corpus, split));
  const classes = corpus.classes.filter((_, c) => counts[c] > 0);
  if (classes.length >= 3) return classes;
  throw new InputError(
    `The ${split} split of corpus "${corpus.name}" shows ${classes.length} classes; leaving one out needs at least three.`,
  );
}

/** @throws InputError where a wanted kind is unknown. */
function wantedTargets(corpus: Corpus, options: ZeroShotOptions): Target[] {
  const all = targetsFor(corpus, options);
  const { targets = all.map(({ name }) => name) } = options;
  const names = all.map(({ name }) => name);
  for (const name of targets)
    if (!names.includes(name)) throw new InputError(`There is no target ${quote(name)}.${suggestion(name, names)}`);
  return all.filter(({ name }) => name === REFERENCE || targets.includes(name));
}

function targetsFor(corpus: Corpus, { faces, words }: ZeroShotOptions): Target[] {
  const { bank } = alignAnchors(readAnchors(faces), corpus.classes);
  const spaces: [string, AnchorSpaceName, string][] = [
    ['faces', 'raw', 'face centres as the image encoder gave them'],
    ['faces-centred', 'centred', 'face centres with the mean face of the seen classes subtracted'],
    ['faces-whitened', 'whitened', 'the same, whitened by how faces of one emotion differ'],
  ];
  return [
    ...spaces.map(([name, space, description]) => ({ name, space, description, bank })),
    {
      name: REFERENCE,
      description: 'orthonormal random directions, one draw',
      space: 'raw' as const,
      bank: randomAnchors(corpus.classes, bank.dim, RANDOM_SEED),
    },
    ...(words
      ? [
          {
            name: 'words-centred',
            description: 'embeddings of the emotions’ names by the text encoder, their mean subtracted',
            space: 'centred' as const,
            bank: words,
          },
        ]
      : []),
  ];
}

function lookAt(path: string, corpus: Corpus, leftOut: string, configuration: string, seed: number) {
  return {
    time: new Date().toISOString(),
    corpus: corpusOf(leftOut),
    corpusHash: corpus.hash,
    split: 'test' as const,
    configuration,
    seed,
    model: sha256(readFileSync(runFile(path, 'model'))),
    what: `zero-shot, ${leftOut} left out`,
    selection: 'validation-selected' as const,
  };
}

const SCORES = [
  'bySimilarity',
  'inSpan',
  'bySoftmax',
  'unseenF1',
  'seenF1',
  'harmonic',
] as const satisfies readonly (keyof LeftOutScores)[];

/** @param scored for each target its runs, class by class and in each seed by seed. */
function compare(
  targets: readonly Target[],
  scored: ReadonlyMap<string, ScoredRun[]>,
  classes: number,
  seeds: number,
  resamples: number,
): TargetResult[] {
  const resampling = { seed: RESAMPLING_SEED, resamples };
  const judge = (name: string, of: 'areas' | 'spanAreas') => {
    const sums = (target: string) => (scored.get(target) as ScoredRun[]).map((run) => run[of]);
    const all = sums(name);
    const { mean } = bootstrapIntervals(joinRuns(all), { mean: meanOverRuns(areaOfSums, all.length) }, resampling);
    const test = name === REFERENCE ? undefined : pairedRandomisation(all, sums(REFERENCE), areaOfSums, resampling);
    return {
      interval: { lower: mean.lower, upper: mean.upper },
      ...(test && { comparison: { reference: REFERENCE, ...test, pHolm: test.pValue } }),
    };
  };
  const results = targets.map(({ name, description }): TargetResult => {
    const runs = scored.get(name) as ScoredRun[];
    return {
      target: name,
      description,
      scores: Object.fromEntries(
        SCORES.map((score) => [
          score,
          overRuns(
            runs.map((run) => run.scores[score]),
            classes,
            seeds,
          ),
        ]),
      ) as TargetResult['scores'],
      ...judge(name, 'areas'),
      span: judge(name, 'spanAreas'),
    };
  });
  // Each of the two ways to look is a table of its own.
  for (const compared of [
    results.flatMap(({ comparison }) => comparison ?? []),
    results.flatMap(({ span }) => span.comparison ?? []),
  ]) {
    holm(compared.map(({ pValue }) => pValue)).forEach((p, i) => {
      compared[i].pHolm = p;
    });
  }
  return results;
}

/** @param values class by class, in each seed by seed. */
function overRuns(values: readonly number[], classes: number, seeds: number): OverRuns {
  const average = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const bySeed = Array.from({ length: seeds }, (_, s) => average(values.filter((_, i) => i % seeds === s)));
  const { mean, sd } = summarise(bySeed);
  return {
    mean,
    sd: Number.isNaN(sd) ? null : sd,
    byClass: Array.from({ length: classes }, (_, c) => average(values.slice(c * seeds, (c + 1) * seeds))),
  };
}
