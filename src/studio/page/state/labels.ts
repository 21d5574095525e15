import { computed, signal } from '@preact/signals';
import { labelOf } from '../parts/labels.js';
import { type Order, worth } from '../thinking/rank.js';
import { thinker } from '../thinking/thinker.js';
import { answers } from './answers.js';
import { model, problem } from './model.js';
import { ask } from './server.js';
import { setup } from './setup.js';
import { changeTurn, talk } from './talk.js';

/** An utterance whose label may be corrected. */
export interface Item {
  key: string;
  dialogue: string;
  index: number;
  /** Of the conversation on the screen: the turn's id. */
  id?: number;
  speaker: string;
  text: string;
  label?: string;
  labelledBy?: string;
  emotion: string;
  confidence: number;
  probabilities: Readonly<Record<string, number>>;
  /** What was said just before it. */
  before: { speaker: string; text: string }[];
}

export const order = signal<Order>('margin');
export const author = signal(localStorage.getItem('author') ?? '');
/** New labels by item; null: it has none. */
export const corrections = signal<ReadonlyMap<string, string | null>>(new Map());
/** Utterances of the corpus of the local server; undefined until they are read. */
const ofCorpus = signal<{ items: readonly Item[]; classes: readonly string[]; all: number } | undefined>(undefined);
export const readingCorpus = signal(false);
export const at = signal(0);

export const isCorpus = computed(() => setup.value?.server?.corpus !== undefined);

/** Class names that a label may be. */
export const classes = computed(() => (isCorpus.value ? (ofCorpus.value?.classes ?? []) : answers.value.classes));

const ofTalk = computed<readonly Item[]>(() =>
  talk.value.turns.flatMap((turn, index, turns): Item[] => {
    const answer = answers.value.of.get(turn.id);
    if (answer === undefined) return [];
    const { id, speaker, text, label, labelledBy } = turn;
    const { emotion, confidence, probabilities } = answer;
    const before = turns.slice(Math.max(0, index - 2), index).map((one) => ({ speaker: one.speaker, text: one.text }));
    return [
      {
        key: `${id}`,
        dialogue: talk.value.name,
        index,
        id,
        speaker,
        text,
        label,
        labelledBy,
        emotion,
        confidence,
        probabilities,
        before,
      },
    ];
  }),
);

export const total = computed(() => ofCorpus.value?.all ?? ofTalk.value.length);

/** What is to be looked at, what teaches most first. Its order stays while labels change. */
export const items = computed(() => {
  const all = isCorpus.value ? (ofCorpus.value?.items ?? []) : ofTalk.value;
  const known = model.value?.info.classes ?? [];
  const rank = (item: Item) => worth(item.probabilities, labelOf({ label: item.label } as never, known), order.value);
  return [...all].sort((a, b) => rank(b) - rank(a));
});

/** Reads the corpus of the local server, and predicts it. */
export async function readCorpus(): Promise<void> {
  const now = model.value;
  const token = setup.value?.server?.token;
  if (now === undefined || token === undefined || readingCorpus.value) return;
  readingCorpus.value = true;
  try {
    ofCorpus.value = await thinker.corpus(now.key, new URL('studio/corpus/', document.baseURI).href, token);
    at.value = 0;
  } catch (error) {
    problem.value = (error as Error).message;
  } finally {
    readingCorpus.value = false;
  }
}

export function correct(item: Item, label: string | null): void {
  const next = new Map(corrections.value);
  if ((item.label ?? null) === label) next.delete(item.key);
  else next.set(item.key, label);
  corrections.value = next;
}

/** Saves the corpus with the corrections, or gives the conversation as a file. */
export async function save(): Promise<void> {
  localStorage.setItem('author', author.value);
  const changed = items.value.flatMap((item) => {
    const label = corrections.value.get(item.key);
    return label === undefined ? [] : [{ item, label }];
  });
  if (isCorpus.value) {
    const body = {
      by: author.value,
      corrections: changed.map(({ item: { dialogue, index }, label }) => ({ dialogue, index, label })),
    };
    await ask('studio/corpus', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    corrections.value = new Map();
    await readCorpus();
    return;
  }
  for (const { item, label } of changed)
    if (item.id !== undefined) changeTurn(item.id, { label: label ?? undefined, labelledBy: author.value });
  corrections.value = new Map();
  download();
}

/** The conversation as JSONL, with labels and who corrected them. */
function download(): void {
  const { turns, name } = talk.value;
  const lines = turns.map(({ speaker, text, label, labelledBy, start, end, features }) =>
    JSON.stringify({ dialogue: name, speaker: speaker || undefined, text, label, labelledBy, start, end, features }),
  );
  const url = URL.createObjectURL(new Blob([`${lines.join('\n')}\n`], { type: 'application/jsonl' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: `${name || 'conversation'}.jsonl` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
