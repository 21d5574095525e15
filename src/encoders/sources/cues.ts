/** A stretch of a transcript with its lines as they stand in the file. */
export interface Cue {
  /** Where its times stand in the file, from 1. */
  line: number;
  /** Seconds. */
  start: number;
  end: number;
  lines: string[];
}

/** What of a transcript could not be read. */
export interface Problem {
  line: number;
  /** The rest of a sentence about that line. */
  what: string;
}

/** "00:01:02,500", "1:02.5", "62:05"; with fractions or without. */
const TIME = String.raw`(\d+(?::\d{1,2}){1,2}(?:[.,]\d+)?)`;
/** Between the two times: what people and programs write for an arrow. */
const TIMES = new RegExp(String.raw`^\s*${TIME}\s*(?:[-–—−=]+\s*>?|→)\s*${TIME}(?:\s|$)`);
/** The arrow of both formats: where it stands amid words, a new cue begins there. */
const EXACT = new RegExp(String.raw`^\s*${TIME}\s*-->\s*${TIME}(?:\s|$)`);
/** Blocks of WebVTT that nobody says. */
const NOT_SPOKEN = /^(WEBVTT|NOTE|STYLE|REGION|X-TIMESTAMP-MAP)\b/;
/** SubRip's number of a cue. */
const NUMBER = /^\s*\d+\s*$/;

/**
 * The cues of an SRT or WebVTT transcript, in the order of the file, and what is wrong with the others: each costs only
 * itself.
 */
export function splitCues(text: string): { cues: Cue[]; problems: Problem[] } {
  const cues: Cue[] = [];
  const problems: Problem[] = [];
  for (const block of blocksOf(text)) {
    if (NOT_SPOKEN.test(block.lines[0])) continue;
    const at = timesAt(block.lines);
    if (at < 0) {
      const first = block.lines.findIndex((line) => !NUMBER.test(line));
      const what = `no times that can be read stand here: "${short(block.lines[first] ?? '')}"`;
      if (first >= 0) problems.push({ line: block.line + first, what });
      continue;
    }
    const line = block.line + at;
    const [, from, to] = TIMES.exec(block.lines[at]) as RegExpExecArray;
    const [start, end] = [seconds(from), seconds(to)];
    if (start === undefined || end === undefined) {
      const wrong = start === undefined ? from : to;
      problems.push({ line, what: `the time ${wrong} has 60 or more minutes or seconds` });
    } else if (end < start) problems.push({ line, what: `the cue at ${from} ends before it begins, at ${to}` });
    else cues.push({ line, start, end, lines: block.lines.slice(at + 1) });
  }
  return { cues, problems };
}

/** Lines between blank ones; and where the blank line before a cue was forgotten, from its number or times on. */
function blocksOf(text: string): { line: number; lines: string[] }[] {
  const blocks: { line: number; lines: string[] }[] = [];
  let open = false;
  text.split(/\r\n|\r|\n/).forEach((each, i) => {
    if (each.trim() === '') {
      open = false;
      return;
    }
    const block = blocks.at(-1);
    if (!open || block === undefined) {
      blocks.push({ line: i + 1, lines: [each] });
    } else if (EXACT.test(each) && timesAt(block.lines) >= 0) {
      const last = block.lines.length - 1;
      const number = last > timesAt(block.lines) && NUMBER.test(block.lines[last]) ? block.lines.splice(last) : [];
      blocks.push({ line: i + 1 - number.length, lines: [...number, each] });
    } else block.lines.push(each);
    open = true;
  });
  return blocks;
}

/** The times of a cue stand first, or second, under its number or name; -1 where there are none. */
function timesAt(block: readonly string[]): number {
  return block.slice(0, 2).findIndex((line) => TIMES.test(line));
}

/** undefined where a part other than the first has no place on a clock. */
function seconds(time: string): number | undefined {
  const [first, ...others] = time.replace(',', '.').split(':').map(Number);
  if (others.some((part) => part >= 60)) return undefined;
  return others.reduce((sum, part) => sum * 60 + part, first);
}

function short(line: string): string {
  const words = line.trim();
  return words.length > 40 ? `${words.slice(0, 39)}…` : words;
}
