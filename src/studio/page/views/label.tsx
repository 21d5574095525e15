import { useEffect } from 'preact/hooks';
import { Emotion } from '../parts/emotion.js';
import { percent } from '../parts/verdict.js';
import {
  at,
  author,
  classes,
  correct,
  corrections,
  type Item,
  isCorpus,
  items,
  order,
  readCorpus,
  readingCorpus,
  save,
  total,
} from '../state/labels.js';
import { model, problem } from '../state/model.js';
import { S } from '../strings.js';
import type { Order } from '../thinking/rank.js';
import { OpenBar } from './open.js';

/** Labels one utterance after the other by keyboard, the one that would teach most first. */
export function LabelView() {
  useEffect(() => {
    if (isCorpus.value) void readCorpus();
  }, [model.value]);
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const all = items.value;
  const item = all[at.value];
  return (
    <>
      {!isCorpus.value && <OpenBar />}
      {readingCorpus.value && (
        <p class="quiet" role="status">
          {S.label.reading}
        </p>
      )}
      {all.length === 0 && !readingCorpus.value && <p class="empty">{S.label.empty}</p>}
      {all.length > 0 && (
        <div class="bar">
          <label class="inline">
            {S.label.order}
            <select
              value={order.value}
              onChange={({ currentTarget }) => {
                order.value = currentTarget.value as Order;
                at.value = 0;
              }}
            >
              {(['margin', 'entropy', 'doubtful'] as const).map((name) => (
                <option key={name} value={name}>
                  {S.label.orders[name]}
                </option>
              ))}
            </select>
          </label>
          <span class="quiet">{S.label.progress(at.value + 1, all.length, corrections.value.size)}</span>
          {total.value > all.length && <span class="quiet">{S.label.part(all.length, total.value)}</span>}
        </div>
      )}
      {item && <Card item={item} />}
      {all.length > 0 && <Saving />}
    </>
  );
}

function Card({ item }: { item: Item }) {
  const given = corrections.value.has(item.key) ? corrections.value.get(item.key) : item.label;
  return (
    <article class="card" aria-label={S.label.card}>
      <p class="quiet">
        {item.dialogue} · {item.index + 1}
      </p>
      {item.before.map(({ speaker, text }, i) => (
        <p class="quiet" key={`${i} ${text}`}>
          {speaker}: {text}
        </p>
      ))}
      <p class="words">
        <span class="quiet">{item.speaker || S.talk.nobody}:</span> {item.text || S.talk.noWords}
      </p>
      <p>
        {S.label.says} <Emotion name={item.emotion} classes={classes.value} />{' '}
        <data value={item.confidence}>{percent(item.confidence)}</data>{' '}
        <span class="quiet">{S.utterance.confident}</span>
      </p>
      <section class="choices" aria-label={S.label.choices}>
        {classes.value.map((name, i) => (
          <button
            key={name}
            type="button"
            aria-pressed={given === name}
            onClick={() => correct(item, name)}
            style={{ '--p': `${(100 * (item.probabilities[name] ?? 0)).toFixed(1)}%` }}
          >
            <kbd>{i < KEYS.length ? KEYS[i] : ''}</kbd>
            <Emotion name={name} classes={classes.value} />
            <data value={item.probabilities[name] ?? 0}>{percent(item.probabilities[name] ?? 0)}</data>
          </button>
        ))}
        <button type="button" aria-pressed={given === undefined || given === null} onClick={() => correct(item, null)}>
          <kbd>0</kbd>
          <span>{S.label.none}</span>
        </button>
      </section>
      <p class="note">
        {item.labelledBy ? S.label.by(item.labelledBy) : ''} {S.label.keys}
      </p>
      <p class="buttons">
        <button type="button" disabled={at.value === 0} onClick={() => step(-1)}>
          {S.label.previous}
        </button>
        <button type="button" class="primary" disabled={at.value >= items.value.length - 1} onClick={() => step(1)}>
          {S.label.next}
        </button>
      </p>
    </article>
  );
}

function Saving() {
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        save().catch((error: Error) => {
          problem.value = error.message;
        });
      }}
    >
      <label>
        <span>{S.label.author}</span>
        <input
          name="author"
          required
          value={author.value}
          onInput={({ currentTarget }) => (author.value = currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" disabled={corrections.value.size === 0 || author.value.trim() === ''}>
        {isCorpus.value ? S.label.saveCorpus(corrections.value.size) : S.label.saveFile(corrections.value.size)}
      </button>
    </form>
  );
}

const KEYS = '123456789';

function step(by: number): void {
  at.value = Math.min(Math.max(at.value + by, 0), items.value.length - 1);
}

/** Digits choose, arrows and Enter go on; not while somebody types. */
function onKey(event: KeyboardEvent): void {
  const item = items.value[at.value];
  const target = event.target as HTMLElement;
  if (item === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || document.querySelector('dialog[open]')) return;
  const name = classes.value[KEYS.indexOf(event.key)];
  if (event.key === '0') correct(item, null);
  else if (event.key.length === 1 && name !== undefined) correct(item, name);
  else if (
    event.key === 'ArrowRight' ||
    (event.key === 'Enter' && target.tagName !== 'BUTTON' && target.tagName !== 'A')
  )
    step(1);
  else if (event.key === 'ArrowLeft') step(-1);
  else return;
  event.preventDefault();
}
