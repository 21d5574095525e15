import { describe, expect, it } from 'vitest';
import {
  captions,
  type ModelCard,
  type Prediction,
  predictionLine,
  predictionsCsv,
} from '../../src/prediction/index.js';

const about: ModelCard = {
  corpus: { name: 'made up', synthetic: true },
  selection: 'test-selected',
  finished: true,
  calibrated: true,
  context: 'full',
  speakers: 'within',
  notes: [],
};
const answer: Prediction = {
  emotion: 'joy',
  probabilities: { joy: 0.75, anger: 0.25 },
  confidence: 0.824,
  heads: { classHead: { joy: 0.75, anger: 0.25 } },
  modalities: {},
  evidence: {
    shares: { text: 1 },
    attended: [{ index: 0, weight: 1 }],
    exemplars: [{ emotion: 'joy', name: 'a.png', thumbnail: new Uint8Array(9), cosine: 0.5 }],
    distance: {},
  },
};
const line = (index: number, rest: object = {}, dialogue = 'talk') =>
  predictionLine({ dialogue, index, ...rest }, answer, about);

describe('lines', () => {
  it('say where they belong, and hold no pictures', () => {
    const { evidence, ...rest } = line(3, { speaker: 'Ann', text: 'You came!', start: 1, label: undefined });
    expect(rest).toMatchObject({
      selection: 'test-selected',
      synthetic: true,
      dialogue: 'talk',
      index: 3,
      speaker: 'Ann',
      text: 'You came!',
      start: 1,
      emotion: 'joy',
    });
    expect(rest).not.toHaveProperty('label');
    expect(evidence.exemplars).toEqual([{ emotion: 'joy', name: 'a.png', cosine: 0.5 }]);
    const plain = predictionLine({ dialogue: 'a', index: 0 }, answer, {
      ...about,
      corpus: undefined,
      selection: undefined,
    });
    expect(Object.keys(plain).slice(0, 3)).toEqual(['dialogue', 'index', 'emotion']);
  });
});

describe('zero-shot', () => {
  const { mixtures: _, ...rest } = answer;
  const shot = predictionLine(
    { dialogue: 'talk', index: 0, start: 0, end: 1, text: 'Hi' },
    { ...rest, zeroShot: true, heads: { anchorHead: answer.probabilities } },
    { ...about, zeroShot: true },
  );

  it('is said by every format', () => {
    expect(JSON.parse(JSON.stringify(shot))).toMatchObject({ zeroShot: true, heads: { anchorHead: { joy: 0.75 } } });
    expect(predictionsCsv([shot], ['joy', 'anger'])).toMatch(/"test-selected, synthetic, zero-shot"\n$/);
    expect(captions([shot], 'srt')).toContain('[joy 82 %, zero-shot] Hi');
    expect(captions([shot], 'vtt')).toContain('[joy 82 %, zero-shot] Hi');
    expect(JSON.stringify(line(0))).not.toContain('zeroShot');
  });
});

describe('an unfamiliar modality', () => {
  const strange = predictionLine(
    { dialogue: 'talk', index: 0, start: 0, end: 1, text: 'Hi' },
    { ...answer, unfamiliar: ['audio', 'visual'] },
    about,
  );

  it('is said by every format', () => {
    expect(JSON.parse(JSON.stringify(strange))).toMatchObject({ unfamiliar: ['audio', 'visual'] });
    expect(predictionsCsv([strange], ['joy', 'anger'])).toMatch(/synthetic, unfamiliar voice and face"\n$/);
    expect(captions([strange], 'srt')).toContain('[joy 82 %, unfamiliar voice and face] Hi');
    expect(captions([strange], 'vtt')).toContain('[joy 82 %, unfamiliar voice and face] Hi');
    expect(JSON.stringify(line(0))).not.toContain('unfamiliar');
  });
});

describe('captions', () => {
  const lines = [
    line(0, { start: 0, end: 1.5, speaker: 'Ann', text: 'You <came>\n\nback & forth!' }),
    line(1, { start: 3723.4996, end: 3724, text: '' }),
  ];

  it('are SRT and WebVTT, with who says what', () => {
    expect(captions(lines, 'srt')).toBe(
      '1\n00:00:00,000 --> 00:00:01,500\n[joy 82 %] Ann: You <came> back & forth!\n\n' +
        '2\n01:02:03,500 --> 01:02:04,000\n[joy 82 %]\n',
    );
    expect(captions(lines, 'vtt')).toBe(
      'WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<v Ann>[joy 82 %] You &lt;came&gt; back &amp; forth!\n\n' +
        '01:02:03.500 --> 01:02:04.000\n[joy 82 %]\n',
    );
  });

  it('are refused without times, and of several recordings', () => {
    expect(() => captions([line(2, { start: 1 })], 'srt')).toThrow(
      'Utterance 2 of "talk" has no start and end, which captions need.',
    );
    expect(() => captions([lines[0], line(0, { start: 0, end: 1 }, 'other')], 'vtt')).toThrow(
      'there are 2 conversations',
    );
  });
});

describe('csv', () => {
  it('has a row an utterance and a column a class', () => {
    expect(predictionsCsv([line(0, { speaker: 'Ann', text: 'Oh, "you"' }), line(1)], ['joy', 'anger'])).toBe(
      'dialogue,index,speaker,start,end,text,label,emotion,confidence,probability of joy,probability of anger,note\n' +
        'talk,0,Ann,,,"Oh, ""you""",,joy,0.824,0.75,0.25,"test-selected, synthetic"\n' +
        'talk,1,,,,,,joy,0.824,0.75,0.25,"test-selected, synthetic"\n',
    );
  });
});
