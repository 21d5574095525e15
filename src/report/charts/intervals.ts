import type { CustomSeriesRenderItemAPI } from './echarts.js';
import { guide, INK, LINE, QUIET, svg, valueAxis } from './svg.js';

/** One line of a chart of intervals. */
export interface IntervalLine {
  name: string;
  value: number;
  lower: number;
  upper: number;
  /** Further values, drawn as small strokes: a seed's each. */
  runs?: readonly number[];
  /** Filled or hollow mark; filled where not given. */
  filled?: boolean;
}

/** Height of a line, and of axis and edge. */
const ROW = 28;
const EDGES = 52;
const CAP = 4;
/** Characters of a name that fit on a line beside the chart. */
const NAME = 22;

/**
 * Values with their intervals, one below the other, the first on top; everything in percent or points.
 * @param axis what is measured; @param zero whether a line marks 0.
 */
export function intervalChart(lines: readonly IntervalLine[], axis: string, label: string, zero = false): string {
  const last = lines.length - 1;
  const longest = Math.max(...lines.map(({ name }) => name.length));
  const left = Math.min(190, 18 + 6.6 * longest);
  const marks = lines.map((line, i) => [last - i, line.value, line.lower, line.upper, line.filled === false ? 0 : 1]);
  const strokes = lines.flatMap(({ runs = [] }, i) => (runs.length > 1 ? runs.map((run) => [last - i, run]) : []));
  return svg(
    {
      grid: { left, right: 18, top: 8, bottom: 42 },
      xAxis: valueAxis(axis, { nameGap: 26, ...(zero ? { boundaryGap: ['3%', '3%'] } : within100(lines)) }),
      yAxis: {
        type: 'category',
        data: lines.map(({ name }) => folded(name)).reverse(),
        // The library guesses widths without a font; readers' fonts may be wider.
        axisLabel: { color: INK, width: 0.78 * left, overflow: 'break', lineHeight: 13, interval: 0 },
        axisLine: { lineStyle: { color: QUIET } },
        axisTick: { show: false },
        splitLine: { show: true, lineStyle: { color: LINE, type: [1, 3] } },
      },
      series: [
        ...(zero ? [{ ...guide([]), data: lines.map((_, i) => [0, i]) }] : []),
        { type: 'custom', silent: true, data: strokes, renderItem: stroke, encode: { x: 1, y: 0 } },
        { type: 'custom', silent: true, data: marks, renderItem: mark, encode: { x: [1, 2, 3], y: 0 } },
      ],
    },
    label,
    EDGES + ROW * lines.length,
  );
}

/** Ends of an axis of percent that the values need, in tens; there is nothing below 0 and above 100. */
function within100(lines: readonly IntervalLine[]): { min: number; max: number } {
  const ends = lines
    .flatMap(({ value, lower, upper, runs = [] }) => [value, lower, upper, ...runs])
    .filter(Number.isFinite);
  const min = Math.max(0, 10 * Math.floor(Math.min(100, ...ends) / 10 - 0.2));
  return { min, max: Math.min(100, Math.max(min + 10, 10 * Math.ceil(Math.max(0, ...ends) / 10 + 0.2))) };
}

/** A long name on two lines, where a hyphen lets it be. */
function folded(name: string): string {
  const at = name.lastIndexOf('-', NAME);
  return name.length > NAME && at > 0 ? `${name.slice(0, at + 1)}\n${name.slice(at + 1)}` : name;
}

/** A dot with whiskers. */
function mark(_: unknown, api: CustomSeriesRenderItemAPI) {
  const at = (dimension: number) => api.coord([api.value(dimension), api.value(0)]);
  const [[x, y], [from], [to]] = [at(1), at(2), at(3)];
  const style = { stroke: 'var(--mark)', lineWidth: 2, fill: 'none' };
  const bar = (x1: number, y1: number, x2: number, y2: number) => ({
    type: 'line' as const,
    shape: { x1, y1, x2, y2 },
    style,
  });
  const fill = api.value(4) === 0 ? 'var(--paper)' : 'var(--mark)';
  return {
    type: 'group' as const,
    children: [
      bar(from, y, to, y),
      bar(from, y - CAP, from, y + CAP),
      bar(to, y - CAP, to, y + CAP),
      { type: 'circle' as const, shape: { cx: x, cy: y, r: 4.5 }, style: { ...style, fill } },
    ],
  };
}

/** A run: a short stroke above the line. */
function stroke(_: unknown, api: CustomSeriesRenderItemAPI) {
  const [x, y] = api.coord([api.value(1), api.value(0)]);
  return {
    type: 'line' as const,
    shape: { x1: x, y1: y - 9, x2: x, y2: y - 5 },
    style: { stroke: QUIET, lineWidth: 1.5 },
  };
}
