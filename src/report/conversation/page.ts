import { classColour, escapeHtml } from '../../base/page.js';
import { asSentence } from '../../base/words.js';
import type { ByClass, ModelCard, PredictionLine } from '../../prediction/index.js';
import { figure, paragraph, scrolling } from '../page/html.js';
import { PAGE_STYLE } from '../page/style.js';
import { layoutTimeline, ribbon, type Said } from './timeline.js';

/** What the page of a conversation shows beside the answers. */
export interface ConversationPage {
  title: string;
  /** Of the answers, in their order. */
  classes: readonly string[];
  about: ModelCard;
  /** What else a reader must know, a sentence each. */
  notes: readonly string[];
  /** A small picture of an exemplar, as a data URL; undefined where the anchors have none. */
  picture?: (emotion: string, name: string) => string | undefined;
}

const WIDTH = 1080;
const LANE = 56;
const NAME = 20;
const LABEL = 20;
const MODALITY = { text: 'words', audio: 'voice', visual: 'face' } as const;

/**
 * One self-contained page of conversations and what a model says of them: each speaker's emotions over time, and of every
 * utterance its words and times, both heads, each modality's opinion and share, and the nearest exemplars. It holds no
 * script and asks for nothing.
 */
export function conversationHtml(lines: readonly PredictionLine[], page: ConversationPage): string {
  const { title, classes, about } = page;
  const dialogues = new Map<string, PredictionLine[]>();
  for (const line of lines) dialogues.set(line.dialogue, [...(dialogues.get(line.dialogue) ?? []), line]);
  const parts = [...dialogues].map(([name, own], d) => dialogue(name, own, page, `d${d + 1}`, dialogues.size > 1));
  const legend = classes
    .map((name, c) => `<li><i class="class" style="--class:${classColour(c)}"></i>${escapeHtml(name)}</li>`)
    .join('');
  const badges = badgesOf(about, lines).map((badge) => `<strong class="kind">${escapeHtml(badge)}</strong>`);
  const law =
    'A model sees words, a voice and a face; it does not know what somebody feels. In the European Union it must not be used to infer the emotions of people at work or in education (AI Act, Article 5(1)(f)), and people must be told (Article 50(3)).';
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(title)}</title><style>${PAGE_STYLE}${STYLE}</style></head>
<body><header><h1>${escapeHtml(title)}</h1>${badges.join(' ')}
${[...page.notes, ...heard(lines, page.notes)].map((note) => paragraph(asSentence(note), 'note')).join('')}
<ul class="legend" aria-label="Colours of the emotions">${legend}</ul></header>
<main>${parts.join('\n')}</main>
<footer>${paragraph(law, 'note')}</footer></body></html>
`;
}

/** What must stand before everything else. */
function badgesOf(about: ModelCard, lines: readonly PredictionLine[]): string[] {
  return [
    ...(about.corpus?.synthetic ? ['synthetic: trained on a made-up corpus, says nothing about people'] : []),
    ...(about.selection === 'test-selected' ? ['test-selected'] : []),
    ...(about.zeroShot ? ['zero-shot: classes given by faces alone'] : []),
    ...(lines.some(({ unfamiliar }) => unfamiliar) ? ['some of it is unlike anything in training'] : []),
  ];
}

/** Where the notes do not say it already. */
function heard(lines: readonly PredictionLine[], notes: readonly string[]): string[] {
  if (notes.some((note) => note.includes('are estimated'))) return [];
  const what = new Set(lines.flatMap(({ estimated = [] }) => estimated));
  if (what.size === 0) return [];
  return [`Nobody said who speaks when: ${what.has('text') ? 'words and speakers' : 'speakers'} are estimates.`];
}

function dialogue(
  name: string,
  lines: readonly PredictionLine[],
  page: ConversationPage,
  id: string,
  several: boolean,
): string {
  const heading = several
    ? `<h2 id="${id}-h">${escapeHtml(name)}</h2>`
    : `<h2 id="${id}-h" class="hidden">Utterances</h2>`;
  const drawing = scrolling('Emotions over time', figure(timeline(lines, page.classes, id), caption(lines)));
  const items = lines.map((line, i) => utterance(line, i, page, id)).join('\n');
  return `<section id="${id}" aria-labelledby="${id}-h">${heading}\n${drawing}\n<ol class="utterances">${items}</ol></section>`;
}

const caption = (lines: readonly PredictionLine[]): string =>
  `Each speaker's emotions: shares of the answer's distribution, ${
    lines.every(({ start }) => start !== undefined) ? 'by time' : 'utterance by utterance'
  }. Faint between utterances; a question mark where the answer is more likely wrong than right, or unfamiliar.`;

/** The timeline as a drawing; each utterance leads to its own place below. */
function timeline(lines: readonly PredictionLine[], classes: readonly string[], id: string): string {
  const turns = lines.map(({ speaker = '', text = '', start, end }, i): Said => ({ id: i, speaker, text, start, end }));
  const { lanes, slots, width } = layoutTimeline(turns, WIDTH);
  const row = NAME + LANE + LABEL;
  const stacks = lines.map(({ probabilities }) => stack(probabilities, classes));
  const drawn = lanes.map((speaker, lane) => {
    const top = lane * row + NAME;
    const own = slots.filter((slot) => slot.lane === lane);
    const between =
      own.length < 2
        ? []
        : classes.map((_, c) => {
            const d = ribbon(
              own,
              own.map((slot) => stacks[slot.id][c]),
              top,
              LANE,
            );
            return `<path d="${d}" fill="${classColour(c)}" opacity=".28"/>`;
          });
    const bars = own.map(({ id: at, x, width: w }) => {
      const rects = classes.map((_, c) => {
        const { from, to } = stacks[at][c];
        return `<rect x="${x.toFixed(1)}" y="${(top + from * LANE).toFixed(1)}" width="${w.toFixed(1)}" height="${((to - from) * LANE).toFixed(1)}" fill="${classColour(c)}"/>`;
      });
      const { emotion, confidence } = lines[at];
      const tag =
        w > 7 * emotion.length ? `${doubtful(lines[at]) ? '? ' : ''}${emotion}` : doubtful(lines[at]) ? '?' : '';
      const label = `${at + 1}, ${emotion}, ${percent(confidence)}`;
      return `<a href="#${id}-${at}" aria-label="${escapeHtml(label)}"><title>${escapeHtml(label)}</title>${rects.join('')}<text x="${(x + 2).toFixed(1)}" y="${top + LANE + 14}" font-size="12" fill="currentColor">${escapeHtml(tag)}</text></a>`;
    });
    return `<text x="0" y="${lane * row + 14}" font-size="13" font-weight="600" fill="currentColor">${escapeHtml(speaker || 'speaker unknown')}</text>${between.join('')}${bars.join('')}`;
  });
  const height = lanes.length * row;
  return `<svg viewBox="0 0 ${width.toFixed(0)} ${height}" width="${width.toFixed(0)}" height="${height}" style="width:${width.toFixed(0)}px;max-width:none" role="group" aria-label="Timeline">${drawn.join('')}</svg>`;
}

function stack(probabilities: ByClass, classes: readonly string[]): { from: number; to: number }[] {
  let sum = 0;
  return classes.map((name) => {
    const from = sum;
    sum += probabilities[name] ?? 0;
    return { from, to: sum };
  });
}

/** Below it an answer is more likely wrong than right. */
const UNSURE = 0.5;
const doubtful = ({ confidence, unfamiliar }: PredictionLine): boolean =>
  confidence < UNSURE || unfamiliar !== undefined;
const percent = (share: number): string => `${Math.round(100 * share)} %`;

function utterance(line: PredictionLine, i: number, { classes, picture }: ConversationPage, id: string): string {
  const { speaker, text, start, end, emotion, confidence, unfamiliar, missing, evidence, label } = line;
  const c = classes.indexOf(emotion);
  const when =
    start === undefined ? '' : ` <span class="when">${clock(start)}${end === undefined ? '' : `–${clock(end)}`}</span>`;
  const shares = Object.entries(evidence.shares).map(
    ([modality, share]) => `${MODALITY[modality as keyof typeof MODALITY]} ${percent(share)}`,
  );
  // Why something was not used says that it is unfamiliar.
  const strange = (unfamiliar ?? []).filter((m) => !(m in (missing ?? {})));
  const facts = [
    shares.length > 0 && `Weighed: ${shares.join(', ')}.`,
    evidence.attended.length > 0 &&
      `Looked most at ${evidence.attended.map(({ index, weight }) => `<a href="#${id}-${index}">${index + 1}</a> (${percent(weight)})`).join(', ')}.`,
    strange.length > 0 && `Unlike anything in training: ${strange.map((m) => MODALITY[m]).join(', ')}.`,
    missing &&
      `Not used: ${escapeHtml(
        Object.entries(missing)
          .map(([m, why]) => `${MODALITY[m as keyof typeof MODALITY]} (${why})`)
          .join(', '),
      )}.`,
    label !== undefined && `Labelled ${escapeHtml(label)}.`,
  ].filter(Boolean);
  const used = evidence.face?.thumbnail && usedFace(evidence.face.thumbnail, evidence.face.time);
  const faces = (evidence.exemplars ?? []).map(({ name, emotion: of, cosine }) => {
    const image = name === undefined ? undefined : picture?.(of, name);
    const colour = classColour(classes.indexOf(of));
    return `<figure style="--class:${colour}">${image ? `<img src="${escapeHtml(image)}" alt="${escapeHtml(`face: ${of}`)}">` : `<span class="noface">${escapeHtml(name ?? '')}</span>`}<figcaption>${escapeHtml(of)} ${cosine.toFixed(2)}</figcaption></figure>`;
  });
  return `<li class="utterance" id="${id}-${i}"><div class="said"><p><span class="no">${i + 1}</span><b>${escapeHtml(speaker ?? 'speaker unknown')}</b>${when}</p><p>${escapeHtml(text ?? '')}</p>
