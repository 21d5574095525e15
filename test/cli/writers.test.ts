import { spawn } from 'node:child_process';
import { mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory, vegaMerc } from './vega-merc.js';

const inside = temporaryDirectory();
const train = (out: string, epochs: number, seed: number, ...more: string[]) => [
  ...['train', inside('corpus'), '--anchors', 'none', '--preset', 'small', '--threads', '1', '--out', inside(out)],
  ...['--set', 'hidden=16', '--set', `epochs=${epochs}`, '--set', 'patience=900', '--seed', `${seed}`, ...more],
];

/** Starts the program. @param stderr where it says what goes on. */
function start(args: string[], stderr: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], { stdio: ['ignore', 'pipe', stderr] });
  let said = '';
  child.stderr?.on('data', (text) => {
    said += text;
  });
  child.stdout?.resume();
  const ended = new Promise<{ status: number | null; signal: string | null; said: string }>((resolve) =>
    child.once('close', (status, signal) => resolve({ status, signal, said })),
  );
  return { child, ended };
}

beforeAll(() => {
  vegaMerc(['sample', inside('corpus')]);
}, 60_000);

describe('one writer at a time', { timeout: 300_000 }, () => {
  it('of two that train into one directory at once, one wins and the other says who is there', async () => {
    const ends = await Promise.all([start(train('run', 3, 1)).ended, start(train('run', 3, 2)).ended]);
    const [winner, loser] = ends.toSorted((a, b) => (a.status ?? 9) - (b.status ?? 9));
    expect([winner.status, loser.status], winner.said + loser.said).toEqual([0, 1]);
    expect(loser.said).toMatch(
      /run (is in use: "train", process \d+ on .+, has been writing there since|already holds)/,
    );
    const { seed } = JSON.parse(readFileSync(inside('run/config.json'), 'utf8')).training;
    expect(JSON.parse(readFileSync(inside('run/evaluation.json'), 'utf8'))).toMatchObject({ seed });
    expect(vegaMerc(['verify', inside('run')]).status).toBe(0);
    expect(readdirSync(inside('run')).filter((name) => /claim|tmp/.test(name))).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'refuses to resume a run that is going on, and dies of %s without a trace',
    async (signal) => {
      const { child, ended } = start(train(`live-${signal}`, 900, 1));
      await new Promise((resolve) => child.stderr?.on('data', (text) => /epoch 2\//.test(`${text}`) && resolve(text)));
      const second = vegaMerc(train(`live-${signal}`, 900, 1, '--resume'));
      expect(second.status).toBe(1);
      expect(second.stderr).toContain(`is in use: "train", process ${child.pid} on`);
      child.kill(signal);
      expect(await ended).toMatchObject({ status: null, signal });
      expect(readdirSync(inside(`live-${signal}`)).filter((name) => /claim|tmp/.test(name))).toEqual([]);
    },
  );

  it('evaluates two splits at once, and keeps the scores of both', async () => {
    expect(vegaMerc(train('scored', 1, 1)).status).toBe(0);
    const ends = await Promise.all(
      ['train', 'valid', 'test'].map((split) => start(['evaluate', inside('scored'), '--split', split]).ended),
    );
    expect(ends.map(({ status }) => status)).toEqual([0, 0, 0]);
    const { splits } = JSON.parse(readFileSync(inside('scored/evaluation.json'), 'utf8'));
    expect(Object.keys(splits)).toEqual(['train', 'valid', 'test']);
  });
});

describe('where nobody reads', { timeout: 120_000 }, () => {
  it('a training goes on whose messages are not read any more', async () => {
    const { child, ended } = start(train('unread', 3, 1));
    child.stderr?.once('data', () => child.stderr?.destroy());
    expect((await ended).status).toBe(0);
    expect(readFileSync(inside('unread/metrics.jsonl'), 'utf8')).toContain('"end"');
  });

  it('says in a sentence that its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, ['dist/cli/main.js', 'info', inside('corpus')], {
      stdio: ['ignore', full, 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (text) => {
      said += text;
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
    expect(said).toBe('vega-merc: standard output: the disk is full; free some space and run the command again.\n');
    const quiet = start(train('full', 1, 1), full);
    expect((await quiet.ended).status).toBe(0);
  });

  it('a directory in the place of a file is named', () => {
    mkdirSync(inside('taken.anchors.safetensors'));
    const { status, stderr } = vegaMerc([
      ...['anchors', 'convert', inside('corpus/synthetic.anchors.safetensors')],
      ...['--out', inside('taken.anchors.safetensors')],
    ]);
    expect([status, stderr]).toEqual([1, `vega-merc: ${inside('taken.anchors.safetensors')}: it is a directory.\n`]);
  });
});
