import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSource } from '../../../src/encoders/sources/index.js';
import { temporaryFolder } from '../make.js';

const root = temporaryFolder();

function write(name: string, text: string): string {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const manifest = (name: string, lines: object[]) => write(name, lines.map((line) => JSON.stringify(line)).join('\n'));

describe('a manifest', () => {
  it('gathers dialogues, orders them by index, and finds recordings beside it', () => {
    const path = manifest('sets/one.jsonl', [
      { dialogue: 'a', index: 3, text: 'second', speaker: 'Ann', label: 'joy', split: 'train' },
      { dialogue: 7, media: 'clips/7.mp4', start: 1, end: 2.5 },
      { dialogue: 'a', index: 1, text: 'first', split: 'train', label: null },
    ]);
    const source = readSource(path);
    const clip = { media: join(root, 'sets/clips/7.mp4'), start: 1, end: 2.5 };
    expect(source.utterances).toEqual([
      { dialogue: 'a', text: 'first', speaker: undefined, label: undefined },
      { dialogue: 'a', text: 'second', speaker: 'Ann', label: 'joy' },
      { dialogue: '7', sound: clip, pictures: clip },
    ]);
    expect(source).toMatchObject({ name: 'one', splits: { train: ['a'] } });
  });

  it.each([
    [
      'a field nobody knows',
      [{ dialogue: 'a', text: 'x', speker: 'b' }],
      'line 1: there is no field "speker". Did you mean "speaker"?',
    ],
    ['an utterance of nothing', [{ dialogue: 'a', text: ' ' }], 'line 1 has neither "text" nor "media"'],
    ['times without a recording', [{ dialogue: 'a', text: 'x', start: 2 }], 'line 1 has times but no "media"'],
    ['a wrong type', [{ dialogue: 'a', text: 'x', start: '2' }], 'line 1: the field "start"'],
    ['an index used twice', [0, 0].map((index) => ({ dialogue: 'a', text: 'x', index })), 'has the index 0 twice'],
    [
      'indices for some lines',
      [
        { dialogue: 'a', text: 'x', index: 0 },
        { dialogue: 'a', text: 'y' },
      ],
      'give all lines of a dialogue one, or none',
    ],
    [
      'two splits for a dialogue',
      ['train', 'test'].map((split) => ({ dialogue: 'a', text: 'x', split })),
      'a dialogue belongs to one split',
    ],
    ['no line', [], 'has no line'],
  ])('is refused with %s', (_, lines, sentence) => {
    expect(() => readSource(manifest('wrong.jsonl', lines))).toThrow(sentence);
  });

  it('is refused where a line is not JSON', () => {
    expect(() => readSource(write('wrong.jsonl', '{"dialogue": "a", "text": "x"}\n{oh'))).toThrow('line 2 is not JSON');
  });
});

describe('a recording with a transcript', () => {
  const srt = `\uFEFF1\r
00:00:01,000 --> 00:00:03,000\r
ANNA: Hello <i>there</i>,\r
how are you?\r
\r
2\r
00:00:04,500 --> 00:00:06,500\r
BEN CARTER: Fine.\r
ANNA: Good.\r
\r
3\r
01:00:07,000 --> 01:00:08,000\r
He said: let's go.\r
`;

  it('has an utterance for each line, with who says it', () => {
    const media = write('talk/talk.mp4', 'film');
    write('talk/talk.srt', srt);
    const { utterances, name } = readSource(media);
    expect(name).toBe('talk');
    expect(utterances.map(({ speaker, text, sound }) => [speaker, text, sound?.start, sound?.end])).toEqual([
      ['ANNA', 'Hello there, how are you?', 1, 3],
      ['BEN CARTER', 'Fine.', 4.5, 5.5],
      ['ANNA', 'Good.', 5.5, 6.5],
      [undefined, "He said: let's go.", 3607, 3608],
    ]);
    expect(utterances[0]).toMatchObject({ dialogue: 'talk', pictures: { media, start: 1, end: 3 } });
  });

  it('may be WebVTT, with voices, styles, notes and settings', () => {
    const path = write(
      'talk.vtt',
      `WEBVTT - a title

NOTE nobody says this

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Roger Bingham>We are in New York &amp; here</v>

00:03.000 --> 00:04.000
<v.loud Neil>Hi <b>there</b>
<v Roger Bingham>Hi, Neil
`,
    );
    expect(readSource(path).utterances).toEqual([
      { dialogue: 'talk', speaker: 'Roger Bingham', text: 'We are in New York & here', start: 1, end: 2.5 },
      { dialogue: 'talk', speaker: 'Neil', text: 'Hi there', start: 3, end: 3.5 },
      { dialogue: 'talk', speaker: 'Roger Bingham', text: 'Hi, Neil', start: 3.5, end: 4 },
    ]);
  });

  it('is one utterance where there is no transcript', () => {
    const media = write('alone/clip.wav', 'sound');
    expect(readSource(media).utterances).toEqual([{ dialogue: 'clip', sound: { media }, pictures: { media } }]);
  });

  it('is refused where the transcript holds nothing', () => {
    expect(() => readSource(write('empty.srt', ''))).toThrow('holds no cue with words');
    expect(() => readSource(write('words.srt', 'no cue'))).toThrow(
      'Line 1: no times that can be read stand here: "no cue"',
    );
    const backwards = '1\n00:00:03,000 --> 00:00:02,000\nHi\n';
    expect(() => readSource(write('back.srt', backwards))).toThrow(
      'Line 2: the cue at 00:00:03,000 ends before it begins, at 00:00:02,000',
    );
  });
});

describe('MELD', () => {
  const head = 'Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime';

  it('is read as its owners distribute it', () => {
    const folder = join(root, 'MELD.Raw');
    write(
      'MELD.Raw/train_sent_emo.csv',
      `${head}\n1,"Don\u0092t, ""please""!",Joey,surprise,negative,0,1,1,1,a,b\n2,Hi.,Ross,Neutral,neutral,0,0,1,1,a,b\n`,
    );
    write('MELD.Raw/dev_sent_emo.csv', `${head}\n1,Oh.,Monica,joy,positive,0,0,1,1,a,b\n`);
    write('MELD.Raw/train/train_splits/dia0_utt0.mp4', 'x');
    write('MELD.Raw/dev/dev_splits_complete/._dia0_utt0.mp4', 'left by another system');
    write('MELD.Raw/dev/dev_splits_complete/dia0_utt0.mp4', 'x');
    const source = readSource(folder);
    const train = (name: string) => ({ media: join(folder, 'train/train_splits', name) });
    expect(source.utterances.slice(0, 2)).toEqual([
      {
        dialogue: 'train_0',
        speaker: 'Ross',
        text: 'Hi.',
        label: 'neutral',
        sound: train('dia0_utt0.mp4'),
        pictures: train('dia0_utt0.mp4'),
      },
      {
        dialogue: 'train_0',
        speaker: 'Joey',
        text: 'Don’t, "please"!',
        label: 'surprise',
        sound: train('dia0_utt1.mp4'),
        pictures: train('dia0_utt1.mp4'),
      },
    ]);
    expect(source.utterances[2].sound?.media).toBe(join(folder, 'dev/dev_splits_complete/dia0_utt0.mp4'));
    expect(source.splits).toEqual({ train: ['train_0'], valid: ['valid_0'] });
    expect(source.classes?.[0]).toBe('neutral');
  });

  it('may be one csv file beside one folder of clips, or beside none', () => {
    const csv = write('one/test_sent_emo.csv', `${head}\n1,Oh.,Monica,joy,positive,4,2,1,1,a,b\n`);
    expect(readSource(csv).utterances[0].sound).toBeUndefined();
    write('one/clips/dia4_utt2.mp4', 'x');
    expect(readSource(csv).utterances[0].sound?.media).toBe(join(root, 'one/clips/dia4_utt2.mp4'));
  });

  it('is refused where a column is missing', () => {
    expect(() => readSource(write('two/test_sent_emo.csv', 'Utterance,Speaker\nHi,Joey\n'))).toThrow(
      'has no column "Emotion"',
    );
    expect(() => readSource(write('two/other.csv', 'a,b\n'))).toThrow("is none of MELD's csv files");
  });
});

describe('IEMOCAP', () => {
  it('is read as its owners distribute it', () => {
    const folder = join(root, 'IEMOCAP_full_release');
    for (const session of [1, 5]) {
      const id = `Ses0${session}F_impro01`;
      const dialog = `IEMOCAP_full_release/Session${session}/dialog`;
      write(
        `${dialog}/transcriptions/${id}.txt`,
        `${id}_M000 [008.2357-009.0000]: Yes?\n${id}_F000 [006.2901-008.2357]: Excuse me.\n${id}_M001 [009.0000-010.5000]: Hm.\nM: Unnumbered.\n`,
      );
      write(
        `${dialog}/EmoEvaluation/${id}.txt`,
        `% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n[6.2901 - 8.2357]\t${id}_F000\tneu\t[2.5000, 2.5000, 2.5000]\nC-E2:\tNeutral;\t()\n[8.2357 - 9.0000]\t${id}_M000\texc\t[4, 4, 4]\n[9.0000 - 10.5000]\t${id}_M001\txxx\t[3, 3, 3]\n`,
      );
    }
    write('IEMOCAP_full_release/Session1/dialog/avi/DivX/Ses01F_impro01.avi', 'x');
    write('IEMOCAP_full_release/Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav', 'x');
    const { utterances, splits, classes } = readSource(folder);
    const session = join(folder, 'Session1');
    const avi = join(session, 'dialog/avi/DivX/Ses01F_impro01.avi');
    expect(utterances.slice(0, 2)).toEqual([
      {
        dialogue: 'Ses01F_impro01',
        speaker: 'F',
        text: 'Excuse me.',
        label: 'neutral',
        sound: { media: join(session, 'sentences/wav/Ses01F_impro01/Ses01F_impro01_F000.wav') },
        pictures: { media: avi, start: 6.2901, end: 8.2357 },
      },
      {
        dialogue: 'Ses01F_impro01',
        speaker: 'M',
        text: 'Yes?',
        label: 'excited',
        sound: { media: avi, start: 8.2357, end: 9 },
        pictures: { media: avi, start: 8.2357, end: 9 },
      },
    ]);
    expect(utterances).toHaveLength(4);
    expect(utterances[2]).toMatchObject({ dialogue: 'Ses05F_impro01', sound: undefined, pictures: undefined });
    expect(splits).toEqual({ train: ['Ses01F_impro01'], test: ['Ses05F_impro01'] });
    expect(classes).toEqual(['happy', 'sad', 'neutral', 'angry', 'excited', 'frustrated']);
  });
});

describe('anything else', () => {
  it('is refused with what would be read', () => {
    mkdirSync(join(root, 'nothing'), { recursive: true });
    expect(() => readSource(join(root, 'nothing'))).toThrow('Give a manifest');
    expect(() => readSource(join(root, 'gone.jsonl'))).toThrow('no such file');
    expect(() => readSource(write('t.jsonl', '{}'), 'words.srt')).toThrow('belongs to a single recording');
  });
});

describe('a long manifest', () => {
  /** Seconds of the processor, the best of two. */
  const cost = (lines: number, line: (i: number) => object): number => {
    const path = manifest(
      `long-${lines}.jsonl`,
      Array.from({ length: lines }, (_, i) => line(i)),
    );
    return Math.min(
      ...[1, 2].map(() => {
        const before = process.cpuUsage();
        expect(readSource(path).utterances.length).toBe(lines);
        const { user, system } = process.cpuUsage(before);
        return user + system;
      }),
    );
  };

  it.each<[string, (i: number) => object]>([
    ['one dialogue', (i) => ({ dialogue: 'a', index: i, text: 'x' })],
    ['a dialogue a line, with a split', (i) => ({ dialogue: i, text: 'x', split: 'train' })],
  ])('takes time linear in its lines: %s', (_, line) => {
    // Four times the lines cost sixteen times as much where it is quadratic.
    expect(cost(80_000, line) / cost(20_000, line)).toBeLessThan(9);
  });
});
