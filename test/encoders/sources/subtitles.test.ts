import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { readSource } from '../../../src/encoders/sources/index.js';
import { readSubtitles } from '../../../src/encoders/sources/subtitles.js';
import { temporaryFolder } from '../make.js';

const root = temporaryFolder();

function write(text: string | Uint8Array, name = 'talk.srt'): string {
  const path = join(root, name);
  writeFileSync(path, text);
  return path;
}

/** Cues of two seconds, one after the other, of the words given. */
function srt(...words: string[]): string {
  const time = (seconds: number) => `00:00:${String(seconds).padStart(2, '0')},000`;
  return words.map((each, i) => `${i + 1}\n${time(2 * i)} --> ${time(2 * i + 2)}\n${each}\n`).join('\n');
}

const said = (path: string) => readSubtitles(path).lines.map(({ speaker, text }) => [speaker, text]);
const notes = (path: string) => readSubtitles(path).notes.join('\n');

describe('the encoding of a transcript', () => {
  const text = srt('ANDRÉ: Déjà vu – “voilà”…', 'ZOË: Ça va, très bien, merci.');
  const wanted = [
    ['ANDRÉ', 'Déjà vu – “voilà”…'],
    ['ZOË', 'Ça va, très bien, merci.'],
  ];

  it.each([
    ['UTF-8', iconv.encode(text, 'utf8'), ''],
    ['UTF-8 with a mark', iconv.encode(text, 'utf8', { addBOM: true }), ''],
    ['Windows-1252', iconv.encode(text, 'windows-1252'), 'it is not UTF-8 and was read as windows-1252'],
    ['UTF-16 LE', iconv.encode(text, 'utf-16le'), 'it was read as UTF-16LE'],
    ['UTF-16 BE', iconv.encode(text, 'utf-16be'), 'it was read as UTF-16BE'],
    ['UTF-16 LE with a mark', iconv.encode(text, 'utf-16le', { addBOM: true }), 'it was read as UTF-16LE'],
    ['UTF-16 BE with a mark', iconv.encode(text, 'utf-16be', { addBOM: true }), 'it was read as UTF-16BE'],
  ])('%s is read, and said where it is not UTF-8', (_, bytes, note) => {
    const path = write(bytes);
    expect(said(path)).toEqual(wanted);
    if (note === '') expect(notes(path)).toBe('');
    else expect(notes(path)).toContain(note);
  });

  it('is told by its letters where it is that of another alphabet', () => {
    const words = 'ИВАН: Привет, как дела? Всё хорошо, спасибо большое';
    const path = write(iconv.encode(srt(words), 'windows-1251'));
    expect(said(path)).toEqual([['ИВАН', words.slice(6)]]);
    expect(notes(path)).toContain('was read as windows-1251; if its letters look wrong, save it as UTF-8');
  });

  it('is that of most files where a single letter says little', () => {
    expect(said(write(iconv.encode(srt('ANA: Café.'), 'windows-1252')))).toEqual([['ANA', 'Café.']]);
  });
});

