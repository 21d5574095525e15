import type { Modality } from '../../../entries/web.js';
import { Emotion } from '../parts/emotion.js';
import { percent } from '../parts/verdict.js';
import { answers } from '../state/answers.js';
import { model } from '../state/model.js';
import { selected, spoken } from '../state/talk.js';
import { changed, isChanged, reset, toggle, whatIf } from '../state/whatIf.js';
import { S } from '../strings.js';
import { FaceExchange } from './faceExchange.js';

/** What the model would say if something were not there, or were other. */
export function WhatIfPanel() {
  const { off, dropped, words } = whatIf.value;
  const turns = spoken.value;
  const turn = turns.find(({ id }) => id === selected.value);
  const inputs = Object.keys(model.value?.info.inputs ?? {}) as Modality[];
  return (
    <div class="whatif">
      <p class="note">{S.whatIf.about}</p>
      <fieldset>
        <legend>{S.whatIf.modalities}</legend>
        {inputs.map((modality) => (
          <label class="inline" key={modality}>
            <input
              type="checkbox"
              checked={!off.includes(modality)}
              onChange={() => (whatIf.value = { ...whatIf.value, off: toggle(off, modality) })}
            />{' '}
            {S.modality[modality]}
          </label>
        ))}
      </fieldset>
      {turn && (
        <fieldset>
          <legend>{S.whatIf.utterance(turns.indexOf(turn) + 1)}</legend>
          <label class="inline">
            <input
              type="checkbox"
              checked={dropped.includes(turn.id)}
              onChange={() => (whatIf.value = { ...whatIf.value, dropped: toggle(dropped, turn.id) })}
            />{' '}
            {S.whatIf.drop}
          </label>
          <label class="block">
            <span>{S.whatIf.words}</span>
            <input
              value={words.get(turn.id) ?? turn.text}
              disabled={dropped.includes(turn.id)}
              onInput={({ currentTarget: { value } }) => {
                const next = new Map(words);
                if (value === turn.text) next.delete(turn.id);
                else next.set(turn.id, value);
                whatIf.value = { ...whatIf.value, words: next };
              }}
            />
          </label>
        </fieldset>
      )}
      <FaceExchange />
      <Changes />
    </div>
  );
}

/** What came of it, the largest change first. */
function Changes() {
  if (!isChanged.value) return null;
  const rows = spoken.value.flatMap((turn, i) => {
    const [was, is] = [answers.value.of.get(turn.id), changed.value.of.get(turn.id)];
    if (was === undefined || is === undefined) return [];
    const names = [...new Set([...Object.keys(was.probabilities), ...Object.keys(is.probabilities)])];
    const moved =
      names.reduce((sum, name) => sum + Math.abs((was.probabilities[name] ?? 0) - (is.probabilities[name] ?? 0)), 0) /
      2;
    return [{ turn, number: i + 1, was, is, moved }];
  });
  const others = rows.filter(({ was, is }) => was.emotion !== is.emotion).length;
  return (
    <section class="part" aria-live="polite">
      <h3>{S.whatIf.changes}</h3>
      <p>{S.whatIf.changed(others, rows.length)}</p>
      <table class="changes">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{S.whatIf.before}</th>
            <th scope="col">{S.whatIf.after}</th>
            <th scope="col" class="number">
              {S.whatIf.moved}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows
            .sort((a, b) => b.moved - a.moved)
            .map(({ turn, number, was, is, moved }) => (
              <tr key={turn.id}>
                <th scope="row">
                  <button
                    type="button"
                    class="plain"
                    onClick={() => (selected.value = turn.id)}
                    aria-label={S.whatIf.show(number)}
                  >
                    {number}
                  </button>
                </th>
                <td>
                  <Emotion name={was.emotion} classes={answers.value.classes} /> {percent(was.confidence)}
                </td>
                <td class={was.emotion === is.emotion ? '' : 'other'}>
                  <Emotion name={is.emotion} classes={changed.value.classes} /> {percent(is.confidence)}
                </td>
                <td class="number">
                  <data value={moved}>{percent(moved)}</data>
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      <p>
        <button type="button" onClick={reset}>
          {S.whatIf.reset}
        </button>
      </p>
    </section>
  );
}
