// The picture of docs/scale.md: hours until the tables are there, by nodes.
import * as echarts from 'echarts';

const STYLES = [
  { color: '#0072b2', type: 'solid', symbol: 'circle' },
  { color: '#b35900', type: 'dashed', symbol: 'rect' },
  { color: '#5e3c99', type: 'dotted', symbol: 'triangle' },
];
const INK = '#57606a';
const IDEAL = 'ideal: the work alone';

const axis = (name, nameGap, extra) => ({
  name,
  nameLocation: 'middle',
  nameGap,
  nameTextStyle: { color: INK },
  axisLabel: { color: INK },
  axisLine: { show: true, lineStyle: { color: INK } },
  splitLine: { lineStyle: { color: '#8884' } },
  ...extra,
});

/**
 * Two panels: hours until the tables are there, and how much of the nodes' time was work, in percent.
 * @param rows of the program now, and perhaps of before. @returns an SVG, readable on light and dark ground.
 */
export function drawScaling(rows, { jobs, mean }) {
  const worlds = [...new Set(rows.now.map(({ world }) => world))];
  const panels = [(row) => row.hours, (row) => 100 * row.efficiency];
  const lines = Object.entries(rows).flatMap(([when, all]) =>
    worlds.flatMap((world, w) => {
      const { color, type, symbol } = STYLES[w];
      const now = when === 'now';
      const own = all.filter((row) => row.world === world);
      return panels.map((value, panel) => ({
        name: rows.before === undefined ? world : `${world}, ${when}`,
        type: 'line',
        xAxisIndex: panel,
        yAxisIndex: panel,
        data: own.map((row) => [row.nodes, value(row)]),
        symbol: now ? symbol : `empty${symbol[0].toUpperCase()}${symbol.slice(1)}`,
        symbolSize: 8,
        itemStyle: { color },
        lineStyle: { color, type, width: now ? 2.5 : 1.2 },
      }));
    }),
  );
  const ideal = rows.now.filter(({ world }) => world === worlds[0]).map((row) => [row.nodes, row.idealHours]);
  const dashed = {
    type: 'line',
    symbol: 'none',
    itemStyle: { color: INK },
    lineStyle: { color: INK, width: 1, type: [3, 3] },
  };
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 640 });
  const nodes = { type: 'log', min: 1, max: 1000 };
  chart.setOption({
    animation: false,
    // A column a world: the library guesses how wide words are.
    legend: [
      [IDEAL],
      ...worlds.map((world) => lines.map(({ name }) => name).filter((name) => name.startsWith(world))),
    ].map((names, column) => ({
      data: [...new Set(names)],
      orient: 'vertical',
      left: column === 0 ? 84 : 84 + 216 * (column - 1),
      top: column === 0 ? 0 : 22,
      itemWidth: 34,
      textStyle: { color: INK },
    })),
    grid: [
      { left: 84, right: 20, top: 92, height: 240, outerBoundsMode: 'none' },
      { left: 84, right: 20, top: 394, height: 190, outerBoundsMode: 'none' },
    ],
    xAxis: [axis('nodes', 26, { ...nodes, gridIndex: 0 }), axis('nodes', 26, { ...nodes, gridIndex: 1 })],
    yAxis: [
      axis('hours until the tables are there', 58, { type: 'log', gridIndex: 0 }),
      axis('work, % of the nodes’ time', 58, { type: 'value', min: 0, max: 100, gridIndex: 1 }),
    ],
    series: [{ ...dashed, name: IDEAL, data: ideal }, ...lines],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  const label = `Hours until the tables of ${jobs.toLocaleString('en-US')} runs of ${mean} s are there, and how much of the nodes' time was work, on 1 to 1,000 nodes`;
  return svg
    .replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/<style[\s\S]*?<\/style>/g, '')
    .replace('<svg ', `<svg role="img" aria-label="${label}" `);
}
