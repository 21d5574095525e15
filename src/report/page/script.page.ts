/** Script of the report: lists, filters and opens the dialogues. Texts enter as text, never as markup. */
import type { BrowserData, UtteranceLine } from './payload.js';

/** Dialogues that are added to the list at once. */
const STEP = 60;

interface Utterance {
  index: number;
  text: string | null;
  speaker: string | null;
  label: number;
  predicted: number;
  confidence: number;
  opinions: UtteranceLine[6];
  nearest: UtteranceLine[7];
  /** What a search looks in. */
  words: string;
}

interface Dialogue {
  id: string;
  /** Place in the order of the page: most confident mistake first. */
  rank: number;
  utterances: Utterance[];
  labelled: number;
  mistakes: Utterance[];
}

type Child = Node | string;

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, string>,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

const percent = (thousandths: number): string => (thousandths / 10).toFixed(1);
const isWrong = ({ label, predicted }: Utterance): boolean => label >= 0 && label !== predicted;

function find<T extends Element>(root: ParentNode, selector: string): T {
  const found = root.querySelector<T>(selector);
  if (found === null) throw new Error(`The page has no ${selector}.`);
  return found;
}

function readDialogue([id, lines]: BrowserData['dialogues'][number], rank: number): Dialogue {
  const utterances = lines.map(([index, text, speaker, label, predicted, confidence, opinions, nearest]) => {
    const words = `${text ?? ''} ${speaker ?? ''} ${id}`.toLowerCase();
    return { index, text, speaker, label, predicted, confidence, opinions, nearest, words };
  });
  const labelled = utterances.filter(({ label }) => label >= 0).length;
  return { id, rank, utterances, labelled, mistakes: utterances.filter(isWrong) };
}

const ORDERS: Record<string, (a: Dialogue, b: Dialogue) => number> = {
  worst: (a, b) => a.rank - b.rank,
  mistakes: (a, b) => b.mistakes.length - a.mistakes.length || a.rank - b.rank,
  id: (a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }),
};

/** Draws one utterance of a dialogue. */
function drawer({ classes, opinions, faces, names }: BrowserData) {
  const named = (c: number): Child[] => [make('i', { class: `class c${c % 10}` }), classes[c]];

  const opinionTable = ({ label, opinions: each }: Utterance) => {
    const cell = (row: number[] | null, c: number) => {
      if (row === null) return make('td', { class: 'absent' }, 'absent');
      const top = row[c] === Math.max(...row) ? 'top' : '';
      return make('td', { class: top, style: `--p:${row[c] / 10}%` }, percent(row[c]));
    };
    const line = (c: number) => {
      const heading = make('th', { scope: 'row' }, ...named(c), c === label ? ' ◂ label' : '');
      return make('tr', c === label ? { class: 'label' } : {}, heading, ...each.map((row) => cell(row, c)));
    };
    const heads = ['class, %', ...opinions].map((name) => make('th', { scope: 'col' }, name));
    return make(
      'table',
      { class: 'opinions' },
      make('caption', { class: 'hidden' }, 'Probability of each class, %'),
      make('thead', {}, make('tr', {}, ...heads)),
      make('tbody', {}, ...classes.map((_, c) => line(c))),
    );
  };

  const face = ([c, exemplar, cosine]: Utterance['nearest'][number]) => {
    const key = `${c},${exemplar}`;
    const picture =
      key in faces
        ? make('img', { src: faces[key], alt: `face: ${classes[c]}`, class: `c${c % 10}` })
        : make('div', { class: `noface c${c % 10}` });
    const caption = make('figcaption', {}, ...named(c), make('br', {}), (cosine / 1000).toFixed(2));
    return make('figure', { title: names[key] }, picture, caption);
  };

  const said = (u: Utterance) => {
    const { index, speaker, text, label, predicted, confidence } = u;
    const verdict = label < 0 ? 'unlabelled' : isWrong(u) ? '✗ wrong' : '✓ right';
    const words = make(
      'p',
      {},
      make('span', { class: 'no' }, String(index + 1)),
      make('b', {}, speaker ?? ''),
      speaker ? ': ' : '',
      text ?? make('span', { class: 'note' }, 'no text'),
    );
    const judged = make(
      'p',
      {},
      make('span', { class: 'verdict' }, verdict),
      ' · label ',
      ...(label < 0 ? ['–'] : named(label)),
      ' · predicted ',
      ...named(predicted),
      ` ${percent(confidence)} %`,
    );
    return make('div', { class: 'said' }, words, judged);
  };

  /** @param aside whether it is shown for context only: the filter does not fit it. */
  const utterance = (u: Utterance, aside: boolean) => {
    const kind = `utterance${isWrong(u) ? ' wrong' : ''}${aside ? ' other' : ''}`;
    const box = { class: 'wide', role: 'region', tabindex: '0', 'aria-label': 'Opinions' };
    const item = make('li', { class: kind }, said(u), make('div', box, opinionTable(u)));
    if (u.nearest.length > 0) {
      const group = { class: 'faces', role: 'group', 'aria-label': 'Nearest faces' };
      item.append(make('div', group, ...u.nearest.map(face)));
    }
    return item;
  };
  return { named, utterance };
}

