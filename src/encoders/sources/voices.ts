/** One person's words in a cue. */
export interface Voice {
  /** undefined where nobody says who speaks. */
  speaker?: string;
  text: string;
  /** Whether a dash says that someone else begins to speak. */
  turn: boolean;
}

/**
 * "NAME: words", "[Name]: words", "(NAME): words": up to four words, each with a capital or a digit first, so that
 * "He said: no", "http://…" and "12:30" are speech.
 */
const NAMED =
  /^[[(]?(\p{Lu}[\p{L}\p{M}\p{N}.'’_-]*(?: (?:[\p{Lu}\p{N}&#][\p{L}\p{M}\p{N}.'’_-]*|of|the|de|van|von)){0,3})[\])]?\s*[:：]\s+(\S.*)$/u;
/** Words that stand before a colon and are nobody's name. */
const NO_NAMES = new Set(
  (
    'note notes nb ps warning caution attention remember reminder tip hint example question answer translation ' +
    'subtitles subtitle captions caption translated synced sync corrected chapter episode part scene act step rule ' +
    'number subject re date time today tomorrow update fact point result conclusion summary first second third ' +
    'finally also so but and or yes no ok okay well look listen see here there this that the a an i it he she we they ' +
    'because http https'
  ).split(' '),
);
const VOICE_TAG = /<v(?:\.[^\s>]*)?\s+([^>]+)>/;
const DASH = /^\s*[-–—‐]\s*(?=\S)/;
/** Inside a line that began with a dash, another one before a capital begins the next person's words. */
const NEXT_DASH = /\s+[-–—‐]\s+(?=[\p{Lu}¿¡[("“])/u;
/** [door slams], ♪ a song ♪, and round brackets where they open a line or are all of it. */
const SOUND = /\[[^\]]*\]|♪[^♪]*♪?|♫[^♫]*♫?/g;
const OPENING_SOUND = /^\s*(?:\([^)]*\)|\*[^*]+\*)\s*/;
const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: ' ',
  quot: '"',
  apos: "'",
  '#39': "'",
  lrm: '',
  rlm: '',
};

/**
 * Who says what in a cue, in order, and the sounds in brackets, which are nobody's words. A line without a name or dash
 * goes on with the words before it in the cue.
 */
export function voicesOf(lines: readonly string[]): { voices: Voice[]; sounds: string[] } {
  const voices: Voice[] = [];
  const sounds: string[] = [];
  const dialogue = lines.some((line) => DASH.test(plain(line)));
  // A voice tag may stand anywhere in a line; a name only at its beginning.
  for (const line of lines.flatMap((each) => each.split(/(?=<v[.\s])/))) {
    const tagged = VOICE_TAG.exec(line)?.[1].trim();
    const words = plain(line);
    for (const part of dialogue && DASH.test(words) ? words.split(NEXT_DASH) : [words]) {
      const turn = dialogue && (DASH.test(part) || part !== words);
      const voice = { ...nameOf(part.replace(DASH, turn ? '' : '$&'), tagged, sounds), turn };
      if (voice.text === '') continue;
      const before = voices.at(-1);
      if (voice.speaker === undefined && !turn && before !== undefined) before.text += ` ${voice.text}`;
      else voices.push(voice);
    }
  }
  return { voices, sounds };
}

function nameOf(words: string, tagged: string | undefined, sounds: string[]): { speaker?: string; text: string } {
  const heard = (sound: string) => {
    sounds.push(sound.trim());
    return ' ';
  };
  const named = tagged === undefined ? NAMED.exec(words.trim()) : null;
  const isName = named !== null && !NO_NAMES.has(named[1].toLowerCase());
  const text = (isName ? named[2] : words).replace(SOUND, heard).replace(OPENING_SOUND, heard);
  return { speaker: tagged ?? (isName ? named[1] : undefined), text: text.replace(/\s+/g, ' ').trim() };
}

function plain(line: string): string {
  return line
    .replace(/<[^>]*>|\{\\[^}]*\}/g, '')
    .replace(/&(#?\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
}
