import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../src/jobs/index.js';
import { attempt, START } from './attempts.js';

describe('timelineOf', () => {
  it('lays attempts that overlap on a node beside each other, nodes in the order of their numbers', () => {
    const { spans, nodes } = timelineOf([
      attempt(0, 'n10', 0, 10),
      attempt(1, 'n2', 0, 20),
      attempt(2, 'n2', 5, 15),
      attempt(3, 'n2', 15, 20),
    ]);
    expect(spans.map(({ node, lane, job }) => [node, lane, job])).toEqual([
      ['n2', 0, 1],
      ['n2', 1, 2],
      ['n2', 1, 3],
      ['n10', 0, 0],
    ]);
    expect(nodes).toEqual([
      { node: 'n2', lanes: 2, attempts: 3, done: 3, seconds: 35, wasted: 0, utilisation: 35 / 40 },
      { node: 'n10', lanes: 1, attempts: 1, done: 1, seconds: 10, wasted: 0, utilisation: 10 / 20 },
    ]);
  });

  it('counts what ended without a result', () => {
    const { wasted, nodes, spans } = timelineOf([
      attempt(0, 'n1', 0),
      attempt(1, 'n2', 0, 30),
      attempt(0, 'n2', 30, 30.5, 'elsewhere'),
      attempt(0, 'n1', 40, 50, 'failed'),
      attempt(0, 'n2', 50, 60),
    ]);
    // A killed attempt counts until its job was begun again.
    expect(spans.find(({ outcome }) => outcome === 'killed')).toMatchObject({ from: START, to: START + 40_000 });
    expect(wasted).toEqual({ attempts: 3, seconds: 50.5, share: 50.5 / 90.5 });
    expect(nodes.map(({ node, done, wasted: lost }) => [node, done, lost])).toEqual([
      ['n1', 0, 50],
      ['n2', 2, 0.5],
    ]);
  });

  it('counts a killed attempt that nobody took up until the last thing known', () => {
    const { spans } = timelineOf([attempt(0, 'n1', 0, 10), attempt(1, 'n1', 10), attempt(2, 'n2', 20, 70)]);
    expect(spans.find(({ job }) => job === 1)?.to).toBe(START + 70_000);
  });

  it('leaves pauses out of what nodes are measured by', () => {
    const { periods, seconds, nodes } = timelineOf([attempt(0, 'n1', 0, 10), attempt(1, 'n1', 5000, 5010)]);
    expect(periods.map(({ from, to }) => [(from - START) / 1000, (to - START) / 1000])).toEqual([
      [0, 10],
      [5000, 5010],
    ]);
    expect(seconds).toBe(20);
    expect(nodes[0].utilisation).toBe(1);
  });

  it('takes a clock that was set back for no time at all, and nothing for nothing', () => {
    expect(timelineOf([attempt(0, 'n1', 10, 5)]).spans[0]).toMatchObject({ from: START + 10_000, to: START + 10_000 });
    expect(timelineOf([])).toEqual({
      spans: [],
      nodes: [],
      periods: [],
      seconds: 0,
      wasted: { attempts: 0, seconds: 0, share: 0 },
    });
  });
});