/** Fills one browser of the page and answers its form. */
function browse(root: HTMLElement): void {
  const element = document.getElementById(`${root.dataset.browser}-data`);
  const data = JSON.parse(element?.textContent ?? '') as BrowserData;
  const dialogues = data.dialogues.map(readDialogue);
  const { named, utterance } = drawer(data);
  const form = find<HTMLFormElement>(root, 'form');
  const list = find(root, '.list');
  const status = find(root, '[role=status]');
  const further = find<HTMLButtonElement>(root, '.further');

  const field = (name: string): string =>
    find<HTMLInputElement | HTMLSelectElement>(form, `[name=${name}]`).value.trim();
  const fits = (u: Utterance): boolean => {
    const [kind, label, predicted] = ['kind', 'label', 'predicted'].map(field);
    return (
      u.words.includes(field('query').toLowerCase()) &&
      (kind === '' || (u.label >= 0 && isWrong(u) === (kind === 'wrong'))) &&
      (label === '' || u.label === Number(label)) &&
      (predicted === '' || u.predicted === Number(predicted))
    );
  };

  const entry = (dialogue: Dialogue, filtered: boolean) => {
    const { id, labelled, mistakes, utterances } = dialogue;
    const [worst] = mistakes.toSorted((a, b) => b.confidence - a.confidence);
    const counted = make('span', {}, `${mistakes.length} of ${labelled} wrong`);
    const summary = make('summary', {}, make('b', {}, id), counted);
    if (worst !== undefined) {
      const surest = ['surest: ', ...named(worst.label), ' taken for ', ...named(worst.predicted)];
      summary.append(make('span', {}, ...surest, `, ${percent(worst.confidence)} %`));
    }
    const details = make('details', {}, summary);
    details.addEventListener('toggle', () => {
      if (!details.open || details.children.length > 1) return;
      details.append(make('ol', { class: 'utterances' }, ...utterances.map((u) => utterance(u, filtered && !fits(u)))));
    });
    return details;
  };

  let found: Dialogue[] = [];
  let shown = 0;
  let filtered = false;
  const more = () => {
    list.append(...found.slice(shown, shown + STEP).map((dialogue) => entry(dialogue, filtered)));
    shown = Math.min(shown + STEP, found.length);
    further.hidden = shown === found.length;
  };
  const apply = () => {
    filtered = ['query', 'kind', 'label', 'predicted'].some((name) => field(name) !== '');
    found = dialogues
      .filter(({ utterances }) => !filtered || utterances.some(fits))
      .sort(ORDERS[field('order')] ?? ORDERS.worst);
    const hits = found.reduce(
      (sum, { utterances }) => sum + (filtered ? utterances.filter(fits) : utterances).length,
      0,
    );
    const matching = filtered ? ' matching' : '';
    status.textContent = `${found.length} of ${dialogues.length} dialogues, ${hits}${matching} utterances`;
    shown = 0;
    list.replaceChildren();
    more();
  };
  form.addEventListener('input', apply);
  form.addEventListener('submit', (event) => event.preventDefault());
  further.addEventListener('click', more);
  apply();
}

for (const root of document.querySelectorAll<HTMLElement>('[data-browser]')) browse(root);
