import type { ExperimentTimeline } from '../../evaluation/index.js';
import type { Cell, Table } from '../table.js';

/** Key of the table that has a row an attempt. */
export const ATTEMPTS = 'attempts';

/** What ended an attempt, in words. */
export const ENDS: Readonly<Record<ExperimentTimeline['spans'][number]['outcome'], string>> = {
  done: 'done',
  failed: 'failed',
  elsewhere: 'left to another, who was at it',
  killed: 'never ended: killed',
};

const percent = (share: number): Cell => ({ mean: share, sd: null, unit: 'percent' });
const tenths = (seconds: number): number => Math.round(10 * seconds) / 10;

/** What each node did: how long it was at work, and how much of that had no result. */
export function nodesTable({ nodes, seconds, wasted, spans, periods }: ExperimentTimeline): Table {
  const sum = (of: (node: (typeof nodes)[number]) => number) => nodes.reduce((total, node) => total + of(node), 0);
  const [all, lanes] = [sum((node) => node.seconds), sum((node) => node.lanes)];
  const total = ['all', lanes, spans.length, spans.length - wasted.attempts, tenths(all)];
  return {
    key: 'nodes',
    title: 'Where runs were done',
    notes: [
      `Something ran for ${tenths(seconds).toLocaleString('en-US')} s${periods.length > 1 ? `, in ${periods.length} periods; the pauses between them do not count` : ''}.`,
      'At work: the seconds of its attempts as a share of that time, for each place that the node had at a time.',
      'Without a result: attempts that failed, were left to another, or were killed; one that was killed counts until its ' +
        'run was begun again, which went on from its last epoch, so that less than this was lost.',
    ],
    head: [
      'node',
      'at a time',
      'attempts',
      'done',
      'seconds',
      'without a result, s',
      'without a result, %',
      'at work, %',
    ],
    rows: [
      ...nodes.map((node): Cell[] => [
        node.node,
        node.lanes,
        node.attempts,
        node.done,
        tenths(node.seconds),
        tenths(node.wasted),
        percent(node.seconds === 0 ? 0 : node.wasted / node.seconds),
        percent(node.utilisation),
      ]),
      ...(nodes.length > 1
        ? [
            [
              ...total,
              tenths(wasted.seconds),
              percent(wasted.share),
              percent(seconds === 0 ? 0 : all / (lanes * seconds)),
            ],
          ]
        : []),
    ],
  };
}

/** Every attempt: which run, where, when, how long, and how it ended; by node and time. */
export function attemptsTable({ spans }: ExperimentTimeline): Table {
  return {
    key: ATTEMPTS,
    title: 'Which run was done where and when',
    notes: [],
    head: ['run', 'node', 'begun (UTC)', 'seconds', 'end'],
    rows: spans.map(({ name, node, from, to, outcome }) => [
      name,
      node,
      new Date(from).toISOString().slice(0, 19).replace('T', ' '),
      tenths((to - from) / 1000),
      ENDS[outcome],
    ]),
  };
}
