import { computed, signal } from '@preact/signals';
import type { Talk, Turn } from './types.js';

const EMPTY: Talk = { name: '', turns: [], notes: [] };
/** Id of the utterance that is being typed. */
export const DRAFT = 0;

export const talk = signal<Talk>(EMPTY);
/** What is being typed, answered as if it had been said. */
export const draft = signal({ speaker: '', text: '' });
export const selected = signal<number | undefined>(undefined);

let last = DRAFT;
export const nextId = (): number => ++last;

/** What was said, and what is being typed. */
export const spoken = computed<Turn[]>(() => {
  const { speaker, text } = draft.value;
  const { turns } = talk.value;
  return text.trim() === '' ? turns : [...turns, { id: DRAFT, speaker, text }];
});

/** Who speaks, in the order of their first words. */
export const speakers = computed(() => [...new Set(spoken.value.map(({ speaker }) => speaker))]);

/** Which conversation is on the screen: what belongs to an earlier one has no place in it. */
export let generation = 0;

export function openTalk(next: Talk): void {
  generation++;
  const { recording } = talk.value;
  if (recording && recording.url !== next.recording?.url) URL.revokeObjectURL(recording.url);
  talk.value = next;
  selected.value = next.turns[0]?.id;
  draft.value = { speaker: next.turns.at(-1)?.speaker ?? '', text: '' };
}

export const clearTalk = (): void => openTalk(EMPTY);

/** What is being typed is said. */
export function say(): void {
  const { speaker, text } = draft.value;
  if (text.trim() === '') return;
  const turn: Turn = { id: nextId(), speaker, text: text.trim() };
  talk.value = { ...talk.value, turns: [...talk.value.turns, turn] };
  selected.value = turn.id;
  // Most conversations go to and fro: the other of two speakers is likely the next.
  const others = speakers.value.filter((name) => name !== speaker);
  draft.value = { speaker: others.length === 1 ? others[0] : speaker, text: '' };
}

export function changeTurn(id: number, change: Partial<Turn>): void {
  talk.value = {
    ...talk.value,
    turns: talk.value.turns.map((turn) => (turn.id === id ? { ...turn, ...change } : turn)),
  };
}

export function removeTurn(id: number): void {
  const { turns } = talk.value;
  const at = turns.findIndex((turn) => turn.id === id);
  const left = turns.filter((turn) => turn.id !== id);
  talk.value = { ...talk.value, turns: left };
  if (selected.value === id) selected.value = (left[at] ?? left.at(-1))?.id;
}
