import { useEffect, useRef } from 'preact/hooks';
import { classColour } from '../../../base/page.js';
import { layoutTimeline, ribbon, type Slot } from '../../../report/conversation/timeline.js';
import type { Answers, Turn } from '../state/types.js';
import { S } from '../strings.js';
import { ARCS, Arcs } from './arcs.js';
import { useWidth } from './size.js';
import { isUncertain, percent, unfamiliar } from './verdict.js';

const LANE = 64;
const LABEL = 22;
const NAME = 20;
const ROW = NAME + LANE + LABEL;

export interface TimelineProps {
  label: string;
  turns: readonly Turn[];
  answers: Answers;
  /** Answers that these are compared with: where they differ, both are named. */
  before?: Answers;
  selected: number | undefined;
  onSelect(id: number): void;
  /** Second that the recording plays. */
  playing?: number;
}

/** Each speaker's emotions over the conversation: what every utterance may be, as shares of a ribbon. */
export function Timeline({ label, turns, answers, before, selected, onSelect, playing }: TimelineProps) {
  const [box, room] = useWidth<HTMLDivElement>();
  const strip = useRef<HTMLElement>(null);
  const { lanes, slots, width, at } = layoutTimeline(turns, Math.max(room, 200));
  const top = ARCS;
  const height = top + lanes.length * ROW;
  const slotOf = (id: number) => slots.find((slot) => slot.id === id);

  useEffect(() => {
    const slot = slots.find(({ id }) => id === selected);
    const view = box.current;
    if (slot === undefined || view === null) return;
    if (slot.x < view.scrollLeft || slot.x + slot.width > view.scrollLeft + view.clientWidth)
      view.scrollLeft = slot.x + slot.width / 2 - view.clientWidth / 2;
  }, [selected, width]);

  const move = (event: KeyboardEvent) => {
    const now = turns.findIndex(({ id }) => id === selected);
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: turns.length - 1 }[event.key];
    if (to === undefined || turns[to] === undefined) return;
    event.preventDefault();
    onSelect(turns[to].id);
    strip.current?.querySelector<HTMLElement>(`[data-turn="${turns[to].id}"]`)?.focus();
  };

  const attended = selected === undefined ? [] : (answers.of.get(selected)?.evidence.attended ?? []);
  const arcs = attended.flatMap(({ index, weight }) => {
    const slot = slotOf(answers.order[index]);
    return slot ? [{ slot, weight }] : [];
  });
  const from = selected === undefined ? undefined : slotOf(selected);
  return (
    <div class="timeline" ref={box}>
      <section
        ref={strip}
        class="strip"
        style={{ width: `${width}px`, height: `${height}px` }}
        aria-label={label}
        onKeyDown={move}
      >
        <svg width={width} height={height} aria-hidden="true">
          <defs>
            <pattern id="unsure" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="2.4" height="6" fill="var(--paper)" />
            </pattern>
          </defs>
          {from && <Arcs from={from} to={arcs} base={top} />}
          {lanes.map((_, lane) => (
            <Ribbons
              key={lane}
              slots={slots.filter((slot) => slot.lane === lane)}
              answers={answers}
              top={top + lane * ROW + NAME}
            />
          ))}
          {at && playing !== undefined && (
            <line class="playhead" x1={at(playing)} x2={at(playing)} y1={top} y2={height} />
          )}
        </svg>
        {lanes.map((name, lane) => (
          <div key={lane} class="lane" style={{ top: `${top + lane * ROW}px` }}>
            <span>{name || S.talk.nobody}</span>
          </div>
        ))}
        {turns.map((turn, i) => {
          const slot = slots[i];
          const answer = answers.of.get(turn.id);
          const earlier = before?.of.get(turn.id);
          const moved = earlier !== undefined && answer !== undefined && earlier.emotion !== answer.emotion;
          const doubts = answer
            ? [
                ...(isUncertain(answer) ? [S.talk.uncertain] : []),
                ...(unfamiliar(answer).length > 0 ? [S.talk.unfamiliar] : []),
              ]
            : [];
          const said = answer
            ? `${answer.emotion} ${percent(answer.confidence)}${moved ? `, ${S.whatIf.was(earlier.emotion)}` : ''}${doubts.map((doubt) => `, ${doubt}`).join('')}`
            : S.talk.thinking;
          return (
            <button
              key={turn.id}
              type="button"
              data-turn={turn.id}
              class={`slot${turn.id === selected ? ' chosen' : ''}${answer && isUncertain(answer) ? ' unsure' : ''}${answer && unfamiliar(answer).length > 0 ? ' strange' : ''}${moved ? ' moved' : ''}`}
              style={{
                left: `${slot.x}px`,
                width: `${slot.width}px`,
                top: `${top + slot.lane * ROW + NAME}px`,
                height: `${LANE + LABEL}px`,
              }}
              aria-pressed={turn.id === selected}
              tabIndex={turn.id === selected || (selected === undefined && i === 0) ? 0 : -1}
              aria-label={S.talk.slot(i + 1, turn.speaker || S.talk.nobody, turn.text, said)}
              onClick={() => onSelect(turn.id)}
            >
              <span class="tag" aria-hidden="true">
                {answer ? `${doubts.length > 0 ? '? ' : ''}${answer.emotion}` : '…'}
              </span>
            </button>
          );
        })}
      </section>
    </div>
  );
}

/** One speaker's ribbon: solid where they speak, faint in between. */
function Ribbons({ slots, answers, top }: { slots: readonly Slot[]; answers: Answers; top: number }) {
  const known = slots.filter(({ id }) => answers.of.has(id));
  const { classes } = answers;
  const stacks = known.map(({ id }) => {
    const probabilities = answers.of.get(id)?.probabilities ?? {};
    let sum = 0;
    return classes.map((name) => {
      const from = sum;
      sum += probabilities[name] ?? 0;
      return { from, to: sum };
    });
  });
  return (
    <g>
      {known.length > 1 &&
        classes.map((name, c) => (
          <path
            key={name}
            class="between"
            fill={classColour(c)}
            d={ribbon(
              known,
              stacks.map((stack) => stack[c]),
              top,
              LANE,
            )}
          />
        ))}
      {known.map(({ id, x, width }, i) => (
        <g key={id}>
          {classes.map((name, c) => (
            <rect
              key={name}
              x={x}
              width={width}
              y={top + stacks[i][c].from * LANE}
              height={Math.max((stacks[i][c].to - stacks[i][c].from) * LANE, 0)}
              fill={classColour(c)}
            />
          ))}
          {isUncertain(answers.of.get(id) as never) && (
            <rect x={x} width={width} y={top} height={LANE} fill="url(#unsure)" opacity="0.55" />
          )}
        </g>
      ))}
    </g>
  );
}
