import type { DropRow, ResultRow } from '../../evaluation/index.js';
import type { EpochReport, LogEvent } from '../../training/index.js';
import { cellText } from '../table.js';
import { type IntervalLine, intervalChart } from './intervals.js';
import { guide, type Line, legendAndGrid, lineSeries, percentLabel, svg, valueAxis } from './svg.js';

const HEIGHT = 290;

/** Scores on the selecting split, or the training loss, by epoch: a line a seed, the kept epoch drawn larger. */
export function learningCurves(
  logs: readonly { seed: number; events: readonly LogEvent[] }[],
  of: 'loss' | 'weightedF1',
  label: string,
): string {
  const lines = logs.map(({ seed, events }): Line => {
    const epochs = events as unknown as EpochReport[];
    const kept = epochs[epochs.length - 1].bestEpoch;
    return {
      name: `seed ${seed}`,
      points: epochs.map(({ epoch, losses, scores }) => [epoch, of === 'loss' ? losses.total : scores.weightedF1]),
      size: epochs.map(({ epoch }) => (epoch === kept ? 12 : 4)),
    };
  });
  const last = Math.max(...lines.flatMap(({ points }) => points.map(([epoch]) => epoch)));
  const y =
    of === 'loss'
      ? valueAxis('training loss', { nameGap: 34, scale: true })
      : valueAxis('weighted F1, %', {
          nameGap: 34,
          min: 0,
          axisLabel: { formatter: percentLabel, color: 'var(--quiet)' },
        });
  return svg(
    {
      ...legendAndGrid(lines.length > 1 ? lines.map(({ name }) => name) : []),
      xAxis: valueAxis('epoch', { nameGap: 26, min: 0, max: last, minInterval: 1, splitLine: { show: false } }),
      yAxis: y,
      series: lineSeries(lines),
    },
    label,
    HEIGHT,
  );
}

/** F1 of every class with its interval. */
export function classChart({ perClass }: ResultRow, label: string): string {
  const lines = perClass.map(({ class: name, support, f1 }): IntervalLine => {
    const { lower, upper } = f1.interval ?? { lower: f1.mean, upper: f1.mean };
    return {
      name: `${name} (${cellText(support)})`,
      value: 100 * f1.mean,
      lower: 100 * lower,
      upper: 100 * upper,
      runs: f1.values.map((value) => 100 * value),
    };
  });
  return intervalChart(lines, 'F1, %', label);
}

/** Differences to the reference with intervals; a filled dot is significant after correction. */
export function differenceChart(rows: readonly ResultRow[], label: string): string {
  const lines = rows.flatMap(({ configuration, comparison }): IntervalLine[] => {
    if (!comparison) return [];
    const { difference, interval, pHolm } = comparison;
    return [
      {
        name: configuration,
        value: 100 * difference,
        lower: 100 * interval.lower,
        upper: 100 * interval.upper,
        filled: pHolm < 0.05,
      },
    ];
  });
  return intervalChart(lines, 'difference of weighted F1, points', label, true);
}

/** A head's calibration, as run cards hold it. */
export interface CalibrationLine {
  name: string;
  bins: readonly { confidence: number; accuracy: number; count: number }[];
  coverage: readonly { coverage: number; accuracy: number }[];
}

const SHARES = { min: 0, max: 1, axisLabel: { formatter: percentLabel, color: 'var(--quiet)' } };

/** Utterances that a mark of the reliability diagram stands for at least: fewer tell nothing about how often they are right. */
export const LEAST_IN_BIN = 10;

/** Neighbouring bins put together until each holds enough utterances; what is left over joins the last. */
export function pooled(bins: CalibrationLine['bins']): CalibrationLine['bins'] {
  const wide: CalibrationLine['bins'][number][] = [];
  for (const bin of bins) {
    if (bin.count === 0) continue;
    const last = wide.at(-1);
    if (last === undefined || last.count >= LEAST_IN_BIN) wide.push(bin);
    else wide[wide.length - 1] = joined(last, bin);
  }
  const [before, last] = wide.slice(-2);
  if (last !== undefined && last.count < LEAST_IN_BIN) wide.splice(-2, 2, joined(before, last));
  return wide;
}

function joined(a: CalibrationLine['bins'][number], b: CalibrationLine['bins'][number]) {
  const count = a.count + b.count;
  const mean = (x: number, y: number) => (x * a.count + y * b.count) / count;
  return { count, confidence: mean(a.confidence, b.confidence), accuracy: mean(a.accuracy, b.accuracy) };
}

/** Accuracy against confidence; on the diagonal a head is as sure as it is right. The larger a mark, the more utterances. */
export function reliabilityChart(heads: readonly CalibrationLine[], label: string): string {
  const lines = heads.map(({ name, bins: narrow }): Line => {
    const bins = pooled(narrow);
    const most = Math.max(...bins.map(({ count }) => count));
    return {
      name,
      points: bins.map(({ confidence, accuracy }) => [confidence, accuracy]),
      size: bins.map(({ count }) => 4 + 10 * Math.sqrt(count / most)),
    };
  });
  return svg(
    {
      ...legendAndGrid(lines.map(({ name }) => name)),
      xAxis: valueAxis('confidence, %', { nameGap: 26, ...SHARES }),
      yAxis: valueAxis('accuracy, %', { nameGap: 34, ...SHARES }),
      series: [
        guide([
          [0, 0],
          [1, 1],
        ]),
        ...lineSeries(lines),
      ],
    },
    label,
    HEIGHT + 40,
  );
}

/** Accuracy on the most confident share of the utterances. */
export function coverageChart(heads: readonly CalibrationLine[], label: string): string {
  const lines = heads.map(
    ({ name, coverage }): Line => ({ name, points: coverage.map((one) => [one.coverage, one.accuracy]) }),
  );
  return svg(
    {
      ...legendAndGrid(lines.map(({ name }) => name)),
      xAxis: valueAxis('most confident utterances, %', { nameGap: 26, ...SHARES }),
      yAxis: valueAxis('accuracy, %', { nameGap: 34, ...SHARES }),
      series: lineSeries(lines),
    },
    label,
    HEIGHT + 40,
  );
}

/** Weighted F1 against the share of utterances that lack a modality: a line a modality. */
export function dropChart(drops: readonly DropRow[], label: string): string {
  const modalities = [...new Set(drops.map(({ modality }) => modality))];
  const lines = modalities.map(
    (name): Line => ({
      name,
      points: drops
        .filter(({ modality }) => modality === name)
        .toSorted((a, b) => a.share - b.share)
        .map(({ share, weightedF1 }) => [share, weightedF1.mean]),
    }),
  );
  const { min: _, max: __, ...scaled } = SHARES;
  return svg(
    {
      ...legendAndGrid(modalities),
      xAxis: valueAxis('test utterances without the modality, %', { nameGap: 26, ...SHARES }),
      yAxis: valueAxis('weighted F1, %', { nameGap: 34, ...scaled, min: 0 }),
      series: lineSeries(lines),
    },
    label,
    HEIGHT,
  );
}
