import { signal } from '@preact/signals';
import { asSentence } from '../../../base/words.js';
import { Legend } from '../parts/emotion.js';
import { Timeline } from '../parts/timeline.js';
import { answers } from '../state/answers.js';
import { live } from '../state/live.js';
import { playing, reading } from '../state/media.js';
import { model } from '../state/model.js';
import { selected, spoken, talk } from '../state/talk.js';
import { changed, changedTurns, isChanged, whatIf } from '../state/whatIf.js';
import { S } from '../strings.js';
import { Composer } from './composer.js';
import { LiveBar } from './live.js';
import { OpenBar } from './open.js';
import { Player } from './player.js';
import { Transcript } from './transcript.js';
import { UtterancePanel } from './utterance.js';
import { WhatIfPanel } from './whatIf.js';

const side = signal<'utterance' | 'whatIf'>('utterance');

/** One conversation: its timeline, its words, and beside them what is known of the chosen utterance. */
export function ConversationView() {
  const turns = spoken.value;
  const tried = isChanged.value;
  const turn = turns.find(({ id }) => id === selected.value);
  return (
    <>
      <OpenBar />
      <LiveBar />
      {!live.value && reading.value && (
        <p class="quiet" role="status">
          {reading.value}
        </p>
      )}
      {talk.value.notes.map((note) => (
        <p class="note" key={note}>
          {asSentence(note)}
        </p>
      ))}
      {turns.length === 0 && (
        <div class="empty">
          <h2>{S.talk.emptyTitle}</h2>
          <p>{S.talk.empty}</p>
        </div>
      )}
      {turns.length > 0 && model.value && (
        <section class="lanes" aria-labelledby="timeline-h">
          <header class="row">
            <h2 id="timeline-h">{S.talk.timeline}</h2>
            <Legend classes={answers.value.classes} />
          </header>
          <Timeline
            label={S.talk.timelineHelp}
            turns={turns}
            answers={answers.value}
            selected={selected.value}
            onSelect={(id) => (selected.value = id)}
            playing={playing.value}
          />
          <Player />
          {tried && (
            <>
              <header class="row">
                <h2>{S.whatIf.timeline}</h2>
                {changed.value.classes.join() !== answers.value.classes.join() && (
                  <Legend classes={changed.value.classes} />
                )}
              </header>
              <Timeline
                label={S.whatIf.timeline}
                turns={changedTurns(turns, whatIf.value)}
                answers={changed.value}
                before={answers.value}
                selected={selected.value}
                onSelect={(id) => (selected.value = id)}
              />
            </>
          )}
        </section>
      )}
      <div class="columns">
        <section class="said" aria-label={S.talk.transcript}>
          <Transcript />
          <Composer />
        </section>
        {turn && (
          <aside class="side" aria-label={S.talk.side}>
            <div class="tabs" role="tablist" aria-label={S.talk.side}>
              {(['utterance', 'whatIf'] as const).map((name) => (
                <button
                  key={name}
                  type="button"
                  role="tab"
                  id={`tab-${name}`}
                  aria-selected={side.value === name}
                  aria-controls="side"
                  tabIndex={side.value === name ? 0 : -1}
                  onClick={() => (side.value = name)}
                  onKeyDown={(event) => swap(event)}
                >
                  {S.tabs[name]}
                </button>
              ))}
            </div>
            <div role="tabpanel" id="side" aria-labelledby={`tab-${side.value}`}>
              {side.value === 'utterance' ? (
                <UtterancePanel turn={turn} answers={answers.value} turns={turns} withMap />
              ) : (
                <WhatIfPanel />
              )}
            </div>
          </aside>
        )}
      </div>
    </>
  );
}

function swap(event: KeyboardEvent): void {
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
  side.value = side.value === 'utterance' ? 'whatIf' : 'utterance';
  document.getElementById(`tab-${side.value}`)?.focus();
}
