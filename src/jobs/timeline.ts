import type { Attempt } from './attempts.js';

/** An attempt's place and time; 'killed': it never told of its end. */
export interface Span {
  job: number;
  input: string;
  node: string;
  /** Which of the attempts that ran on a node at a time, from 0. */
  lane: number;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  outcome: 'done' | 'failed' | 'elsewhere' | 'killed';
}

/** What a node did. */
export interface NodeUse {
  node: string;
  /** Attempts that it ran at a time, at most. */
  lanes: number;
  attempts: number;
  done: number;
  /** Seconds of all its attempts, and of those that ended without a result. */
  seconds: number;
  wasted: number;
  /** Its attempts' seconds as a share of what its lanes had while anything ran anywhere: 0 … 1. */
  utilisation: number;
}

/** Which attempt ran where, when and how long. */
export interface Timeline {
  /** By node and lane, then by time. */
  spans: Span[];
  nodes: NodeUse[];
  /** When something ran somewhere, oldest first; milliseconds since 1970. */
  periods: { from: number; to: number }[];
  /** Seconds of these periods. */
  seconds: number;
  /** Attempts that ended without a result, and their share of all attempts' seconds. */
  wasted: { attempts: number; seconds: number; share: number };
}

/** Pauses shorter than this do not end a period: a worker takes its next job. */
const PAUSE_MS = 60_000;

/** Where an attempt ran, as its scheduler calls it. */
export const nodeOf = ({ node, host }: Pick<Attempt, 'node' | 'host'>): string => node ?? host;

/**
 * Lays attempts out on their nodes. One that never told of its end counts until its job was begun again, or else until
 * the last thing known of any.
 * @param attempts in the order in which they began.
 */
export function timelineOf(attempts: readonly Attempt[]): Timeline {
  const spans = laidOut(endsOf(attempts));
  const periods = periodsOf(spans);
  const seconds = total(periods);
  const wasted = spans.filter(isWasted);
  const nodes = [...byNode(spans)].map(([node, own]): NodeUse => {
    const lanes = 1 + own.reduce((most, { lane }) => Math.max(most, lane), 0);
    const [all, lost] = [total(own), own.filter(isWasted)];
    const utilisation = seconds === 0 ? 0 : all / (lanes * seconds);
    const counts = { attempts: own.length, done: own.length - lost.length };
    return { node, lanes, ...counts, seconds: all, wasted: total(lost), utilisation };
  });
  const all = total(spans);
  const share = all === 0 ? 0 : total(wasted) / all;
  return { spans, nodes, periods, seconds, wasted: { attempts: wasted.length, seconds: total(wasted), share } };
}

const isWasted = ({ outcome }: Span): boolean => outcome !== 'done';

/** Length in seconds. */
const total = (times: readonly { from: number; to: number }[]): number =>
  times.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);

function endsOf(attempts: readonly Attempt[]): Omit<Span, 'lane'>[] {
  let last = 0;
  for (const { begun, ended } of attempts) last = Math.max(last, Date.parse(ended ?? begun));
  const next = new Map<string, number>();
  return attempts
    .toReversed()
    .map((attempt) => {
      const { job, input, begun, ended, outcome } = attempt;
      const from = Date.parse(begun);
      const to = ended === undefined ? (next.get(input) ?? last) : Date.parse(ended);
      if (outcome !== 'elsewhere') next.set(input, from);
      // Clocks are set back, now and then.
      return { job, input, node: nodeOf(attempt), from, to: Math.max(from, to), outcome: outcome ?? 'killed' } as const;
    })
    .toReversed();
}

/** Each attempt on the first lane of its node that is free when it begins. */
function laidOut(spans: readonly Omit<Span, 'lane'>[]): Span[] {
  const ends = new Map<string, number[]>();
  const placed = spans.map((span): Span => {
    const lanes = ends.get(span.node) ?? [];
    ends.set(span.node, lanes);
    const free = lanes.findIndex((end) => end <= span.from);
    const lane = free < 0 ? lanes.length : free;
    lanes[lane] = span.to;
    return { ...span, lane };
  });
  const names = new Intl.Collator('en', { numeric: true });
  return placed.sort((a, b) => names.compare(a.node, b.node) || a.lane - b.lane || a.from - b.from);
}

function periodsOf(spans: readonly Span[]): Timeline['periods'] {
  const periods: Timeline['periods'] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const current = periods.at(-1);
    if (current !== undefined && from <= current.to + PAUSE_MS) current.to = Math.max(current.to, to);
    else periods.push({ from, to });
  }
  return periods;
}

function byNode(spans: readonly Span[]): Map<string, Span[]> {
  const nodes = new Map<string, Span[]>();
  for (const span of spans) {
    const own = nodes.get(span.node);
    if (own === undefined) nodes.set(span.node, [span]);
    else own.push(span);
  }
  return nodes;
}
