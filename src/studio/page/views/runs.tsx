import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { RunInfo } from '../../runInfo.js';
import { percent } from '../parts/verdict.js';
import { problem } from '../state/model.js';
import { ask, withToken } from '../state/server.js';
import { S } from '../strings.js';

const runs = signal<readonly RunInfo[]>([]);
const chosen = signal<string | undefined>(undefined);
const curves = signal<Record<string, string>>({});

/** Milliseconds between two looks at the directories. */
const LOOK = 2000;

/** Runs and experiments as they train, and the reports of finished ones. */
export function RunsView() {
  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      try {
        runs.value = (await (await ask('studio/runs')).json()) as RunInfo[];
        chosen.value ??= runs.value[0]?.id;
        await draw();
      } catch (error) {
        problem.value = (error as Error).message;
      }
      if (!stopped) timer = setTimeout(look, LOOK);
    };
    void look();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, []);
  const run = runs.value.find(({ id }) => id === chosen.value);
  if (runs.value.length === 0) return <p class="empty">{S.runs.none}</p>;
  return (
    <div class="columns runs">
      <section aria-labelledby="runs-h">
        <h2 id="runs-h">{S.view.runs}</h2>
        <ul class="runlist">
          {runs.value.map((one) => (
            <li key={one.id}>
              <button
                type="button"
                aria-pressed={one.id === chosen.value}
                onClick={() => {
                  chosen.value = one.id;
                  curves.value = {};
                  void draw();
                }}
              >
                <b>{one.name}</b>
                <span class={`state ${one.state}`}>{S.runs.state[one.state]}</span>
                <span class="quiet">{S.runs.progress(one.kind, one.done, one.all)}</span>
                <progress max={Math.max(one.all, 1)} value={one.done} aria-label={S.runs.progressOf(one.name)} />
              </button>
            </li>
          ))}
        </ul>
      </section>
      {run && (
        <section class="side curves" aria-label={run.name}>
          <header class="row">
            <h2>{run.name}</h2>
            {run.best && <span>{S.runs.best(percent(run.best.score), run.best.epoch)}</span>}
            {run.left !== undefined && <span class="quiet">{S.runs.left(duration(run.left))}</span>}
            {run.state === 'done' && (
              <a href={withToken(`studio/runs/${run.id}/report`)} target="_blank" rel="noopener">
                {S.runs.report}
              </a>
            )}
          </header>
          {Object.entries(curves.value).map(([name, svg]) => (
            <figure key={name} dangerouslySetInnerHTML={{ __html: svg }} />
          ))}
          {Object.keys(curves.value).length === 0 && <p class="quiet">{S.runs.noCurves}</p>}
        </section>
      )}
    </div>
  );
}

async function draw(): Promise<void> {
  const id = chosen.value;
  if (id === undefined) return;
  const found: Record<string, string> = {};
  for (const of of ['weightedF1', 'loss']) {
    const response = await ask(`studio/runs/${id}/curves/${of}`);
    if (response.status === 200) found[of] = await response.text();
  }
  if (chosen.value === id) curves.value = found;
}

function duration(seconds: number): string {
  if (seconds < 90) return S.runs.seconds(Math.ceil(seconds));
  return S.runs.minutes(Math.ceil(seconds / 60));
}
