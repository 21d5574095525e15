import { escapeHtml } from '../../base/page.js';
import type { ExperimentTimeline } from '../../evaluation/index.js';
import type { CustomSeriesRenderItemAPI } from './echarts.js';
import { guide, INK, LINE, QUIET, svg, valueAxis } from './svg.js';

type Span = ExperimentTimeline['spans'][number];

/** Wider than other charts: hundreds of bars stand side by side. On a telephone its box scrolls. */
const WIDTH = 960;
const EDGES = { left: 118, right: 16, top: 8, bottom: 42 };
/** Height of a lane, between these: many share what there is. */
const ROW = { most: 26, least: 5, all: 560 };
/** Lanes that are drawn; a taller chart is read by nobody. */
const MOST_LANES = ROW.all / ROW.least;
/** Height that a node's name needs, its letters, and the width of a letter. */
const NAME = { height: 13, letters: 15, letter: 6.1 };

/**
 * Which run ran where and when: a bar an attempt, a line a place of a node. Outlined bars ended without a result; pauses in
 * which nothing ran are cut out.
 * @returns the chart, and its caption as HTML.
 */
export function timelineChart(timeline: ExperimentTimeline): { drawing: string; caption: string } {
  const { spans, periods, seconds } = timeline;
  const lanes = lanesOf(spans);
  const drawn = lanes.slice(0, MOST_LANES);
  const height = Math.min(ROW.most, Math.max(ROW.least, Math.floor(ROW.all / drawn.length)));
  const unit = unitOf(seconds);
  const when = withoutPauses(periods);
  const perPixel = seconds / (WIDTH - EDGES.left - EDGES.right);
  const bars = drawn.flatMap((lane, i) => {
    const merged = joined(
      lane.spans.map((span) => barOf(span, when)),
      perPixel,
    );
    return merged.map((bar) => ({ ...bar, lane: drawn.length - 1 - i }));
  });
  const pauses = periods.slice(1).map(({ from }) => when(from) / unit.seconds);
  const labels = namesOf(drawn, height);
  const drawing = svg(
    {
      grid: EDGES,
      xAxis: valueAxis(unit.name, {
        nameGap: 26,
        min: 0,
        max: seconds / unit.seconds,
        splitLine: { show: false },
        // The end is no round number.
        axisLabel: { color: QUIET, showMaxLabel: false },
      }),
      yAxis: {
        type: 'category',
        data: labels.toReversed(),
        axisLabel: { color: INK, interval: 0, fontSize: 12 },
        axisLine: { lineStyle: { color: QUIET } },
        axisTick: { show: false },
        splitLine: { show: height >= NAME.height, lineStyle: { color: LINE, type: [1, 3] } },
      },
      series: [
        ...pauses.map((x) => ({ ...guide([]), data: [0, drawn.length - 1].map((lane) => [x, lane]) })),
        {
          type: 'custom',
          silent: true,
          data: bars.map(({ from, to, lane, wasted }, i) => [
            lane,
            from / unit.seconds,
            to / unit.seconds,
            wasted ? 1 : 0,
            i,
          ]),
          encode: { x: [1, 2], y: 0 },
          renderItem: (_: unknown, api: CustomSeriesRenderItemAPI) => barShape(api, height, (i) => bars[i].names),
        },
      ],
    },
    labelOf(timeline),
    EDGES.top + EDGES.bottom + height * drawn.length,
    WIDTH,
  );
  const caption = [
    'A bar is an attempt at a run, a line a place of a node. Filled blue: done; outlined orange: ended without a result.',
    pauses.length > 0 && 'Dashed: a pause, cut out.',
    drawn.length < lanes.length && `${drawn.length} of ${lanes.length} places are drawn; the tables have all.`,
  ];
  return { drawing, caption: escapeHtml(caption.filter(Boolean).join(' ')) };
}

interface Lane {
  node: string;
  spans: Span[];
}

/** By node and lane, as the timeline has them. */
function lanesOf(spans: readonly Span[]): Lane[] {
  const lanes: (Lane & { lane: number })[] = [];
  for (const span of spans) {
    const last = lanes.at(-1);
    if (last?.node === span.node && last.lane === span.lane) last.spans.push(span);
    else lanes.push({ node: span.node, lane: span.lane, spans: [span] });
  }
  return lanes;
}

