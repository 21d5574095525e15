import { HERE } from '../base/owner.js';
import type { ExperimentOptions } from '../evaluation/experiment/experiment.js';
import type { PlannedRun } from '../evaluation/experiment/plan.js';
import type { Attempt, JobState } from '../jobs/index.js';
import { type BoardOptions, createBoard } from './board.js';
import { plural, say } from './output.js';

/** How often a board is drawn while nothing ends. */
const LOOK_MS = 1000;

/** A board of an experiment whose runs are done by processes of this machine. */
export function experimentBoard({ now = Date.now, ...options }: Omit<BoardOptions, 'noun'> = {}): {
  listener: NonNullable<ExperimentOptions['listener']>;
  stop: () => void;
} {
  const line = options.line ?? say;
  const board = createBoard({ noun: 'run', now, ...options });
  const jobs = new Map<PlannedRun, JobState>();
  const attempts: Attempt[] = [];
  const notes = new Map<string, string>();
  const look = () => board.look({ jobs: [...jobs.values()], attempts, notes });
  const nameOf = ({ corpus, configuration, seed }: PlannedRun) => `${corpus} ${configuration} seed ${seed}`;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    clearInterval(timer);
    board.stop();
  };
  return {
    listener: {
      onPlan(runs, unfinished) {
        const kept = runs.length - unfinished.length;
        line(`${plural(runs.length, 'run')}${kept > 0 ? `, ${kept} of them finished earlier` : ''}.`);
        for (const run of unfinished)
          jobs.set(run, {
            name: nameOf(run),
            input: run.hash,
            state: 'waiting',
            alike: `${run.corpus} ${run.configuration}`,
          });
        timer = setInterval(look, LOOK_MS).unref();
      },
      onStart(run) {
        const job = jobs.get(run);
        if (job === undefined) return;
        job.state = 'running';
        const begun = new Date(now()).toISOString();
        attempts.push({ job: attempts.length, input: run.hash, ...HERE, pid: process.pid, begun });
        look();
      },
      onEpoch(run, epoch, epochs) {
        notes.set(nameOf(run), `epoch ${epoch} of ${epochs} at most`);
      },
      onEnd(run, reason) {
        const job = jobs.get(run);
        const attempt = attempts.findLast(({ input }) => input === run.hash);
        if (job === undefined) return;
        job.state = reason === undefined ? 'done' : 'failed';
        if (attempt !== undefined) {
          attempt.ended = new Date(now()).toISOString();
          attempt.outcome = job.state;
        }
        look();
      },
      onSummary() {
        stop();
        if (!(options.terminal ?? process.stderr.isTTY)) line('Resampling …');
      },
    },
    stop,
  };
}
