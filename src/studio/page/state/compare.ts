import { effect, signal } from '@preact/signals';
import { answer, latest } from './answers.js';
import { model, type OpenedModel, openModel, problem } from './model.js';
import { spoken } from './talk.js';
import { type Answers, NO_ANSWERS } from './types.js';

/** The model beside the one that answers. */
export const second = signal<OpenedModel | undefined>(undefined);
export const secondAnswers = signal<Answers>(NO_ANSWERS);
export const openingSecond = signal(false);

export async function chooseSecond(id: string): Promise<void> {
  openingSecond.value = true;
  try {
    second.value = await openModel(id);
  } catch (error) {
    problem.value = (error as Error).message;
  } finally {
    openingSecond.value = false;
  }
}

const think = latest(async () => {
  const now = second.peek();
  if (now === undefined) return;
  try {
    secondAnswers.value = await answer(now.key, now.info.classes, spoken.peek());
  } catch (error) {
    problem.value = (error as Error).message;
  }
});

export function startComparing(): void {
  effect(() => {
    if (second.value !== undefined && spoken.value !== undefined) think();
  });
  // A model beside itself tells nothing.
  effect(() => {
    if (model.value !== undefined && model.value.id === second.peek()?.id) {
      second.value = undefined;
      secondAnswers.value = NO_ANSWERS;
    }
  });
}
