import { Confusion } from '../parts/confusion.js';
import { Emotion, Legend } from '../parts/emotion.js';
import { labelOf } from '../parts/labels.js';
import { Timeline } from '../parts/timeline.js';
import { percent } from '../parts/verdict.js';
import { answers } from '../state/answers.js';
import { chooseSecond, openingSecond, second, secondAnswers } from '../state/compare.js';
import { model } from '../state/model.js';
import { setup } from '../state/setup.js';
import { selected, spoken } from '../state/talk.js';
import type { Answers, Turn } from '../state/types.js';
import { S } from '../strings.js';
import { OpenBar } from './open.js';

/** Two models on one conversation; with labels, mistakes come first. */
export function CompareView() {
  const turns = spoken.value;
  const others = (setup.value?.models ?? []).filter(({ id }) => id !== model.value?.id);
  const both = second.value !== undefined;
  const titles = [model.value, second.value].map(
    (one) => setup.value?.models.find(({ id }) => id === one?.id)?.title ?? '',
  );
  const labelled = turns.some(({ label }) => label !== undefined);
  return (
    <>
      <OpenBar />
      <div class="bar">
        {others.length === 0 ? (
          <p class="note">{S.compare.alone}</p>
        ) : (
          <label class="inline">
            {S.compare.with(titles[0])}
            <select
              value={second.value?.id ?? ''}
              onChange={({ currentTarget }) => currentTarget.value !== '' && void chooseSecond(currentTarget.value)}
            >
              <option value="">{S.compare.choose}</option>
              {others.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          </label>
        )}
        {openingSecond.value && <span class="quiet">{S.model.opening}</span>}
      </div>
      {turns.length === 0 ? (
        <p class="empty">{S.compare.empty}</p>
      ) : (
        <>
          {[answers.value, ...(both ? [secondAnswers.value] : [])].map((one, i) => (
            <div class="lanes" key={titles[i]}>
              <header class="row">
                <h2>{titles[i]}</h2>
                <Legend classes={one.classes} />
              </header>
              <Timeline
                label={S.compare.timelineOf(titles[i])}
                turns={turns}
                answers={one}
                selected={selected.value}
                onSelect={(id) => (selected.value = id)}
              />
            </div>
          ))}
          <Ranked
            turns={turns}
            one={answers.value}
            two={both ? secondAnswers.value : undefined}
            titles={titles}
            labelled={labelled}
          />
          {labelled && (
            <div class="grid">
              {[answers.value, ...(both ? [secondAnswers.value] : [])].map((one, i) => (
                <Confusion key={titles[i]} title={S.compare.confusionOf(titles[i])} turns={turns} answers={one} />
              ))}
            </div>
          )}
        </>
      )}
    </>
  );
}

/** Mistakes first, the surest of them before; without labels, where the two disagree. */
function Ranked({
  turns,
  one,
  two,
  titles,
  labelled,
}: {
  turns: readonly Turn[];
  one: Answers;
  two?: Answers;
  titles: readonly string[];
  labelled: boolean;
}) {
  const rows = turns.flatMap((turn, i) => {
    const [a, b] = [one.of.get(turn.id), two?.of.get(turn.id)];
    if (a === undefined) return [];
    const label = labelOf(turn, one.classes);
    const wrongA = label !== undefined && a.emotion !== label;
    const wrongB = b !== undefined && turn.label !== undefined && b.emotion !== labelOf(turn, two?.classes ?? []);
    const apart = b !== undefined && a.emotion !== b.emotion;
    const rank = labelled
      ? (wrongA ? 2 + a.confidence : 0) + (wrongB ? 2 + (b?.confidence ?? 0) : 0)
      : (apart ? 2 : 0) + Math.abs(a.confidence - (b?.confidence ?? a.confidence));
    return [{ turn, number: i + 1, a, b, label, wrongA, wrongB, rank }];
  });
  const count = (which: 'wrongA' | 'wrongB') => rows.filter((row) => row[which]).length;
  const known = rows.filter(({ label }) => label !== undefined).length;
  return (
    <section class="part" aria-labelledby="ranked-h">
      <h2 id="ranked-h">{labelled ? S.compare.mistakesFirst : S.compare.differencesFirst}</h2>
      {labelled && (
        <p class="note">
          {[
            S.compare.score(titles[0], known - count('wrongA'), known),
            ...(two ? [S.compare.score(titles[1], known - count('wrongB'), known)] : []),
          ].join(' ')}
        </p>
      )}
      <section class="wide" tabIndex={0} aria-label={S.compare.differencesFirst}>
        <table class="changes ranked">
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">{S.compare.words}</th>
              {labelled && <th scope="col">{S.compare.label}</th>}
              <th scope="col">{titles[0]}</th>
              {two && <th scope="col">{titles[1]}</th>}
            </tr>
          </thead>
          <tbody>
            {rows
              .sort((x, y) => y.rank - x.rank)
              .map(({ turn, number, a, b, label, wrongA, wrongB }) => (
                <tr key={turn.id} class={turn.id === selected.value ? 'chosen' : ''}>
                  <th scope="row">
                    <button
                      type="button"
                      class="plain"
                      aria-label={S.whatIf.show(number)}
                      onClick={() => (selected.value = turn.id)}
                    >
                      {number}
                    </button>
                  </th>
                  <td class="long">
                    <span class="quiet">{turn.speaker}</span> {turn.text}
                  </td>
                  {labelled && <td>{label && <Emotion name={label} classes={one.classes} />}</td>}
                  <td class={wrongA ? 'wrong' : ''}>
                    <Emotion name={a.emotion} classes={one.classes} />{' '}
                    <data value={a.confidence}>{percent(a.confidence)}</data>
                    {wrongA && <span class="mark"> {S.compare.wrong}</span>}
                  </td>
                  {two && (
                    <td class={wrongB ? 'wrong' : ''}>
                      {b && (
                        <>
                          <Emotion name={b.emotion} classes={two.classes} />{' '}
                          <data value={b.confidence}>{percent(b.confidence)}</data>
                        </>
                      )}
                      {wrongB && <span class="mark"> {S.compare.wrong}</span>}
                    </td>
                  )}
                </tr>
              ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}
