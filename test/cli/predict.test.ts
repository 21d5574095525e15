import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LINES, spokenRuns } from '../prediction/spoken.js';
import { vegaMerc } from './vega-merc.js';

let spoken: Awaited<ReturnType<typeof spokenRuns>>;
let [run, causal] = ['', ''];
beforeAll(async () => {
  spoken = await spokenRuns();
  run = await spoken.train('words');
  causal = await spoken.train('causal', 'context=causal');
}, 240_000);
afterAll(() => spoken.remove());

const inside = (name: string) => join(spoken.root, name);
const parsed = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('vega-merc predict', () => {
  test('reads JSONL of utterances, from a file and from stdin', () => {
    const lines = [
      { speaker: 'Ann', text: LINES.joy[0], start: 0, end: 1.5 },
      { speaker: 'Bo', text: LINES.neutral[0], start: 1.5, end: 3 },
      {
        features: {
          text: {
            row: new Array(512).fill(0.01),
            encoder: JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')).inputs.text.encoder,
          },
        },
        start: 3,
        end: 4,
      },
    ];
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    writeFileSync(inside('said.jsonl'), text);
    const file = vegaMerc(['predict', run, inside('said.jsonl')]);
    expect(file.status, file.stderr).toBe(0);
    const answers = parsed(file.stdout);
    expect(answers.slice(0, 2)).toMatchObject([
      { dialogue: 'said', index: 0, speaker: 'Ann', text: LINES.joy[0], start: 0, end: 1.5, emotion: 'joy' },
      { dialogue: 'said', index: 1, speaker: 'Bo', emotion: 'neutral' },
    ]);
    const piped = vegaMerc(['predict', run, '-', '--format', 'csv'], {}, text);
    expect(piped.stdout.split('\n')[1]).toMatch(/^conversation,0,Ann,0,1\.5,You came!,,joy,0\.\d+,/);
    const table = vegaMerc(['predict', run, inside('said.jsonl'), '--format', 'table']);
    expect(table.stdout).toMatch(/Ann +│ You came! +│ joy +│ +\d+ %/);
    const captions = inside('talk.vtt');
    expect(vegaMerc(['predict', run, inside('said.jsonl'), '--out', captions]).status).toBe(0);
    expect(readFileSync(captions, 'utf8')).toMatch(
      /^WEBVTT\n\n00:00:00\.000 --> 00:00:01\.500\n<v Ann>\[joy \d+ %\] You came!\n/,
    );
  });

  test('gives captions of a transcript alone their emotions', () => {
    writeFileSync(inside('film.srt'), `1\n00:00:01,000 --> 00:00:02,500\nANN: ${LINES.joy[0]}\n`);
    const { stdout, stderr } = vegaMerc(['predict', run, inside('film.srt'), '--format', 'srt']);
    expect(stdout, stderr).toMatch(/^1\n00:00:01,000 --> 00:00:02,500\n\[joy \d+ %\] ANN: You came!\n$/);
  });

  test('reads a manifest, several conversations in it, and says one document with --json', () => {
    const { stdout, status, stderr } = vegaMerc(['predict', run, spoken.manifest, '--json']);
    expect(status, stderr).toBe(0);
    const { predictions, context, speakers } = JSON.parse(stdout) as {
      predictions: { label: string; emotion: string }[];
      context: string;
      speakers: string;
    };
    expect([predictions.length, context, speakers]).toEqual([48, 'full', 'within']);
    const right = predictions.filter(({ label, emotion }) => label === emotion).length;
    expect(right).toBeGreaterThan(36);
  });

  test('answers live: a line as each comes', async () => {
    const program = spawn(process.execPath, [
      'dist/cli/main.js',
      'predict',
      causal,
      '-',
      '--live',
      '--format',
      'jsonl',
    ]);
    const answers = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
    for (const [index, emotion] of ['joy', 'anger'].entries()) {
      program.stdin.write(`${JSON.stringify({ speaker: 'Ann', text: LINES[emotion][0] })}\n`);
      // The next line is written only when this answer has come.
      const { value } = await answers.next();
      expect(JSON.parse(value as string)).toMatchObject({ index, speaker: 'Ann', text: LINES[emotion][0] });
    }
    const ended = new Promise((done) => program.once('close', done));
    program.stdin.end();
    expect(await ended).toBe(0);
  });

  test.each<[string[], string, number, string]>([
    [['-', '--live'], '', 1, 'This model was trained with full context'],
    [['talk.jsonl', '--live'], '', 2, '--live answers lines of stdin: give "-" as the input.'],
    [['-'], '', 1, 'stdin is empty'],
    [['-'], '{"speaker":"Ann","txt":"Hi"}', 1, 'stdin, line 1: there is no field "txt". Did you mean "text"?'],
    [['-'], '{"text":"a"}\n\nno', 1, 'stdin, line 3 is not JSON'],
    [
      ['-'],
      '{"features":{"text":[1,2]}}',
      1,
      'conversations[0][0].features.text has 2 numbers, but the model takes 512',
    ],
    [['nothing.mp4'], '', 1, 'nothing.mp4: there is no such file or directory.'],
    [['-', '--split', 'test'], '{"text":"a"}', 2, 'only a corpus has splits'],
    [['-', '--format', 'srt'], '{"text":"You came!"}', 1, 'has no start and end, which captions need'],
  ])('%j is refused in a sentence', (args, input, status, sentence) => {
    const result = vegaMerc(['predict', run, ...args], {}, input);
    expect(result.stderr).toContain(sentence);
    expect(result.status).toBe(status);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});
