import { escapeHtml } from '../../base/page.js';
import { browseDialogues, confidentMistakes, type DialogueBrowser, facesOf } from '../dialogues.js';
import { HEAD_NAMES, plural, scoredSplit } from '../reading.js';
import type { Table } from '../table.js';
import type { CorpusPage } from './corpus.js';
import { htmlTable, paragraph, part } from './html.js';
import type { BrowserData, UtteranceLine } from './payload.js';

/** Rows of the list of mistakes: what a print shows of the dialogues. */
const MISTAKES = 12;

/** The dialogues of a page's corpus: the worst mistakes as a table, and a browser of everything. */
export interface DialogueSection {
  html: string;
  notes: string[];
}

/** @param budget bytes for dialogues and faces together. */
export function dialogueSection(page: CorpusPage, budget: number): DialogueSection {
  const { id, shown, chosen, experiment } = page;
  const title = 'Dialogues';
  if (!shown.outputs)
    return {
      html: part(`${id}-dialogues`, title, shown.missing.map((one) => paragraph(one)).join('')),
      notes: shown.missing,
    };
  const browser = browseDialogues(shown.outputs, shown.corpus);
  const faces = facesOf(browser, shown.bank, budget / 2);
  const { json, count } = payload(browser, faces, shown.bank?.sources, budget - total(faces));
  const notes = [...shown.missing];
  if (count < browser.dialogues.length)
    notes.push(
      `${count} of ${plural(browser.dialogues.length, 'dialogue')} are in the page, those with the most confident mistakes, so that it stays small.`,
    );
  const options = (none: string) =>
    `<option value="">${none}</option>${browser.classes.map((name, c) => `<option value="${c}">${escapeHtml(name)}</option>`).join('')}`;
  const which = `Run ${shown.directory === '.' ? experiment.results.name : shown.directory} (“${chosen.row.configuration}”, seed ${shown.seed}), ${scoredSplit(experiment.results)}. The dialogue with the most confident mistake of the class head comes first.`;
  const faced = shown.outputs.nearest
    ? 'Faces are the exemplars nearest to what the model made of an utterance, with their cosines.'
    : '';
  const html = `${paragraph(which)}${paragraph(faced, 'note')}${notes.map((note) => paragraph(note, 'note')).join('')}
${htmlTable(mistakesTable(page, browser))}
<div class="browser" data-browser="${id}">
<form class="controls" role="search" aria-label="Filter dialogues">
<label>Search text, speaker, dialogue <input type="search" name="query" autocomplete="off"></label>
<label>Utterances <select name="kind"><option value="">all</option><option value="wrong">mistakes</option><option value="right">right</option></select></label>
<label>Label <select name="label">${options('any')}</select></label>
<label>Predicted <select name="predicted">${options('any')}</select></label>
<label>Order <select name="order"><option value="worst">most confident mistake first</option><option value="mistakes">most mistakes first</option><option value="id">by name</option></select></label>
</form>
<p class="note" role="status"></p>
<div class="list"></div>
<button type="button" class="further" hidden>Show more dialogues</button>
<noscript><p>The dialogues need JavaScript; everything else of this page does not.</p></noscript>
</div>
<script type="application/json" id="${id}-data">${json}</script>`;
  return { html: part(`${id}-dialogues`, title, html), notes };
}

function mistakesTable({ corpus, experiment: { results } }: CorpusPage, browser: DialogueBrowser): Table {
  const mistakes = confidentMistakes(browser, MISTAKES);
  const texts = mistakes.some(({ utterance }) => utterance.text !== undefined);
  return {
    key: 'mistakes',
    corpus: corpus.name,
    title: `Most confident mistakes of the class head, ${scoredSplit(results)}`,
    notes: mistakes.length === 0 ? ['It made none.'] : [],
    head: ['dialogue', 'utterance', ...(texts ? ['text'] : []), 'label', 'predicted', 'confidence, %'],
    rows: mistakes.map(({ id, utterance: { index, text, label, predicted, confidence } }) => [
      id,
      index + 1,
      ...(texts ? [text ?? null] : []),
      browser.classes[label],
      browser.classes[predicted],
      { mean: confidence, sd: null, unit: 'percent' },
    ]),
  };
}

const total = (faces: ReadonlyMap<string, string>): number =>
  [...faces.values()].reduce((sum, url) => sum + url.length, 0);

/** What the script reads: numbers in thousandths, texts once; the dialogues in their order until the budget is spent. */
function payload(
  { classes, opinions, dialogues }: DialogueBrowser,
  faces: ReadonlyMap<string, string>,
  sources: readonly (readonly { name: string }[])[] | undefined,
  budget: number,
): { json: string; count: number } {
  const names = new Map<string, string>();
  const written: string[] = [];
  let left = budget;
  for (const { id, utterances } of dialogues) {
    const lines = utterances.map(
      ({ index, text, speaker, label, predicted, confidence, opinions: each, nearest }): UtteranceLine => [
        index,
        text ?? null,
        speaker ?? null,
        label,
        predicted,
        Math.round(1000 * confidence),
        each,
        nearest.map(([c, e, cosine]) => [c, e, Math.round(1000 * cosine)]),
      ],
    );

    const json = JSON.stringify([id, lines]);
    left -= Buffer.byteLength(json);
    if (left < 0) break;
    written.push(json);
    for (const { nearest } of utterances)
      for (const [c, e] of nearest) names.set(`${c},${e}`, sources?.[c]?.[e]?.name ?? `no. ${e + 1}`);
  }
  const data: Omit<BrowserData, 'dialogues'> = {
    classes,
    opinions: opinions.map((head) => HEAD_NAMES[head]),
    faces: Object.fromEntries(faces),
    names: Object.fromEntries(names),
  };
  const about = JSON.stringify(data);
  // "<" would end the script element.
  const json = `${about.slice(0, -1)},"dialogues":[${written.join(',')}]}`.replaceAll('<', '\\u003c');
  return { json, count: written.length };
}
