import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDirectory } from '../../src/base/files.js';
import { type ExperimentTimeline, experimentTimeline } from '../../src/evaluation/index.js';
import { type Attempt, jobOf, timelineOf } from '../../src/jobs/index.js';
import { timelineChart } from '../../src/report/charts/timeline.js';
import { workSection } from '../../src/report/page/work.js';
import { attemptsTable, nodesTable } from '../../src/report/tables/timeline.js';
import { attempt, START } from '../jobs/attempts.js';

const named = (attempts: Attempt[]): ExperimentTimeline => {
  const timeline = timelineOf(attempts);
  return { ...timeline, spans: timeline.spans.map((span) => ({ ...span, name: `toy, none <b>, seed ${span.job}` })) };
};
const THREE = [attempt(0, 'n1', 0, 40), attempt(1, 'n2', 0, 20, 'failed'), attempt(1, 'n2', 20, 60)];
const texts = (drawing: string) => [...drawing.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
const bars = (drawing: string, colour: string) => drawing.split(`"var(--${colour})"`).length - 1;

describe('the chart of a timeline', () => {
  it('names three runs and their nodes, and tells who does not see it', () => {
    const { drawing } = timelineChart(named(THREE));
    expect(texts(drawing)).toEqual(expect.arrayContaining(['n1', 'n2', 'toy, none &lt;b&gt;, seed 0', 'seconds']));
    expect(bars(drawing, 'mark')).toBe(2);
    expect(bars(drawing, 'bad')).toBe(1);
    expect(drawing).toContain(
      'aria-label="Timeline of 3 attempts on 2 nodes over 60 seconds; 1 ended without a result. n1: 1 done, at work 67 %; n2: 1 done, at work 100 %."',
    );
  });

  it('draws a bar for each of three hundred runs, without names that do not fit', () => {
    const attempts = Array.from({ length: 300 }, (_, i) => attempt(i, `n${1 + (i % 4)}`, 60 * i, 60 * i + 230));
    const { drawing, caption } = timelineChart(named(attempts));
    expect(bars(drawing, 'mark')).toBe(300);
    expect(texts(drawing).filter((text) => text.includes('seed'))).toEqual([]);
    expect(texts(drawing)).toContain('hours');
    expect(caption).not.toContain('are drawn');
  });

  it('cuts out a night in which nothing ran', () => {
    const { drawing, caption } = timelineChart(named([attempt(0, 'n1', 0, 100), attempt(1, 'n1', 40_000, 40_100)]));
    const axis = texts(drawing).filter((text) => /^\d+$/.test(text));
    expect(Math.max(...axis.map(Number))).toBeLessThanOrEqual(200);
    expect(caption).toContain('Dashed: a pause, cut out.');
  });

  it('stays small with a hundred thousand attempts on a thousand nodes, and says what it leaves out', () => {
    const attempts = Array.from({ length: 100_000 }, (_, i) => attempt(i, `n${i % 1000}`, i / 10, i / 10 + 99));
    const timeline = named(attempts);
    const { drawing, caption } = timelineChart(timeline);
    expect(drawing.length).toBeLessThan(3e6);
    expect(caption).toContain('112 of 1000 places are drawn; the tables have all.');
    const section = workSection(timeline);
    expect(section.length).toBeLessThan(4e6);
    expect(section).toContain('And 99,500 further attempts: --format csv or json has all.');
    expect(attemptsTable(timeline).rows).toHaveLength(100_000);
  });
});

describe('the tables of a timeline', () => {
  it('have the seconds of each node, what had no result, and how much of the time it was at work', () => {
    const { rows, notes } = nodesTable(named(THREE));
    const share = (mean: number) => ({ mean, sd: null, unit: 'percent' });
    expect(rows).toEqual([
      ['n1', 1, 1, 1, 40, 0, share(0), share(40 / 60)],
      ['n2', 1, 2, 1, 60, 20, share(20 / 60), share(1)],
      ['all', 2, 3, 2, 100, 20, share(0.2), share(100 / 120)],
    ]);
    expect(notes[0]).toBe('Something ran for 60 s.');
  });

  it('have every attempt', () => {
    expect(attemptsTable(named(THREE)).rows[1]).toEqual([
      'toy, none <b>, seed 1',
      'n2',
      '2026-01-02 03:00:00',
      20,
      'failed',
    ]);
  });
});

describe('the section of the page', () => {
  it('is not there without attempts, and holds no markup of names', () => {
    expect(workSection(undefined)).toBe('');
    const section = workSection(named(THREE));
    expect(section).toContain(
      '2 runs done on 2 nodes in 60 s; 1 attempt ended without a result: 20 s, 20.0 % of all work.',
    );
    expect(section).not.toContain('<b>');
  });
});

describe('the timeline of a directory', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'vega-timeline-'));
  });
  afterAll(() => rmSync(home, { recursive: true }));

  it('has the names of the runs that its attempts were at', () => {
    expect(experimentTimeline(home)).toBeUndefined();
    const plan = { format: 'vega-merc-experiment-plan', version: 1, spec: {}, corpora: {} };
    writeFileSync(
      join(home, 'experiment.json'),
      JSON.stringify({ ...plan, runs: { 'runs/toy/none/seed-1': 'hash 1' } }),
    );
    makeDirectory(join(home, 'jobs/attempts'));
    const { input } = jobOf('train-run', '', 'hash 1', undefined);
    const known = { ...attempt(0, 'n1', 0, 10), input };
    const lines = [known, attempt(4, 'n1', 10, 20)].map((one) => `${JSON.stringify(one)}\n`);
    writeFileSync(join(home, 'jobs/attempts/n1-7.jsonl'), lines.join(''));
    expect(experimentTimeline(home)?.spans.map(({ name, from }) => [name, from])).toEqual([
      ['toy, none, seed 1', START],
      ['job 4', START + 10_000],
    ]);
  });
});
