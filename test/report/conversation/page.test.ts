import { describe, expect, it } from 'vitest';
import type { ModelCard, PredictionLine } from '../../../src/prediction/index.js';
import { conversationHtml } from '../../../src/report/conversation/index.js';

const classes = ['joy', 'anger'];
const about: ModelCard = {
  corpus: { name: 'made up', synthetic: true },
  finished: true,
  calibrated: true,
  context: 'causal',
  speakers: 'within',
  notes: [],
};

function line(index: number, joy: number, more: Partial<PredictionLine> = {}): PredictionLine {
  const probabilities = { joy, anger: 1 - joy };
  return {
    dialogue: 'talk',
    index,
    speaker: index % 2 ? 'Bo' : 'Ann <b>',
    text: index === 0 ? 'You came! <script>alert(1)</script>' : 'I had to.',
    start: index * 2,
    end: index * 2 + 1.5,
    emotion: joy >= 0.5 ? 'joy' : 'anger',
    probabilities,
    confidence: Math.max(joy, 1 - joy),
    heads: { classHead: probabilities, anchorHead: { joy: 0.25, anger: 0.75 } },
    modalities: { text: { emotion: 'joy', classHead: { joy: 0.6, anger: 0.4 } } },
    evidence: {
      shares: { text: 1 },
      attended: [{ index: 0, weight: 0.7 }],
      exemplars: [{ emotion: 'joy', name: 'a.jpg', cosine: 0.8123 }],
      distance: { text: 1 },
    },
    ...more,
  } as PredictionLine;
}

describe('the page of a conversation', () => {
  const page = {
    title: 'talk.mp4',
    classes,
    about,
    notes: ['One note.'],
    picture: () => 'data:image/jpeg;base64,AAAA',
  };
  const html = conversationHtml(
    [line(0, 0.9), line(1, 0.4, { unfamiliar: ['text'], estimated: ['speaker', 'text'] })],
    page,
  );

  it('shows words, times, both heads, opinions, shares and faces', () => {
    for (const part of [
      '0:00.0–0:01.5',
      '90 % sure',
      'class head',
      'anchor head',
      'words alone',
      'Weighed: words 100 %.',
    ])
      expect(html).toContain(part);
    expect(html).toContain('<img src="data:image/jpeg;base64,AAAA" alt="face: joy"><figcaption>joy 0.81');
    expect(html).toContain('Looked most at <a href="#d1-0">1</a> (70 %).');
  });

  it('shows the face that was used, and says what was not', () => {
    const one = line(0, 0.9, { unfamiliar: ['audio'], missing: { audio: 'left out: unlike anything in training' } });
    const face = { time: 63.25, box: [0.1, 0.2, 0.3, 0.4] as [number, number, number, number] };
    const thumbnail = 'data:image/jpeg;base64,BBBB';
    const seen = { ...one, evidence: { ...one.evidence, face: { ...face, thumbnail } } };
    const shown = conversationHtml([seen], page);
    expect(shown).toContain(`<img src="${thumbnail}" alt="the face used, at 1:03.3">`);
    expect(shown).toContain('Not used: voice (left out: unlike anything in training).');
    expect(shown).not.toContain('Unlike anything in training: voice');
    const bare = { ...one, evidence: { ...one.evidence, face } };
    expect(conversationHtml([bare], page)).not.toContain('The face used');
  });

  it('says what a reader must know before anything else', () => {
    expect(html.indexOf('synthetic: trained on a made-up corpus')).toBeLessThan(html.indexOf('<main>'));
    expect(html).toContain('words and speakers are estimates');
    const told = { ...page, notes: ['words and speakers are estimated: by a network'] };
    const once = conversationHtml([line(0, 0.9, { estimated: ['speaker', 'text'] })], told);
    expect(once).toContain('>Words and speakers are estimated: by a network.<');
    expect(once).not.toContain('estimates');
    expect(html).toContain('Unlike anything in training: words.');
    expect(html).toContain('Article 5(1)(f)');
    expect(html).toContain('? anger');
  });

  it('holds no markup of what was said, no script, and no address', () => {
    expect(html).not.toMatch(/<script|Ann <b>|onload=/);
    expect(html).not.toMatch(/(src|href)="(?!#|data:)/);
    expect(html).toContain('&#60;script&#62;');
  });

  it('draws a lane a speaker and each utterance as shares of its classes', () => {
    const rects = [...html.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, height]) => Number(height));
    expect(rects).toHaveLength(4);
    expect(rects[0]).toBeCloseTo(0.9 * 56, 1);
    expect([...html.matchAll(/<path /g)]).toHaveLength(0); // one utterance each: nothing between
  });
});