/** A node's name at its first lane, where there is room since the last name. */
function namesOf(lanes: readonly Lane[], height: number): string[] {
  let free = 0;
  return lanes.map(({ node }, i) => {
    if (node === lanes[i - 1]?.node || i * height < free) return '';
    free = i * height + NAME.height;
    return node.length > NAME.letters ? `${node.slice(0, NAME.letters - 1)}…` : node;
  });
}

/** Seconds on the axis of a moment: time in which something ran. */
function withoutPauses(periods: ExperimentTimeline['periods']): (time: number) => number {
  const starts: number[] = [];
  let before = 0;
  for (const { from, to } of periods) {
    starts.push(before);
    before += (to - from) / 1000;
  }
  return (time) => {
    const i = Math.max(
      0,
      periods.findLastIndex(({ from }) => from <= time),
    );
    return starts[i] + (Math.min(time, periods[i].to) - periods[i].from) / 1000;
  };
}

interface Bar {
  from: number;
  to: number;
  wasted: boolean;
  /** The longest first; none where it stands for several attempts. */
  names: string[];
}

function barOf({ from, to, outcome, name }: Span, when: (time: number) => number): Bar {
  const [, ...rest] = name.split(', ');
  return { from: when(from), to: when(to), wasted: outcome !== 'done', names: [name, rest.join(', ')] };
}

/** Neighbours that are thinner than a pixel become one bar: the eye cannot tell them apart, and pages stay small. */
function joined(bars: readonly Bar[], perPixel: number): Bar[] {
  const wide: Bar[] = [];
  for (const bar of bars) {
    const last = wide.at(-1);
    const thin = bar.to - bar.from < perPixel && last !== undefined && bar.from - last.to < perPixel;
    if (thin && last.wasted === bar.wasted && last.to - last.from < 20 * perPixel)
      Object.assign(last, { to: bar.to, names: [] });
    else wide.push({ ...bar });
  }
  return wide;
}

function barShape(api: CustomSeriesRenderItemAPI, height: number, namesOfBar: (bar: number) => string[]) {
  const [[x, y], [end]] = [1, 2].map((dimension) => api.coord([api.value(dimension), api.value(0)]));
  const wasted = api.value(3) === 1;
  const inner = Math.max(2, height - (height > 12 ? 6 : 1));
  const width = Math.max(0.8, end - x - (end - x > 3 ? 1 : 0.2));
  const colour = wasted ? 'var(--bad)' : 'var(--mark)';
  const bar = {
    type: 'rect' as const,
    shape: { x, y: y - inner / 2, width, height: inner },
    style: wasted
      ? { fill: 'none', stroke: colour, lineWidth: width > 4 ? 1.5 : width }
      : { fill: colour, opacity: 0.45 },
  };
  const name =
    inner < NAME.height
      ? undefined
      : namesOfBar(Number(api.value(4))).find((text) => text !== '' && NAME.letter * text.length + 8 < width);
  if (name === undefined) return bar;
  const text = {
    type: 'text' as const,
    style: { text: name, x: x + 4, y, fill: INK, fontSize: 11, verticalAlign: 'middle' as const },
  };
  return { type: 'group' as const, children: [bar, text] };
}

function unitOf(seconds: number): { name: string; seconds: number } {
  if (seconds < 300) return { name: 'seconds', seconds: 1 };
  return seconds < 3 * 3600 ? { name: 'minutes', seconds: 60 } : { name: 'hours', seconds: 3600 };
}

/** For those who do not see it. */
function labelOf({ spans, nodes, seconds, wasted }: ExperimentTimeline): string {
  const busiest = nodes.map(
    ({ node, done, utilisation }) => `${node}: ${done} done, at work ${Math.round(100 * utilisation)} %`,
  );
  const named = busiest.length > 8 ? [...busiest.slice(0, 8), `and ${busiest.length - 8} other nodes`] : busiest;
  return (
    `Timeline of ${spans.length} attempts on ${nodes.length} nodes over ${Math.round(seconds)} seconds; ` +
    `${wasted.attempts} ended without a result. ${named.join('; ')}.`
  );
}
