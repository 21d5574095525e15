import { escapeHtml } from '../../base/page.js';
import {
  CustomChart,
  type EChartsCoreOption,
  GridComponent,
  init,
  LegendComponent,
  LineChart,
  SVGRenderer,
  use,
} from './echarts.js';

use([CustomChart, LineChart, GridComponent, LegendComponent, SVGRenderer]);

/** Colours are variables of the page's style, so that a chart follows the reader's light or dark setting and prints. */
export const INK = 'var(--ink)';
export const QUIET = 'var(--quiet)';
export const LINE = 'var(--line)';

/** Lines differ by colour, dash and symbol: whoever sees no colours still tells them apart. */
export const lineColour = (i: number): string => `var(--line${i % 6})`;
const DASHES = ['solid', [7, 4], [2, 3], [9, 3, 2, 3], [12, 4], [4, 2, 2, 2]] as const;
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond', 'roundRect', 'pin'] as const;

/** Wide enough for its labels, small enough to stay readable on a telephone. */
export const WIDTH = 460;

/** A line of a chart. */
export interface Line {
  name: string;
  points: (readonly [number, number])[];
  /** Side of each point's symbol; one number for all, or one a point. */
  size?: number | number[];
}

/** Lines by index, each with its own colour, dash and symbol. */
export function lineSeries(lines: readonly Line[]): object[] {
  return lines.map(({ name, points, size = 6 }, i) => ({
    type: 'line',
    name,
    data: points.map(([x, y], p) => ({ value: [x, y], symbolSize: Array.isArray(size) ? size[p] : size })),
    symbol: SYMBOLS[i % SYMBOLS.length],
    itemStyle: { color: lineColour(i) },
    lineStyle: { color: lineColour(i), width: 2, type: DASHES[i % DASHES.length] },
    silent: true,
    animation: false,
  }));
}

/** A thin line without symbols: the diagonal of a reliability diagram, the zero of differences. */
export function guide(points: (readonly [number, number])[]): object {
  const lineStyle = { color: QUIET, width: 1, type: [4, 4] };
  return { type: 'line', data: points, symbol: 'none', lineStyle, silent: true, animation: false };
}

export function valueAxis(name: string, extra: object = {}): object {
  return {
    type: 'value',
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: QUIET },
    axisLabel: { color: QUIET },
    axisLine: { show: true, lineStyle: { color: QUIET } },
    axisTick: { show: true, lineStyle: { color: QUIET } },
    splitLine: { lineStyle: { color: LINE } },
    ...extra,
  };
}

/**
 * Draws a chart as an SVG element that scales with its place and has a text for those who do not see it.
 * @param label what the chart shows; @param height at this width.
 */
export function svg(option: EChartsCoreOption, label: string, height: number, width = WIDTH): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({ animation: false, textStyle: { color: INK, fontSize: 12 }, ...option });
  const drawn = chart.renderToSVGString();
  chart.dispose();
  return (
    drawn
      // Styles of a pointer hovering, and marks for scripts that the page does not have.
      .replace(/<style[\s\S]*?<\/style>/g, '')
      .replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, '')
      .replace(/font-family:sans-serif;/g, '')
      .replace(/^<svg[^>]*>/, `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">`)
  );
}

const LEGEND = { itemWidth: 28, itemGap: 14, row: 24 };

/** A legend of the named series, and a grid that leaves it as many lines as it needs; without names none. */
export function legendAndGrid(names: readonly string[]): object {
  let lines = names.length === 0 ? 0 : 1;
  let used = 0;
  for (const name of names) {
    const width = LEGEND.itemWidth + LEGEND.itemGap + 10 + 7 * name.length;
    if (used + width > WIDTH) {
      lines++;
      used = 0;
    }
    used += width;
  }
  const { itemWidth, itemGap, row } = LEGEND;
  return {
    legend: { show: lines > 0, top: 0, left: 0, itemWidth, itemGap, textStyle: { color: INK }, data: names },
    grid: { left: 52, right: 16, top: 14 + row * lines, bottom: 42 },
  };
}

/** Percent on an axis of shares. */
export const percentLabel = (share: number): string => `${Math.round(100 * share)}`;
