import { InputError } from '../../base/errors.js';
import { readText } from './files.js';

/** One person's words in a transcript. */
export interface Cue {
  /** Seconds. */
  start: number;
  end: number;
  speaker?: string;
  text: string;
}

const TIMES = /^\s*((?:\d+:)?\d+:\d+[.,]\d+)\s*-->\s*((?:\d+:)?\d+:\d+[.,]\d+)/;
/** Blocks of WebVTT that nobody says. */
const NOT_SPOKEN = /^(WEBVTT|NOTE|STYLE|REGION)\b/;
/** "NAME: words"; up to four words, the first with a capital, so that "He said: no" is speech. */
const NAMED = /^(?:-\s*)?(\p{Lu}[\p{L}\p{N}.'’_-]*(?: [\p{Lu}\p{N}&][\p{L}\p{N}.'’_-]*){0,3}):\s+(\S.*)$/u;
const VOICE = /<v(?:\.[^\s>]*)?\s+([^>]+)>/;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', nbsp: ' ', quot: '"', lrm: '', rlm: '' };

/**
 * Reads the lines of an SRT or WebVTT transcript, with who says them: "NAME: words" or `<v Name>words`. A cue in which
 * several people speak becomes a line each, its time shared by the length of their words; a cue without a name goes on
 * with the speaker before it.
 * @throws InputError naming what is wrong with the file.
 */
export function readSubtitles(path: string): Cue[] {
  const cues: Cue[] = [];
  let speaker: string | undefined;
  for (const block of readText(path)
    .replaceAll('\r\n', '\n')
    .split(/\n{2,}/)) {
    const lines = block.split('\n');
    const at = lines.findIndex((line) => TIMES.test(line));
    if (at < 0 || NOT_SPOKEN.test(lines[0])) continue;
    const [, from, to] = TIMES.exec(lines[at]) as RegExpExecArray;
    const [start, end] = [seconds(from), seconds(to)];
    if (end < start) throw new InputError(`${path}: the cue at ${from} ends before it begins, at ${to}.`);
    const voices = voicesOf(lines.slice(at + 1), speaker);
    const letters = voices.reduce((sum, { text }) => sum + text.length, 0);
    let said = 0;
    for (const voice of voices) {
      const begin = start + ((end - start) * said) / letters;
      said += voice.text.length;
      cues.push({ ...voice, start: begin, end: start + ((end - start) * said) / letters });
      speaker = voice.speaker;
    }
  }
  if (cues.length === 0) {
    throw new InputError(
      `${path} holds no cue; a transcript has lines like "00:00:01,000 --> 00:00:02,500" with words under them.`,
    );
  }
  return cues;
}

/** Who says what in a cue, in order. */
function voicesOf(lines: readonly string[], before: string | undefined): { speaker?: string; text: string }[] {
  const voices: { speaker?: string; text: string }[] = [];
  // A voice tag may stand anywhere in a line; a name only at its beginning.
  for (const line of lines.flatMap((each) => each.split(/(?=<v[.\s])/))) {
    const tagged = VOICE.exec(line)?.[1].trim();
    const words = plain(line);
    const named = tagged === undefined ? NAMED.exec(words) : null;
    const text = (named?.[2] ?? words).trim();
    const speaker = tagged ?? named?.[1];
    if (text === '') continue;
    if (speaker === undefined && voices.length > 0) voices[voices.length - 1].text += ` ${text}`;
    else voices.push({ speaker: speaker ?? before, text });
  }
  return voices;
}

function plain(line: string): string {
  return line.replace(/<[^>]*>|\{\\[^}]*\}/g, '').replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}

function seconds(time: string): number {
  return time
    .replace(',', '.')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
}
