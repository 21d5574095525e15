import { readEncoded } from './files.js';
import { type Transcript, transcriptOf } from './transcript.js';

/**
 * Reads who says what in an SRT or WebVTT transcript, whatever its encoding; see `transcriptOf`.
 * @throws InputError where nothing is said in it.
 */
export function readSubtitles(path: string): Transcript {
  const { text, encoding, guessed } = readEncoded(path);
  const { lines, notes } = transcriptOf(text, path);
  const read = guessed
    ? [`it is not UTF-8 and was read as ${encoding}; if its letters look wrong, save it as UTF-8`]
    : encoding === 'UTF-8'
      ? []
      : [`it was read as ${encoding}`];
  return { lines, notes: [...read, ...notes].map((note) => `of its transcript: ${note}`) };
}

export type { SpokenLine, Transcript } from './transcript.js';
