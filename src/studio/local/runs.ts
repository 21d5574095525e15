import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { whoClaims } from '../../base/claim.js';
import { InputError } from '../../base/errors.js';
import { sha256 } from '../../base/sha256.js';
import { isExperimentDirectory } from '../../evaluation/experiment/open.js';
import { readPlan } from '../../evaluation/experiment/planFile.js';
import { learningCurves } from '../../report/charts/charts.js';
import { openSubject, reportPage } from '../../report/index.js';
import { isRunDirectory, readRunConfig, runFile } from '../../run/index.js';
import { type EpochReport, type LogEvent, readLog } from '../../training/index.js';
import type { LocalPart } from '../app.js';
import type { RunInfo } from '../runInfo.js';

/** Runs and experiments, followed while they train: everything is read from their directories, nothing is written. */
export function runsPart(roots: () => readonly string[]): LocalPart {
  const byId = () => new Map(roots().map((path) => [idOf(path), path]));
  const find = (id: string): string => {
    const path = byId().get(id);
    if (path === undefined) throw new InputError('There is no such run any more.');
    return path;
  };
  return {
    says: { runs: true },
    add(app) {
      app.get('/studio/runs', (c) =>
        c.json([...byId()].map(([id, path]) => infoOf(id, path)).sort((a, b) => b.changed - a.changed)),
      );
      app.get('/studio/runs/:id/curves/:of', (c) => {
        const of = c.req.param('of') === 'loss' ? 'loss' : 'weightedF1';
        const logs = logsOf(find(c.req.param('id')));
        return logs.length === 0
          ? c.body(null, 204)
          : c.body(learningCurves(logs, of, of), 200, { 'content-type': 'image/svg+xml' });
      });
      app.get('/studio/runs/:id/report', (c) => c.html(reportPage(openSubject(find(c.req.param('id')))).html));
    },
  };
}

/** What addresses call it: the same while others come and go. */
const idOf = (path: string): string =>
  `${basename(resolve(path)).replace(/[^\w.-]+/g, '-')}-${sha256(resolve(path)).slice(0, 8)}`;

function infoOf(id: string, path: string): RunInfo {
  const name = basename(resolve(path));
  const plan = isRunDirectory(path) ? undefined : readPlan(path);
  if (plan === undefined) {
    const { whole: _, ...info } = runInfo(path);
    return { id, name, ...info };
  }
  const runs = Object.keys(plan.runs).map((run) => runInfo(join(path, run)));
  const done = runs.filter(({ state }) => state === 'done').length;
  const running = runs.some(({ state }) => state === 'running') || whoClaims(path) !== undefined;
  const state = done === runs.length ? 'done' : running ? 'running' : 'stopped';
  return {
    id,
    name,
    kind: 'experiment',
    state,
    done,
    all: runs.length,
    ...(running && leftOf(runs)),
    changed: Math.max(changedAt(path), ...runs.map(({ changed }) => changed)),
  };
}

type Progress = Omit<RunInfo, 'id' | 'name'> & {
  /** Seconds that all of its epochs take, by those that are done. */
  whole?: number;
};

/** Seconds that an experiment takes at most, if as many runs go on beside each other as do now. */
function leftOf(runs: readonly Progress[]): Pick<RunInfo, 'left'> {
  const lefts = runs.flatMap(({ left }) => left ?? []);
  const wholes = runs.flatMap(({ whole }) => whole ?? []);
  if (lefts.length === 0) return {};
  const waiting = runs.filter(({ state }) => state === 'waiting' || state === 'stopped').length;
  const each = wholes.reduce((sum, seconds) => sum + seconds, 0) / wholes.length;
  const all = lefts.reduce((sum, seconds) => sum + seconds, waiting * each);
  return { left: Math.max(all / lefts.length, ...lefts) };
}

function runInfo(path: string): Progress {
  const events = readLog(runFile(path, 'metrics'));
  const epochs = epochsOf(events);
  const all = isRunDirectory(path) ? readRunConfig(path).training.epochs : 0;
  const last = epochs.at(-1);
  const ended = ['end', 'stopped'].includes(events.at(-1)?.event ?? '');
  const running = whoClaims(path) !== undefined && !ended;
  const pace = epochs.reduce((sum, { seconds }) => sum + seconds, 0) / Math.max(epochs.length, 1);
  return {
    kind: 'run',
    state: ended ? 'done' : running ? 'running' : epochs.length > 0 ? 'stopped' : 'waiting',
    done: epochs.length,
    all,
    ...(last && { best: { epoch: last.bestEpoch, score: last.bestScore } }),
    ...(epochs.length > 0 && { whole: pace * all }),
    ...(running && epochs.length > 0 && { left: pace * (all - epochs.length) }),
    changed: changedAt(path),
  };
}

const epochsOf = (events: readonly LogEvent[]): EpochReport[] =>
  events.filter(({ event }) => event === 'epoch') as unknown as EpochReport[];

function changedAt(path: string): number {
  const log = runFile(path, 'metrics');
  return statSync(existsSync(log) ? log : path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Most curves that one drawing holds: those that began last. */
const CURVES = 6;

/** Logs of a run, or of the runs of an experiment that have begun. */
function logsOf(path: string): { seed: number; events: LogEvent[] }[] {
  const plan = isRunDirectory(path) ? undefined : readPlan(path);
  const runs = plan === undefined ? [path] : Object.keys(plan.runs).map((run) => join(path, run));
  return runs
    .map((run) => ({
      seed: isRunDirectory(run) ? readRunConfig(run).training.seed : 0,
      events: readLog(runFile(run, 'metrics')).filter(({ event }) => event === 'epoch'),
    }))
    .filter(({ events }) => events.length > 0)
    .slice(-CURVES);
}

/** Runs and experiments that lie in a folder. */
export function runsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter(isFollowed);
}

/** Is this a directory of a run or an experiment, however far it is? */
export const isFollowed = (path: string): boolean =>
  isRunDirectory(path) || isExperimentDirectory(path) || readPlan(path) !== undefined;
