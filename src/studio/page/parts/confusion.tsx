import { selected } from '../state/talk.js';
import type { Answers, Turn } from '../state/types.js';
import { S } from '../strings.js';
import { labelOf } from './labels.js';

/** Labels against answers; a number is a way to the utterances that it counts. */
export function Confusion({ title, turns, answers }: { title: string; turns: readonly Turn[]; answers: Answers }) {
  const { classes } = answers;
  const cells = classes.map(() => classes.map((): number[] => []));
  for (const turn of turns) {
    const [label, answer] = [labelOf(turn, classes), answers.of.get(turn.id)];
    if (label === undefined || answer === undefined) continue;
    cells[classes.indexOf(label)][classes.indexOf(answer.emotion)]?.push(turn.id);
  }
  const most = Math.max(1, ...cells.flat().map(({ length }) => length));
  /** The next of a cell's utterances after the chosen one. */
  const next = (ids: readonly number[]) => {
    selected.value = ids[(ids.indexOf(selected.value ?? -1) + 1) % ids.length];
  };
  return (
    <div class="part">
      <h2>{title}</h2>
      <section class="wide" tabIndex={0} aria-label={title}>
        <table class="confusion">
          <thead>
            <tr>
              <th scope="col">{S.compare.corner}</th>
              {classes.map((name) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {classes.map((name, t) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {cells[t].map((ids, p) => (
                  <td
                    key={classes[p]}
                    class={t === p ? 'right' : ''}
                    style={{ '--share': `${Math.round((50 * ids.length) / most)}%` }}
                  >
                    {ids.length > 0 ? (
                      <button
                        type="button"
                        class="plain"
                        aria-label={S.compare.cell(ids.length, name, classes[p])}
                        onClick={() => next(ids)}
                      >
                        {ids.length}
                      </button>
                    ) : (
                      <span class="quiet">·</span>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
