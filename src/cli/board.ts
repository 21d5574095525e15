import { MultiBar, type SingleBar } from 'cli-progress';
import type { ExperimentOptions } from '../evaluation/experiment/experiment.js';
import type { PlannedRun } from '../evaluation/experiment/plan.js';
import { plural, say } from './output.js';

/** How far an experiment is: on a terminal a bar for all and one for each run at work; elsewhere a line a run. */
export function createBoard(): { listener: NonNullable<ExperimentOptions['listener']>; stop: () => void } {
  const bars = process.stderr.isTTY
    ? new MultiBar({
        format: '{label} {bar} {value}/{total} {note}',
        stream: process.stderr,
        barsize: 24,
        barCompleteChar: '█',
        barIncompleteChar: '░',
        hideCursor: true,
        clearOnComplete: true,
      })
    : undefined;
  let whole: SingleBar | undefined;
  const own = new Map<PlannedRun, { bar?: SingleBar; started: number }>();
  let total = 0;
  let done = 0;
  let failed = 0;
  const started = Date.now();
  const name = ({ corpus, configuration, seed }: PlannedRun) => `${corpus} ${configuration} seed ${seed}`;
  const left = () => (done === 0 ? '' : `about ${duration(((Date.now() - started) / done) * (total - done))} left`);
  return {
    listener: {
      onPlan(runs, unfinished) {
        total = unfinished.length;
        const kept = runs.length - total;
        say(`${plural(runs.length, 'run')}${kept > 0 ? `, ${kept} of them finished earlier` : ''}.`);
        whole = bars?.create(total, 0, { label: 'runs', note: '' });
      },
      onStart(run) {
        const epochs = run.model.kind === 'vega' ? 'epochs' : '';
        own.set(run, { bar: bars?.create(1, 0, { label: name(run), note: epochs }), started: Date.now() });
      },
      onEpoch(run, epoch, epochs) {
        const bar = own.get(run)?.bar;
        bar?.setTotal(epochs);
        bar?.update(epoch, { note: 'epochs at most' });
      },
      onEnd(run, reason) {
        const { bar, started: since } = own.get(run) ?? { started: Date.now() };
        if (bar) bars?.remove(bar);
        own.delete(run);
        done++;
        if (reason !== undefined) failed++;
        whole?.update(done, { note: `${failed > 0 ? `${failed} failed ` : ''}${left()}` });
        const took = duration(Date.now() - since);
        if (!bars) say(`${done}/${total} ${name(run)}${reason === undefined ? '' : ' FAILED'} (${took}) ${left()}`);
      },
      onSummary: () => {
        if (!bars) say('Resampling …');
      },
    },
    stop: () => bars?.stop(),
  };
}

function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
