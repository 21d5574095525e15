import { z } from 'zod';
import { parseJson } from '../base/json.js';
import { readText } from '../base/read.js';
import type { ExperimentCorpus, ExperimentResults, Head, ResultRow, ScoreName } from '../evaluation/index.js';
import { rowsOf, scoredSplit } from './reading.js';
import type { Table } from './table.js';

const spread = z.tuple([z.number(), z.number()]);
const referenceSchema = z.strictObject({
  /** What the other program is, a sentence or more. */
  what: z.string(),
  /** The seeds it ran; only configurations of the same seeds stand beside it. */
  seeds: z.array(z.int()),
  /** What a reader must be told of a corpus or its anchors, by a part of the corpus's name. */
  notes: z.record(z.string(), z.string()).optional(),
  scores: z.array(
    z.strictObject({
      /** A part of the corpus's name. */
      corpus: z.string(),
      /** Visual anchors, or none. */
      anchors: z.boolean(),
      weightedF1: spread,
      macroF1: spread,
      accuracy: spread,
      anchorHeadWeightedF1: spread.optional(),
    }),
  ),
});
/** Scores of another program on the same corpora, in percent: mean and standard deviation. */
export type Reference = z.infer<typeof referenceSchema>;

/** @throws InputError where the file is not one of such scores. */
export function readReference(path: string): Reference {
  return parseJson(referenceSchema, readText(path), path, { advice: 'It should hold scores of another program.' });
}

/** What the reference file says of a corpus, where the corpus does not say it itself. */
export function referenceNotes(reference: Reference | undefined, corpus: ExperimentCorpus): string[] {
  return Object.entries(reference?.notes ?? {}).flatMap(([part, note]) =>
    named(corpus, part) && note !== corpus.note ? [note] : [],
  );
}

const COMPARED: readonly [keyof Reference['scores'][number] & string, Head, ScoreName, string][] = [
  ['weightedF1', 'classHead', 'weightedF1', 'weighted F1'],
  ['macroF1', 'classHead', 'macroF1', 'macro F1'],
  ['accuracy', 'classHead', 'accuracy', 'accuracy'],
  ['anchorHeadWeightedF1', 'anchorHead', 'weightedF1', 'weighted F1, anchor head'],
];

/**
 * The other program's scores beside ours: of each kind (with visual anchors, without) the first configuration of the
 * same seeds. Undefined where there is none.
 */
export function besideTable(
  results: ExperimentResults,
  corpus: ExperimentCorpus,
  reference: Reference,
): Table | undefined {
  const rows = reference.scores.flatMap((peer) => {
    if (!named(corpus, peer.corpus)) return [];
    const row = rowsOf(results, corpus).find((one) => fits(one, peer.anchors, reference.seeds));
    if (!row) return [];
    return COMPARED.flatMap(([key, head, score, title]) => {
      const theirs = peer[key] as [number, number] | undefined;
      const ours = row.scores[head]?.[score];
      if (!theirs || !ours) return [];
      const [mean, sd] = theirs.map((value) => value / 100);
      return [
        [
          row.configuration,
          title,
          { mean: ours.mean, sd: ours.sd, unit: 'percent' as const },
          { values: ours.values, unit: 'percent' as const },
          { mean, sd, unit: 'percent' as const },
          { mean: ours.mean - mean, sd: null, unit: 'points' as const },
        ],
      ];
    });
  });
  if (rows.length === 0) return undefined;
  return {
    key: 'pytorch',
    corpus: corpus.name,
    title: `${corpus.name}: beside PyTorch, ${scoredSplit(results)}`,
    notes: [`PyTorch: ${reference.what}`],
    head: ['configuration', 'score', 'vega-merc', 'runs', 'PyTorch', 'difference of means'],
    rows,
  };
}

const named = ({ name, title }: ExperimentCorpus, part: string): boolean =>
  `${name} ${title}`.toLowerCase().includes(part);

function fits(row: ResultRow, anchors: boolean, seeds: readonly number[]): boolean {
  const same = row.seeds.length === seeds.length && row.seeds.every((seed) => seeds.includes(seed));
  return same && (anchors ? row.anchors.startsWith('visual') : row.anchors === 'none');
}
