import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([CustomChart, LineChart, ScatterChart, GridComponent, LegendComponent, SVGRenderer]);
const c = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 460, height: 260 });
c.setOption({
  animation: false,
  textStyle: { color: 'var(--ink)' },
  legend: { top: 0, textStyle: { color: 'var(--ink)' } },
  grid: { left: 50, right: 20, top: 40, bottom: 40 },
  xAxis: {
    type: 'value',
    name: 'epoch',
    nameLocation: 'middle',
    nameGap: 26,
    axisLabel: { color: 'var(--quiet)' },
    axisLine: { lineStyle: { color: 'var(--quiet)' } },
    splitLine: { show: false },
  },
  yAxis: { type: 'value', axisLabel: { color: 'var(--quiet)' }, splitLine: { lineStyle: { color: 'var(--line)' } } },
  series: [
    {
      name: 'a',
      type: 'line',
      symbol: 'triangle',
      symbolSize: 7,
      lineStyle: { type: 'dashed', color: 'var(--c0)' },
      itemStyle: { color: 'var(--c0)' },
      data: [
        [1, 2],
        [2, 3],
        [3, 1],
      ],
    },
    {
      name: 'b',
      type: 'line',
      symbol: 'rect',
      data: [
        [1, 1],
        [2, 1],
        [3, 2],
      ],
    },
  ],
});
console.log(c.renderToSVGString());