describe('who speaks in a transcript', () => {
  it('is unknown in a cue without a name, and said to be', () => {
    const path = write(srt('JACK: Who is there?', 'Only me.', 'ROSE: Me too.'));
    expect(said(path)).toEqual([
      ['JACK', 'Who is there?'],
      [undefined, 'Only me.'],
      ['ROSE', 'Me too.'],
    ]);
    expect(notes(path)).toBe('of its transcript: 1 of its 3 utterances have no name: their speaker is unknown');
  });

  it('is the speaker whose sentence a cue without a name goes on with at once', () => {
    const path = write(srt('JACK: I thought that you', 'would never come.', 'Here I am.'));
    expect(said(path)).toEqual([
      ['JACK', 'I thought that you'],
      ['JACK', 'would never come.'],
      [undefined, 'Here I am.'],
    ]);
    expect(notes(path)).toContain('given to the speaker whose sentence they go on with: 1 of its utterances');
    // Not after a pause.
    const late =
      '1\n00:00:01,000 --> 00:00:02,000\nJACK: I thought\n\n2\n00:00:09,000 --> 00:00:10,000\nwould you come?\n';
    expect(said(write(late))[1]).toEqual([undefined, 'would you come?']);
  });

  it('is nobody where a sound stands in brackets; sounds are counted', () => {
    const path = write(
      srt(
        'JACK: Wait.',
        '[door slams]',
        '(sighs) Come (quickly) back.',
        'ROSE: [laughs] No.',
        '♪ a song ♪',
        '*coughs*',
      ),
    );
    expect(said(path)).toEqual([
      ['JACK', 'Wait.'],
      [undefined, 'Come (quickly) back.'],
      ['ROSE', 'No.'],
    ]);
    expect(notes(path)).toContain('5 sounds in brackets, such as "[door slams]", are nobody\'s words and left out');
  });

  it('is two people where each begins with a dash; they share the time by the length of their words', () => {
    const path = write(
      srt("JACK O'NEIL: Hello.", '- First line.\n- Second one, longer.', '- Who? - Jack.', '- ANN: Hi.\n- BEN: Ho.'),
    );
    const { lines } = readSubtitles(path);
    expect(lines.map(({ speaker, text }) => [speaker, text])).toEqual([
      ["JACK O'NEIL", 'Hello.'],
      [undefined, 'First line.'],
      [undefined, 'Second one, longer.'],
      [undefined, 'Who?'],
      [undefined, 'Jack.'],
      ['ANN', 'Hi.'],
      ['BEN', 'Ho.'],
    ]);
    const [, first, second] = lines;
    expect([first.start, second.end]).toEqual([2, 4]);
    expect(first.end).toBeCloseTo(2 + (2 * 11) / 30, 9);
    expect(second.start).toBe(first.end);
  });

  it('is one person where a sentence has a dash within it', () => {
    expect(said(write(srt('ANN: I mean - Well - no.\n- or yes')))[0]).toEqual(['ANN', 'I mean - Well - no.']);
    expect(said(write(srt('Wait - What?')))).toEqual([[undefined, 'Wait - What?']]);
  });

  it.each([
    'Note: remember the time 12:30',
    'NOTE: Remember: be there at 12:30.',
    'http: //example.org is the place',
    'Http://example.org: go there',
    '12:30: we meet',
    'He said: no.',
    'Listen: I know.',
    'There are three things that I want: peace.',
  ])('is not told by "%s"', (words) => {
    expect(said(write(srt(words)))).toEqual([[undefined, words]]);
  });

  it.each(['[Jack]: Hi', '(JACK): Hi', 'Dr. Jack of York: Hi', 'Speaker 1: Hi', 'SPEAKER_00: Hi', 'Jean-Luc: Hi'])(
    'is told by "%s"',
    (words) => {
      expect(said(write(srt(words)))).toEqual([[words.replace(/[[\]()]|:.*/g, ''), 'Hi']]);
    },
  );
});

describe('the times of a transcript', () => {
  it.each(['->', '–>', '—>', '→', '-', '--', '-->', '--->'])('may have %s for an arrow', (arrow) => {
    const path = write(`1\n00:00:01,500 ${arrow} 00:00:02,500\nANN: Hi.\n`);
    expect(readSubtitles(path)).toEqual({ lines: [{ start: 1.5, end: 2.5, speaker: 'ANN', text: 'Hi.' }], notes: [] });
  });

  it('may lack fractions, or blank lines between cues', () => {
    const path = write('1\n00:00:01 --> 00:00:02\nANN: Hi.\n2\n00:00:02,000 --> 00:01:04,000\nBEN: Ho.\n');
    expect(readSubtitles(path).lines).toEqual([
      { start: 1, end: 2, speaker: 'ANN', text: 'Hi.' },
      { start: 2, end: 64, speaker: 'BEN', text: 'Ho.' },
    ]);
    // Amid words, only the exact arrow begins a cue.
    const schedule = '1\n00:00:01,000 --> 00:00:02,000\nANN: We meet\n12:30 - 13:30\n';
    expect(said(write(schedule))).toEqual([['ANN', 'We meet 12:30 - 13:30']]);
  });

  it('cost only their own cue where they are wrong, and are named with their line', () => {
    const path = write(
      '1\n00:00:01,000 --> 00:00:02,000\nANN: One.\n\n2\n00:00:05,000 -> …\nANN: Two.\n\n3\n00:00:07,000 --> 00:00:06,000\nANN: Three.\n\n' +
        '4\n00:75:07,000 --> 00:76:06,000\nANN: Four.\n\n5\n00:00:09,000 --> 00:00:10,000\nANN: Five.\n\nSix.\n',
    );
    expect(said(path)).toEqual([
      ['ANN', 'One.'],
      ['ANN', 'Five.'],
    ]);
    expect(readSubtitles(path).notes).toEqual([
      'of its transcript: line 6 is left out: no times that can be read stand here: "00:00:05,000 -> …"',
      'of its transcript: line 10 is left out: the cue at 00:00:07,000 ends before it begins, at 00:00:06,000',
      'of its transcript: line 14 is left out: the time 00:75:07,000 has 60 or more minutes or seconds',
      'of its transcript: line 21 is left out: no times that can be read stand here: "Six."',
    ]);
  });

  it('are counted where very many are wrong', () => {
    const path = write(`${'nothing\n\n'.repeat(30)}${srt('ANN: Hi.')}`);
    expect(notes(path)).toContain('20 more cues are left out, from line 21 on');
  });
});

it('what was decided in reading a transcript is told with the corpus', () => {
  const path = write(srt('JACK: Wait.', '[door slams]', 'Why?'));
  expect(readSource(path).origin).toEqual([
    'extracted from talk.srt, without a recording',
    expect.stringContaining('a sound in brackets, "[door slams]"'),
    expect.stringContaining('1 of its 2 utterances have no name'),
  ]);
});
