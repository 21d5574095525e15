import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { isStill } from '../media/still.js';
import type { Source } from './source.js';
import { readSubtitles } from './subtitles.js';

/** Endings of transcripts that are looked for beside a recording. */
const TRANSCRIPTS = ['.vtt', '.srt'];

/**
 * A single recording as one dialogue: an utterance for each line of its transcript. Without one its utterances are still
 * to be heard.
 * @param transcript SRT or WebVTT; without it, a file beside the recording with the same name is taken.
 */
export function readRecording(media: string, transcript?: string): Source {
  const dialogue = basename(media, extname(media));
  const beside = TRANSCRIPTS.map((ending) => join(dirname(media), dialogue + ending)).find((path) => existsSync(path));
  const words = transcript ?? beside;
  const origin = [
    `extracted from ${basename(media)}${words === undefined ? ', which has no transcript' : ` and ${basename(words)}`}`,
  ];
  if (words === undefined && isStill(media)) return readPictures([media]);
  if (words === undefined) {
    const utterances = [{ dialogue, sound: { media }, pictures: { media } }];
    return { name: dialogue, utterances, splits: {}, origin, unheard: media };
  }
  const { lines, notes } = readSubtitles(words);
  const utterances = lines.map(({ start, end, speaker, text }) => {
    const clip = { media, start, end };
    return { dialogue, speaker, text, sound: clip, pictures: clip };
  });
  return { name: dialogue, utterances, splits: {}, origin: [...origin, ...notes] };
}

/** A transcript alone: words without voices and faces. */
export function readTranscript(path: string): Source {
  const dialogue = basename(path, extname(path));
  const { lines, notes } = readSubtitles(path);
  const utterances = lines.map(({ start, end, speaker, text }) => ({ dialogue, speaker, text, start, end }));
  const origin = [`extracted from ${basename(path)}, without a recording`, ...notes];
  return { name: dialogue, utterances, splits: {}, origin };
}

/** Single pictures: a dialogue of one utterance each, of which there is only a face. */
export function readPictures(paths: readonly string[]): Source {
  const utterances = paths.map((media) => ({ dialogue: basename(media, extname(media)), pictures: { media } }));
  const [first] = paths;
  const what = paths.length === 1 ? basename(first) : `${paths.length} pictures in ${basename(dirname(first))}`;
  const name = paths.length === 1 ? basename(first, extname(first)) : basename(dirname(first));
  return { name, utterances, splits: {}, origin: [`extracted from ${what}`] };
}

/** The pictures of a folder that holds nothing else, by name; undefined where it holds other files or none. */
export function picturesIn(folder: string): string[] | undefined {
  const names = readdirSync(folder).filter((name) => !name.startsWith('.'));
  const paths = names.sort().map((name) => join(folder, name));
  return paths.length > 0 && paths.every(isStill) ? paths : undefined;
}
