import { signal } from '@preact/signals';
import { readTalks, textOf } from '../read/text.js';
import { S } from '../strings.js';
import { isMedia, openRecording } from './media.js';
import { problem } from './model.js';
import { setup } from './setup.js';
import { openTalk } from './talk.js';
import type { Talk } from './types.js';

/** Conversations of what was opened last; one of them is on the screen. */
export const opened = signal<readonly Talk[]>([]);

export function show(talks: readonly Talk[]): void {
  opened.value = talks;
  openTalk(talks[0]);
}

/** @returns what is wrong with the text; undefined where it was opened. */
export function openText(text: string, name: string): string | undefined {
  try {
    const talks = readTalks(text, name);
    if (talks.every(({ turns }) => turns.length === 0)) return S.open.nothing(name);
    problem.value = undefined;
    show(talks);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Opens files that were dropped or chosen: a recording, with its transcript or without; a transcript, JSONL, plain text. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const recording = files.find(isMedia);
  const text = files.find((file) => file !== recording);
  if (recording === undefined) {
    if (text !== undefined) problem.value = openText(await textOf(text), text.name);
    return;
  }
  try {
    problem.value = undefined;
    if (!setup.value?.server?.media) throw new Error(S.media.noServer);
    show([await openRecording(recording, text)]);
  } catch (error) {
    problem.value = (error as Error).message;
  }
}
