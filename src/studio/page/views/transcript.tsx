import { useEffect, useRef } from 'preact/hooks';
import { Emotion } from '../parts/emotion.js';
import { isUncertain, percent, unfamiliar } from '../parts/verdict.js';
import { answers } from '../state/answers.js';
import { changeTurn, DRAFT, removeTurn, selected, spoken } from '../state/talk.js';
import type { Turn } from '../state/types.js';
import { changed, isChanged } from '../state/whatIf.js';
import { S } from '../strings.js';

/** What was said, an utterance a line, with its answer; the words can be changed in place. */
export function Transcript() {
  return (
    <ol class="transcript" aria-label={S.talk.transcript}>
      {spoken.value.map((turn, i) => (
        <Line key={turn.id} turn={turn} number={i + 1} />
      ))}
    </ol>
  );
}

function Line({ turn, number }: { turn: Turn; number: number }) {
  const line = useRef<HTMLLIElement>(null);
  const chosen = selected.value === turn.id;
  const answer = answers.value.of.get(turn.id);
  const other = isChanged.value ? changed.value.of.get(turn.id) : undefined;
  useEffect(() => {
    if (chosen) line.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const isDraft = turn.id === DRAFT;
  return (
    <li
      ref={line}
      class={`line${chosen ? ' chosen' : ''}${isDraft ? ' draft' : ''}`}
      onFocusIn={() => (selected.value = turn.id)}
    >
      <button
        type="button"
        class="no"
        aria-pressed={chosen}
        aria-label={S.talk.choose(number)}
        onClick={() => (selected.value = turn.id)}
      >
        {number}
      </button>
      <span class="who">{turn.speaker || S.talk.nobody}</span>
      {isDraft ? (
        <span class="said">{turn.text}</span>
      ) : (
        <input
          class="said"
          value={turn.text}
          placeholder={S.talk.noWords}
          aria-label={S.talk.wordsOf(number, turn.speaker || S.talk.nobody)}
          onChange={({ currentTarget }) =>
            changeTurn(turn.id, { text: currentTarget.value, features: withoutText(turn) })
          }
        />
      )}
      <span class="answer">
        {answer ? (
          <>
            <Emotion name={answer.emotion} classes={answers.value.classes} />{' '}
            <data value={answer.confidence}>{percent(answer.confidence)}</data>
            {isUncertain(answer) && (
              <abbr class="mark" title={S.talk.uncertain}>
                ?
              </abbr>
            )}
            {unfamiliar(answer).length > 0 && (
              <abbr class="mark" title={S.talk.unfamiliar}>
                ≠
              </abbr>
            )}
            {other && (other.emotion !== answer.emotion || Math.abs(other.confidence - answer.confidence) >= 0.005) && (
              <span class="then">
                → <Emotion name={other.emotion} classes={changed.value.classes} />{' '}
                <data value={other.confidence}>{percent(other.confidence)}</data>
              </span>
            )}
          </>
        ) : (
          <span class="quiet">…</span>
        )}
      </span>
      {!isDraft && (
        <button type="button" class="plain" aria-label={S.talk.remove(number)} onClick={() => removeTurn(turn.id)}>
          ×
        </button>
      )}
    </li>
  );
}

/** Rows that were made of other words say nothing of these. */
function withoutText({ features }: Turn): Turn['features'] {
  if (features === undefined) return undefined;
  const { text: _, ...rest } = features;
  return Object.keys(rest).length > 0 ? rest : undefined;
}
