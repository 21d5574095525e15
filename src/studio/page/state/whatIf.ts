import { computed, effect, signal } from '@preact/signals';
import type { Modality } from '../../../entries/web.js';
import { thinker } from '../thinking/thinker.js';
import type { FaceClass, ModelInfo } from '../thinking/types.js';
import { answer, latest } from './answers.js';
import { device, model, problem, wordsAddress } from './model.js';
import { spoken } from './talk.js';
import { type Answers, NO_ANSWERS, NOTHING_CHANGED, type Turn, type WhatIf } from './types.js';

export const whatIf = signal<WhatIf>(NOTHING_CHANGED);
/** Other faces for the classes; undefined: the model's own. */
export const faces = signal<readonly FaceClass[] | undefined>(undefined);
/** What the model says to the changed conversation. */
export const changed = signal<Answers>(NO_ANSWERS);
/** The model with the other faces. */
const exchanged = signal<{ key: string; of: string; classes: readonly string[]; info: ModelInfo } | undefined>(
  undefined,
);

export const isChanged = computed(() => {
  const { off, dropped, words } = whatIf.value;
  return off.length > 0 || dropped.length > 0 || words.size > 0 || faces.value !== undefined;
});

/** The conversation as it would have been. */
export function changedTurns(turns: readonly Turn[], { off, dropped, words }: WhatIf): Turn[] {
  return turns
    .filter(({ id }) => !dropped.includes(id))
    .map((turn) => {
      const edited = words.get(turn.id);
      const features = Object.entries(turn.features ?? {}).filter(
        ([modality]) => !off.includes(modality as Modality) && !(modality === 'text' && edited !== undefined),
      );
      return {
        ...turn,
        text: off.includes('text') ? '' : (edited ?? turn.text),
        features: features.length > 0 ? Object.fromEntries(features) : undefined,
      };
    });
}

export function reset(): void {
  whatIf.value = NOTHING_CHANGED;
  faces.value = undefined;
}

export function toggle<T>(list: readonly T[], one: T): T[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
}

/** The model's own faces, each with its class: where an exchange begins. */
export function ownFaces(info: ModelInfo): FaceClass[] {
  return (info.faces?.classes ?? []).map(({ name, exemplars }, c) => ({
    name,
    own: exemplars.map((_, index) => ({ class: c, index })),
    given: [],
  }));
}

const KEY = 'exchanged';

const exchange = latest(async () => {
  const now = model.peek();
  const classes = faces.peek();
  if (now === undefined || classes === undefined) return;
  try {
    const info = await thinker.exchange(KEY, now.key, now.address, wordsAddress(), device.peek(), classes);
    exchanged.value = { key: KEY, of: now.key, classes: info.classes, info };
    problem.value = undefined;
  } catch (error) {
    problem.value = (error as Error).message;
  }
});

const think = latest(async () => {
  const now = model.peek();
  const other = faces.peek() === undefined ? undefined : exchanged.peek();
  if (now === undefined || !isChanged.peek()) {
    changed.value = NO_ANSWERS;
    return;
  }
  if (faces.peek() !== undefined && other?.of !== now.key) return;
  const { key, classes } = other ?? { key: now.key, classes: now.info.classes };
  try {
    changed.value = await answer(key, classes, changedTurns(spoken.peek(), whatIf.peek()));
    problem.value = undefined;
  } catch (error) {
    problem.value = (error as Error).message;
  }
});

export function startWondering(): void {
  effect(() => {
    if (model.value !== undefined && faces.value !== undefined) exchange();
  });
  effect(() => {
    if (model.value && spoken.value && whatIf.value && (faces.value !== undefined) !== undefined) {
      void exchanged.value;
      think();
    }
  });
  // Another model has other faces and classes.
  effect(() => {
    if (model.value !== undefined) reset();
  });
}
