import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LINES, spokenRuns } from '../prediction/spoken.js';
import { vegaMerc } from './vega-merc.js';

const FACES = '../shared/data/faces';

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

  test('listens to a recording without a transcript, and says that its words and speakers are estimates', () => {
    cpSync('test/fixtures/speech/d01_2.webm', inside('phone.webm'));
    const cache = ['--cache', inside('heard')];
    const { stdout, stderr, status } = vegaMerc(['predict', run, inside('phone.webm'), ...cache]);
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/Listening to \S+phone\.webm/);
    expect(stderr).toMatch(/Note: words and speakers are estimated: .* English alone/);
    const [answer] = parsed(stdout);
    expect(answer).toMatchObject({
      dialogue: 'phone',
      speaker: 'speaker 1',
      text: "It's on the table.",
      estimated: ['speaker', 'text'],
      emotion: expect.any(String),
    });
    const predict = (...more: string[]) => vegaMerc(['predict', run, inside('phone.webm'), ...cache, ...more]);
    expect(predict('--speakers', 'Leo', '--format', 'vtt').stdout).toMatch(
      /^WEBVTT\n\nNOTE Words and speakers are estimates of a program\.\n\n00:.*\n<v Leo>\[/,
    );
    expect(predict('--format', 'csv').stdout).toMatch(/,estimated: speaker and text\n/);
    expect(predict('--format', 'table').stdout).toContain('1 utterance; words and speakers are estimates.');
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

  test.skipIf(!existsSync(FACES))(
    '--faces answers among the folders of some pictures, and says zero-shot everywhere',
    async () => {
      const folder = (name: string, classes: Record<string, string>, files: string[]) => {
        for (const [own, shown] of Object.entries(classes)) {
          mkdirSync(join(inside(name), own), { recursive: true });
          for (const file of files) cpSync(`${FACES}/${shown}/${file}`, join(inside(name), own, file));
        }
        return inside(name);
      };
      const emotions = Object.fromEntries(Object.keys(LINES).map((name) => [name, name]));
      const seen = folder('seen', emotions, ['00.jpg', '01.jpg', '02.jpg']);
      const anchors = inside('seen.anchors.safetensors');
      vegaMerc(['anchors', 'build', seen, '--encoder', 'face-expression', '--out', anchors]);
      const faces = await spoken.trainWith(anchors, 'faces', 'context=causal');
      // Other people's faces, under other names, and fewer of them.
      const moods = folder('moods', { proud: 'joy', furious: 'anger', idle: 'neutral' }, ['03.jpg', '04.jpg']);
      writeFileSync(
        inside('moods.jsonl'),
        [LINES.joy[0], LINES.anger[2], LINES.neutral[1]]
          .map((text, start) => JSON.stringify({ text, start, end: start + 1 }))
          .join('\n'),
      );
      const predict = (...more: string[]) =>
        vegaMerc(['predict', faces, inside('moods.jsonl'), '--faces', moods, ...more]);
      const { stdout, stderr, status } = predict('--format', 'jsonl');
      expect(status, stderr).toBe(0);
      expect(stderr).toContain('Note: Zero-shot: the classes furious, idle, proud are given by faces alone');
      const answers = parsed(stdout);
      expect(answers.map(({ zeroShot, emotion }) => [zeroShot, emotion])).toEqual([
        [true, 'proud'],
        [true, 'furious'],
        [true, 'idle'],
      ]);
      expect(answers[0]).not.toHaveProperty('mixtures');
      expect(JSON.stringify(answers[0].evidence)).toMatch(/"emotion":"proud","name":"proud\/0[34].jpg"/);
      expect(predict('--format', 'csv').stdout).toMatch(
        /probability of furious,probability of idle,probability of proud,note\n.*,zero-shot\n/,
      );
      expect(predict('--format', 'srt').stdout).toMatch(/\[proud \d+ %, zero-shot\] You came!/);
      expect(predict('--format', 'vtt').stdout).toMatch(/\[proud \d+ %, zero-shot\] You came!/);
      expect(predict('--format', 'table').stdout).toMatch(/emotion \(zero-shot\)[\s\S]*You came! +│ proud/);
      expect(JSON.parse(predict('--json').stdout)).toMatchObject({ zeroShot: true, calibrated: false });
      const said = JSON.stringify({ text: LINES.joy[0] });
      const live = vegaMerc(['predict', faces, '-', '--live', '--faces', moods, '--format', 'table'], {}, said);
      expect(live.stdout).toMatch(/You came! – proud \(\d+ %, zero-shot\)/);
      for (const [model, place, sentence] of [
        [run, moods, 'The model was trained with random directions for anchors'],
        [faces, join(moods, 'proud'), 'it needs one for each class, with pictures of faces in it'],
        [faces, inside('moods.jsonl'), 'is no anchor file'],
      ]) {
        const refused = vegaMerc(['predict', model, inside('moods.jsonl'), '--faces', place]);
        expect(refused.stderr).toContain(sentence);
        expect(refused.status).toBe(1);
        expect(refused.stdout).toBe('');
      }
    },
  );

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
    [['-', '--speakers', '2'], '{"text":"a"}', 2, '--speakers belongs to a single recording without a transcript.'],
    [['-', '--format', 'srt'], '{"text":"You came!"}', 1, 'has no start and end, which captions need'],
  ])('%j is refused in a sentence', (args, input, status, sentence) => {
    const result = vegaMerc(['predict', run, ...args], {}, input);
    expect(result.stderr).toContain(sentence);
    expect(result.status).toBe(status);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });
});
