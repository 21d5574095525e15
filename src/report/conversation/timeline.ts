/** What a timeline needs to know of an utterance. */
export interface Said {
  id: number;
  speaker: string;
  text: string;
  /** Seconds into the recording, where it is known. */
  start?: number;
  end?: number;
}

/** Where an utterance lies on the timeline, in pixels. */
export interface Slot {
  id: number;
  lane: number;
  x: number;
  width: number;
}

/** An utterance is never narrower, so that a finger finds it. */
const LEAST = 26;
/** Pixels a second at least, where times are known. */
const SLOWEST = 6;
const GAP = 10;

export interface TimelineLayout {
  lanes: string[];
  slots: Slot[];
  width: number;
  /** Where a second of the recording lies; undefined where nothing says when things were said. */
  at?: (seconds: number) => number;
}

/**
 * By time where every utterance says when it was said, else one after the other with room by the length of its words.
 * @param room pixels that there are.
 */
export function layoutTimeline(turns: readonly Said[], room: number): TimelineLayout {
  const lanes = [...new Set(turns.map(({ speaker }) => speaker))];
  const lane = ({ speaker }: Said) => lanes.indexOf(speaker);
  const timed = turns.length > 0 && turns.every(({ start, end }) => start !== undefined && end !== undefined);
  if (timed) {
    const ends = turns.map(({ end }) => end as number);
    const shortest = Math.min(...turns.map(({ start, end }) => Math.max((end as number) - (start as number), 0.2)));
    const duration = Math.max(...ends, 1);
    const width = Math.max(room, Math.min(duration * Math.max(SLOWEST, LEAST / shortest), 40 * turns.length + room));
    const at = (seconds: number) => (seconds / duration) * width;
    const slots = turns.map((turn) => {
      const [x, end] = [at(turn.start as number), at(turn.end as number)];
      return { id: turn.id, lane: lane(turn), x, width: Math.max(end - x, LEAST / 2) };
    });
    return { lanes, slots, width, at };
  }
  const weights = turns.map(({ text }) => Math.min(Math.max(text.length, 12), 90));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const free = Math.max(room - GAP * Math.max(turns.length - 1, 0), 0);
  // Few utterances need not fill a wide screen.
  const scale = Math.min(Math.max(free / Math.max(total, 1), LEAST / 12), 7);
  let x = 0;
  const slots = turns.map((turn, i) => {
    const slot = { id: turn.id, lane: lane(turn), x, width: weights[i] * scale };
    x += slot.width + GAP;
    return slot;
  });
  return { lanes, slots, width: Math.max(room, x - GAP) };
}

/** The area of one class of a lane: level while somebody speaks, going over in between. @param stack from 0 to 1, by slot. */
export function ribbon(
  slots: readonly Slot[],
  stack: readonly { from: number; to: number }[],
  top: number,
  height: number,
): string {
  const y = (share: number) => (top + share * height).toFixed(1);
  const edge = (which: 'from' | 'to', reversed: boolean) => {
    const order = slots.map((_, i) => (reversed ? slots.length - 1 - i : i));
    return order
      .map((i, n) => {
        const { x, width } = slots[i];
        const [a, b] = reversed ? [x + width, x] : [x, x + width];
        const level = y(stack[i][which]);
        const before = n === 0 ? undefined : slots[order[n - 1]];
        if (before === undefined) return `${reversed ? 'L' : 'M'}${a.toFixed(1)} ${level}H${b.toFixed(1)}`;
        const from = reversed ? before.x : before.x + before.width;
        const middle = ((from + a) / 2).toFixed(1);
        return `C${middle} ${y(stack[order[n - 1]][which])} ${middle} ${level} ${a.toFixed(1)} ${level}H${b.toFixed(1)}`;
      })
      .join('');
  };
  return `${edge('from', false)}${edge('to', true)}Z`;
}
