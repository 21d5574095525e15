import { InputError } from '../../base/errors.js';
import { splitCues } from './cues.js';
import { voicesOf } from './voices.js';

/** One person's words in a transcript. */
export interface SpokenLine {
  /** Seconds. */
  start: number;
  end: number;
  /** undefined where nobody says who speaks. */
  speaker?: string;
  text: string;
}

/** A transcript, and what a reader must know of how it was read. */
export interface Transcript {
  lines: SpokenLine[];
  /** A sentence each: what was left out, and what was decided. */
  notes: string[];
}

/** Cues that cannot be read beyond these are only counted. */
const NAMED_PROBLEMS = 10;
/** A sentence that goes on in the next cue does so at once, in seconds. */
const PAUSE = 2;
/** How a sentence ends; quotes and brackets may follow. */
const ENDED = /[.?!…。？！]["'”’»)\]]*$/;

/**
 * Who says what in an SRT or WebVTT transcript: "NAME: words" or `<v Name>words`. A cue in
 * which several people speak, by their names or by dashes, becomes a line each, its time shared by the length of their
 * words. A cue without a name is nobody's ("unknown"), unless it goes on at once with a sentence that the cue before it
 * left open: then it is that speaker's. Sounds in brackets are nobody's words and left out.
 * @param source what error sentences call it. @throws InputError where nothing is said in it.
 */
export function transcriptOf(text: string, source: string): Transcript {
  const { cues, problems } = splitCues(text);
  const lines: SpokenLine[] = [];
  const heard: string[] = [];
  let nameless = 0;
  let continued = 0;
  for (const { start, end, lines: words } of cues) {
    const { voices, sounds } = voicesOf(words);
    heard.push(...sounds);
    const letters = voices.reduce((sum, voice) => sum + voice.text.length, 0);
    let said = 0;
    for (const { speaker, text, turn } of voices) {
      const before = lines.at(-1);
      const begin = start + ((end - start) * said) / letters;
      said += text.length;
      const open =
        said === text.length &&
        !turn &&
        before !== undefined &&
        !ENDED.test(before.text) &&
        start - before.end <= PAUSE;
      const own = speaker ?? (open ? before.speaker : undefined);
      if (own === undefined) nameless++;
      else if (speaker === undefined) continued++;
      lines.push({ start: begin, end: start + ((end - start) * said) / letters, speaker: own, text });
    }
  }
  if (lines.length === 0) {
    const [first] = problems;
    throw new InputError(
      first === undefined
        ? `${source} holds no cue with words; a transcript has lines like "00:00:01,000 --> 00:00:02,500" with words under them.`
        : `${source} holds no cue that can be read. Line ${first.line}: ${first.what}; a transcript has lines like ` +
            '"00:00:01,000 --> 00:00:02,500" with words under them.',
    );
  }
  const notes: string[] = [];
  for (const { line, what } of problems.slice(0, NAMED_PROBLEMS)) notes.push(`line ${line} is left out: ${what}`);
  if (problems.length > NAMED_PROBLEMS) {
    const [next] = problems.slice(NAMED_PROBLEMS);
    notes.push(`${problems.length - NAMED_PROBLEMS} more cues are left out, from line ${next.line} on`);
  }
  if (heard.length > 0) {
    notes.push(
      heard.length === 1
        ? `a sound in brackets, "${heard[0]}", is nobody's words and left out`
        : `${heard.length} sounds in brackets, such as "${heard[0]}", are nobody's words and left out`,
    );
  }
  if (nameless > 0) notes.push(`${nameless} of its ${lines.length} utterances have no name: their speaker is unknown`);
  if (continued > 0) {
    notes.push(
      `without a name, but given to the speaker whose sentence they go on with: ${continued} of its utterances`,
    );
  }
  return { lines, notes };
}
