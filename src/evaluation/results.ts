import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError } from '../base/errors.js';
import { modalitiesIn } from '../base/modalities.js';
import { type Summary, summarise } from '../metrics/index.js';
import { isRunDirectory, type RunConfig, readRunConfig } from '../training/index.js';
import type { Evaluation } from './evaluate.js';
import { readEvaluations } from './record.js';

/** Runs that differ in nothing but their seed. */
export interface ResultGroup {
  corpus: string;
  note?: string;
  synthetic: boolean;
  /** Modalities the model has. */
  modalities: string[];
  /** The anchors' encoder, "encoder not named" where the file does not say, or "none". */
  anchors: string;
  selection: RunConfig['selection'];
  /** The settings, in short. */
  settings: string;
  utterances: number;
  seeds: number[];
  /** Scores between 0 and 1 over the seeds, of the class head unless the name says otherwise. */
  weightedF1: Summary & { values: number[] };
  macroF1: Summary & { values: number[] };
  accuracy: Summary & { values: number[] };
  anchorHeadWeightedF1?: Summary & { values: number[] };
}

const spread = z.tuple([z.number(), z.number()]);
const referenceSchema = z.strictObject({
  what: z.string(),
  /** What a reader must be told of a corpus or its anchors, by a part of the corpus's name. */
  notes: z.record(z.string(), z.string()).optional(),
  scores: z.array(
    z.strictObject({
      /** A part of the corpus's name. */
      corpus: z.string(),
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
  const parsed = referenceSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!parsed.success) throw new InputError(`${path} holds no reference scores: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** The scored runs in a directory of run directories, grouped; the test split's scores. */
export function collectResults(directory: string): ResultGroup[] {
  if (!existsSync(directory)) throw new InputError(`${directory} does not exist; name a directory of run directories.`);
  const groups = new Map<string, { run: RunConfig; scored: { seed: number; evaluation: Evaluation }[] }>();
  for (const name of readdirSync(directory).toSorted()) {
    const path = join(directory, name);
    if (!isRunDirectory(path)) continue;
    const run = readRunConfig(path);
    const evaluation = readEvaluations(path).test;
    if (!evaluation) continue;
    const key = JSON.stringify([run.corpus.hash, run.anchors?.hash ?? null, { ...run.training, seed: 0 }]);
    const group = groups.get(key) ?? { run, scored: [] };
    group.scored.push({ seed: run.training.seed, evaluation });
    groups.set(key, group);
  }
  if (groups.size === 0) throw new InputError(`${directory} holds no run with test scores.`);
  return [...groups.values()].map(({ run, scored }) =>
    groupOf(
      run,
      scored.toSorted((a, b) => a.seed - b.seed),
    ),
  );
}

function groupOf(run: RunConfig, scored: { seed: number; evaluation: Evaluation }[]): ResultGroup {
  const over = (score: (e: Evaluation) => number) => {
    const values = scored.map(({ evaluation }) => score(evaluation));
    return { ...summarise(values), values };
  };
  const { hidden, epochs, patience, classWeights, r } = run.training;
  const weights = Array.isArray(classWeights) ? 'given' : classWeights;
  const chance = run.anchors ? `, r ${r}` : '';
  return {
    corpus: run.corpus.name,
    ...(run.corpus.note ? { note: run.corpus.note } : {}),
    synthetic: run.corpus.synthetic ?? false,
    modalities: modalitiesIn(run.shape.dims),
    anchors: run.anchors ? (run.anchors.encoder ?? 'encoder not named') : 'none',
    selection: run.selection,
    settings: `${run.preset}, hidden ${hidden}, weights ${weights}, epochs ${epochs}, patience ${patience}${chance}`,
    utterances: scored[0].evaluation.utterances,
    seeds: scored.map(({ seed }) => seed),
    weightedF1: over((e) => e.classHead.weightedF1),
    macroF1: over((e) => e.classHead.macroF1),
    accuracy: over((e) => e.classHead.accuracy),
    ...(run.anchors ? { anchorHeadWeightedF1: over((e) => e.anchorHead?.weightedF1 ?? Number.NaN) } : {}),
  };
}

/** The groups as a Markdown document: mean ± sample standard deviation, and every run. */
export function resultsMarkdown(groups: readonly ResultGroup[], command: string, reference?: Reference): string {
  const lines = [
    '# Results',
    '',
    `Written by \`${command}\` from run directories; not edited by hand.`,
    'Test scores in percent: mean ± sample standard deviation over seeds. The class head unless said otherwise.',
    ...(reference ? ['', `PyTorch: ${reference.what}`] : []),
  ];
  for (const group of groups.toSorted((a, b) => order(a).localeCompare(order(b)))) {
    const peer = reference?.scores.find((s) => named(group, s.corpus) && s.anchors === (group.anchors !== 'none'));
    lines.push('', `## ${group.corpus}: ${group.modalities.join(' + ')}, anchors: ${group.anchors}`, '');
    if (group.synthetic) lines.push('Synthetic corpus.', '');
    const said = Object.entries(reference?.notes ?? {}).filter(([part]) => named(group, part));
    for (const note of [group.note, ...said.map(([, text]) => text)]) if (note) lines.push(note, '');
    lines.push(
      `${group.selection}; ${group.settings}; seeds ${group.seeds.join(', ')}; ${group.utterances} test utterances.`,
      '',
      `| score | vega-merc | runs |${peer ? ' PyTorch | difference of means |' : ''}`,
      `|---|---|---|${peer ? '---|---|' : ''}`,
    );
    const names = {
      weightedF1: 'weighted F1',
      macroF1: 'macro F1',
      accuracy: 'accuracy',
      anchorHeadWeightedF1: 'weighted F1, anchor head',
    } as const;
    for (const [key, name] of Object.entries(names) as [keyof typeof names, string][]) {
      const score = group[key];
      if (!score) continue;
      const [mean, sd] = peer?.[key] ?? [];
      const beside =
        mean === undefined
          ? peer
            ? ' – | – |'
            : ''
          : ` ${mean.toFixed(1)} ± ${sd?.toFixed(1)} | ${signed(100 * score.mean - mean)} |`;
      lines.push(`| ${name} | ${pm(score)} | ${score.values.map(percent).join(', ')} |${beside}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const order = (group: ResultGroup): string => `${group.corpus} ${group.anchors === 'none' ? 1 : 0} ${group.settings}`;
const named = (group: ResultGroup, part: string): boolean => group.corpus.toLowerCase().includes(part);
const percent = (score: number): string => (100 * score).toFixed(1);
const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(1)}`;
const pm = ({ mean, sd }: Summary): string => `${percent(mean)}${Number.isNaN(sd) ? '' : ` ± ${percent(sd)}`}`;