<p class="verdict"><i class="class" style="--class:${classColour(c)}"></i>${doubtful(line) ? '? ' : ''}${escapeHtml(emotion)} <small>${percent(confidence)} sure</small></p>
<p class="note">${facts.join(' ')}</p>${used ?? ''}${faces.length > 0 ? `<div class="faces" aria-label="Nearest faces">${faces.join('')}</div>` : ''}</div>${opinions(line, classes)}</li>`;
}

/** The face that was taken for the speaker's. @param thumbnail a data URL; @param time seconds. */
function usedFace(thumbnail: string, time: number | undefined): string {
  const when = time === undefined ? 'the face used' : `the face used, at ${clock(time)}`;
  return `<div class="faces" aria-label="The face used"><figure style="--class:currentColor"><img src="${escapeHtml(thumbnail)}" alt="${when}"><figcaption>${when}</figcaption></figure></div>`;
}

/** Both heads, and what each modality says by itself, as a table. */
function opinions({ heads, modalities }: PredictionLine, classes: readonly string[]): string {
  const rows: [string, ByClass | undefined][] = [
    ['class head', heads.classHead],
    ['anchor head', heads.anchorHead],
    ...Object.entries(modalities).map(([m, opinion]): [string, ByClass | undefined] => [
      `${MODALITY[m as keyof typeof MODALITY]} alone`,
      opinion.classHead,
    ]),
  ];
  const given = rows.filter(([, distribution]) => distribution !== undefined) as [string, ByClass][];
  const head = classes.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('');
  const body = given.map(([name, distribution]) => {
    const top = classes.reduce((a, b) => ((distribution[b] ?? 0) > (distribution[a] ?? 0) ? b : a));
    const cells = classes.map((one) => {
      const share = percent(distribution[one] ?? 0);
      return `<td style="--p:${share.replace(' ', '')}"${one === top ? ' class="top"' : ''}>${share}</td>`;
    });
    return `<tr><th scope="row">${name}</th>${cells.join('')}</tr>`;
  });
  return scrolling(
    'What says what',
    `<table class="opinions"><thead><tr><th scope="col"><span class="hidden">from</span></th>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`,
  );
}

/** 83.4 as 1:23.4 */
function clock(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${(seconds - 60 * minutes).toFixed(1).padStart(4, '0')}`;
}

const STYLE = `
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;list-style:none;margin:12px 0;padding:0;font-size:14px}
.when{color:var(--quiet);margin-left:8px;font-variant-numeric:tabular-nums}.verdict small{font-weight:400;color:var(--quiet)}
@media(min-width:901px){.utterance{grid-template-columns:minmax(0,1fr) minmax(0,auto)}}ol.utterances{padding:0}.utterance:target{background:var(--soft)}
svg a text{text-decoration:none}main figure{max-width:none}.faces .noface{overflow:hidden;overflow-wrap:anywhere;font-size:.625rem;line-height:1.3}.faces+.faces{margin-top:10px}
`;
