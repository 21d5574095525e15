/**
 * The parts of echarts that charts are drawn with. The build bundles this file with them: as a dependency they would take
 * 70 MB, as a bundle less than 1.
 */

export type { CustomSeriesRenderItemAPI } from 'echarts';
export { CustomChart, LineChart } from 'echarts/charts';
export { GridComponent, LegendComponent } from 'echarts/components';
export { type EChartsCoreOption, init, use } from 'echarts/core';
export { SVGRenderer } from 'echarts/renderers';
