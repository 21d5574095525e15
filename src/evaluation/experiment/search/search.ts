import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { withDirectory } from '../../../base/claim.js';
import { writeFileAtomic } from '../../../base/files.js';
import { parseJson } from '../../../base/json.js';
import { readText } from '../../../base/read.js';
import { type RungState, rungOf } from '../perform.js';
import type { PlannedRun } from '../plan.js';
import { planExperiment } from '../planExperiment.js';
import { type PerformOptions, type PoolListener, performAll } from '../pool.js';
import { settingsOf } from '../settings.js';
import type { ConfigurationSpec, ExperimentSpec } from '../spec.js';
import { type SearchResult, searchResultSchema } from './result.js';
import { candidateEpochs, configurationOf, halvingRungs, type Rung } from './rungs.js';
import { type Candidate, candidatesOf, type SearchSpec } from './space.js';

const fileSchema = z.object({
  format: z.literal('vega-merc-search'),
  version: z.literal(1),
  /** Not finished where runs wait for more time. */
  finished: z.boolean(),
  searches: z.array(searchResultSchema),
});

/** search.json of an experiment's directory. */
const SEARCH = 'search.json';
/** Where its runs are: an experiment's directory of its own, which never looks at test. */
const RUNS = 'search';

export interface SearchOptions extends Omit<PerformOptions, 'until'> {
  spec: ExperimentSpec;
  search: SearchSpec;
  /** The experiment's directory. */
  directory: string;
  listener: PoolListener & { onPlan?: (runs: PlannedRun[], unfinished: PlannedRun[]) => void };
}

/**
 * Carries a search out, from wherever an earlier call left it: on the validation split alone, rung by rung. What is
 * found is also written to search.json after every rung.
 * @returns what it came to on each corpus; without `chosen` where the time was not enough.
 */
export async function runSearch(options: SearchOptions): Promise<SearchResult[]> {
  const { spec, search, directory, listener, ...how } = options;
  const where = join(directory, RUNS);
  const candidates = candidatesOf(search, 'search');
  const rungs = rungsOf(spec, search, candidates);
  const inner = searchedSpec(spec, search, candidates);
  return withDirectory(where, { doing: 'experiment' }, async () => {
    const { planned } = planExperiment(inner, where);
    const searches = Object.keys(spec.corpora).map((corpus) => begun(corpus, spec, search, candidates));
    const alive = new Map(searches.map(({ corpus }) => [corpus, candidates.map(({ name }) => name)]));
    const wantedOf = (corpus: string) =>
      planned.filter((run) => run.corpus === corpus && alive.get(corpus)?.includes(run.configuration));
    let finished = true;
    for (const [r, rung] of rungs.entries()) {
      const following = rungs.at(r + 1);
      const wanted = [...alive.keys()].flatMap(wantedOf);
      const open = distinct(wanted).filter((run) => !rungOf(where, run, rung.epochs).reached);
      if (open.length > 0) {
        listener.onPlan?.(distinct(wanted), open);
        const failed = new Set<string>();
        const onEnd = (run: PlannedRun, reason?: string) => {
          if (reason !== undefined) failed.add(run.directory);
          listener.onEnd?.(run, reason);
        };
        await performAll(where, open, { ...how, until: rung.epochs }, { ...listener, onEnd });
        finished = open.every((run) => failed.has(run.directory) || rungOf(where, run, rung.epochs).reached);
        if (!finished) break;
      }
      for (const found of searches) {
        const states = stateOf(where, wantedOf(found.corpus), rung.epochs);
        found.rungs.push({ epochs: rung.epochs, scores: Object.fromEntries(scoresOf(states)) });
        const ranked = rank(scoresOf(states));
        alive.set(found.corpus, ranked.slice(0, following?.candidates));
        if (following === undefined && ranked.length > 0) {
          found.chosen = ranked[0];
          found.configuration = searches.length === 1 ? search.name : `${search.name}-${found.corpus}`;
        }
      }
      for (const found of searches) found.spent = spentOn(where, planned, found.corpus, rung.epochs);
      write(directory, searches, following === undefined);
    }
    if (!finished) write(directory, searches, false);
    return searches;
  });
}

/** What the search has come to by now; undefined where it was not begun. @throws InputError where the file is damaged. */
export function readSearch(directory: string): SearchResult[] | undefined {
  const path = join(directory, SEARCH);
  if (!existsSync(path)) return undefined;
  return parseJson(fileSchema, readText(path), path, {
    advice: 'Remove it; the search is then read again from its runs.',
  }).searches;
}

