// The picture of docs/scale.md: hours until the tables are there, by nodes.
import * as echarts from 'echarts';

const STYLES = [
  { color: '#0072b2', type: 'solid', symbol: 'circle' },
  { color: '#b35900', type: 'dashed', symbol: 'rect' },
  { color: '#5e3c99', type: 'dotted', symbol: 'triangle' },
];
const INK = '#57606a';

/** @param rows of the program now, and perhaps of before. @returns an SVG, readable on light and dark ground. */
export function drawScaling(rows, { jobs, mean }) {
  const worlds = [...new Set(rows.now.map(({ world }) => world))];
  const series = Object.entries(rows).flatMap(([when, all]) =>
    worlds.map((world, w) => {
      const { color, type, symbol } = STYLES[w];
      const now = when === 'now';
      return {
        name: rows.before === undefined ? world : `${world}, ${when}`,
        type: 'line',
        data: all.filter((row) => row.world === world).map(({ nodes, hours }) => [nodes, hours]),
        symbol: now ? symbol : `empty${symbol[0].toUpperCase()}${symbol.slice(1)}`,
        symbolSize: 8,
        itemStyle: { color },
        lineStyle: { color, type, width: now ? 2.5 : 1.2 },
      };
    }),
  );
  const ideal = rows.now.filter(({ world }) => world === worlds[0]);
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 760, height: 460 });
  const axis = (name) => ({
    type: 'log',
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: INK },
    axisLabel: { color: INK },
    axisLine: { show: true, lineStyle: { color: INK } },
    splitLine: { lineStyle: { color: '#8884' } },
  });
  chart.setOption({
    animation: false,
    aria: {
      enabled: true,
      label: { description: `Hours until the tables of ${jobs} runs of ${mean} s are there, by nodes.` },
    },
    legend: { top: 0, textStyle: { color: INK }, itemWidth: 36 },
    grid: { left: 62, right: 20, top: 96, bottom: 48 },
    xAxis: { ...axis('nodes'), nameGap: 28, min: 1, max: 1000 },
    yAxis: { ...axis(`hours until the tables of ${jobs.toLocaleString('en-US')} runs are there`), nameGap: 44 },
    series: [
      {
        name: 'ideal: the work alone',
        type: 'line',
        data: ideal.map(({ nodes, idealHours }) => [nodes, idealHours]),
        symbol: 'none',
        itemStyle: { color: INK },
        lineStyle: { color: INK, width: 1, type: [3, 3] },
      },
      ...series,
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg.replace(/ (?:class|ecmeta_\w+)="[^"]*"/g, '').replace(/<style[\s\S]*?<\/style>/g, '');
}