function write(directory: string, searches: SearchResult[], finished: boolean): void {
  const file: z.infer<typeof fileSchema> = { format: 'vega-merc-search', version: 1, finished, searches };
  writeFileAtomic(join(directory, SEARCH), `${JSON.stringify(file, null, 2)}\n`);
}

/** The experiment with what was chosen as configurations of it; each on the corpus that it was chosen on. */
export function withChosen(spec: ExperimentSpec, searches: readonly SearchResult[]): ExperimentSpec {
  const { search, ...rest } = spec;
  if (search === undefined) return spec;
  const candidates = new Map(candidatesOf(search, 'search').map(({ name, set }) => [name, set]));
  const chosen = searches.flatMap(({ corpus, chosen: name, configuration, method, rungs }) => {
    const set = name === undefined ? undefined : candidates.get(name);
    if (set === undefined || configuration === undefined) return [];
    const how = method === 'halving' ? `successive halving in ${rungs.length} rungs` : `${method} search`;
    const description = `chosen on validation by ${how}, of ${candidates.size}: ${settingsOf(set).join(', ')}`;
    const one: ConfigurationSpec = { ...configurationOf(search, set), description, corpora: [corpus] };
    return [[configuration, one] as const];
  });
  return { ...rest, configurations: { ...spec.configurations, ...Object.fromEntries(chosen) } };
}

/** The search's runs as an experiment that scores validation alone. */
function searchedSpec(spec: ExperimentSpec, search: SearchSpec, candidates: readonly Candidate[]): ExperimentSpec {
  const { reference: _none, search: _search, ...rest } = spec;
  return {
    ...rest,
    name: `${spec.name}-search`,
    split: 'valid',
    seeds: search.seeds,
    configurations: Object.fromEntries(candidates.map(({ name, set }) => [name, configurationOf(search, set)])),
  };
}

function rungsOf(spec: ExperimentSpec, search: SearchSpec, candidates: readonly Candidate[]): Rung[] {
  const epochs = candidates.map(({ set }) => candidateEpochs(spec.defaults, search, set));
  return search.method === 'halving'
    ? halvingRungs(candidates.length, epochs[0], search.factor, 'search', search.epochs)
    : [{ candidates: candidates.length, epochs: Math.max(...epochs) }];
}

function begun(
  corpus: string,
  { defaults }: ExperimentSpec,
  search: SearchSpec,
  candidates: readonly Candidate[],
): SearchResult {
  const { method, seed, seeds } = search;
  const epochs = candidates.reduce((sum, { set }) => sum + candidateEpochs(defaults, search, set), 0);
  return {
    corpus,
    method,
    seed,
    seeds,
    candidates: Object.fromEntries(candidates.map(({ name, set }) => [name, settingsOf(set)])),
    rungs: [],
    spent: { epochs: 0, seconds: 0 },
    all: seeds.length * epochs,
  };
}

/** Candidates that come to the same settings share runs. */
const distinct = (runs: readonly PlannedRun[]): PlannedRun[] => [
  ...new Map(runs.map((run) => [run.directory, run])).values(),
];

function stateOf(where: string, runs: readonly PlannedRun[], until: number): Map<string, RungState[]> {
  const states = new Map<string, RungState[]>();
  for (const run of runs)
    states.set(run.configuration, [...(states.get(run.configuration) ?? []), rungOf(where, run, until)]);
  return states;
}

/** The mean over seeds, null where one of them did not get there. */
function scoresOf(states: ReadonlyMap<string, RungState[]>): Map<string, number | null> {
  return new Map(
    [...states].map(([name, all]) => [
      name,
      all.every(({ reached }) => reached) ? all.reduce((sum, { score }) => sum + score, 0) / all.length : null,
    ]),
  );
}

/** Names from the best score down, the earlier of equal ones first; those without a score are out. */
function rank(scores: ReadonlyMap<string, number | null>): string[] {
  const scored = [...scores].filter((one): one is [string, number] => one[1] !== null);
  return scored.sort(([, a], [, b]) => b - a).map(([name]) => name);
}

function spentOn(where: string, planned: readonly PlannedRun[], corpus: string, until: number) {
  const runs = distinct(planned.filter((run) => run.corpus === corpus)).map((run) => rungOf(where, run, until));
  const sum = (of: (state: RungState) => number) => runs.reduce((total, state) => total + of(state), 0);
  return { epochs: sum(({ epochs }) => epochs), seconds: Math.round(10 * sum(({ seconds }) => seconds)) / 10 };
}
