import { basename, dirname, extname, resolve } from 'node:path';
import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { parseJson } from '../../base/json.js';
import { quote } from '../../base/words.js';
import { SPLITS, type SplitName } from '../../corpus/index.js';
import { readText } from './files.js';
import type { Source, SourceUtterance } from './source.js';

const name = z.union([z.string().min(1), z.int()], { error: 'must be a name or a whole number' }).transform(String);

const lineSchema = z.strictObject({
  /** Which dialogue the utterance belongs to; lines of one may stand anywhere. */
  dialogue: name,
  /** Its place in the dialogue; without it, lines stand in order. */
  index: z.int().min(0).optional(),
  speaker: name.nullish(),
  text: z.string().nullish(),
  label: z.string().min(1).nullish(),
  /** A recording, relative to the manifest. */
  media: z.string().min(1).nullish(),
  /** Seconds into the recording. */
  start: z.number().min(0).nullish(),
  end: z.number().min(0).nullish(),
  split: z.enum(SPLITS).nullish(),
});
type Line = z.infer<typeof lineSchema> & { where: string };

/**
 * Reads a manifest: JSONL, an utterance a line, with "dialogue" and "text" or "media"; the rest is optional.
 * @throws InputError naming the line and the field.
 */
export function readManifest(path: string): Source {
  const lines = parseLines(path);
  const dialogues = new Map<string, Line[]>();
  for (const line of lines) {
    const members = dialogues.get(line.dialogue);
    if (members === undefined) dialogues.set(line.dialogue, [line]);
    else members.push(line);
  }
  const splits: Partial<Record<SplitName, string[]>> = {};
  const utterances: SourceUtterance[] = [];
  for (const [id, members] of dialogues) {
    const split = splitOf(members);
    if (split !== undefined) {
      splits[split] ??= [];
      splits[split].push(id);
    }
    for (const line of ordered(members)) utterances.push(utteranceOf(line, path));
  }
  return { name: basename(path, extname(path)), utterances, splits, origin: [`extracted from ${basename(path)}`] };
}

function parseLines(path: string): Line[] {
  const lines: Line[] = [];
  readText(path)
    .split('\n')
    .forEach((text, i) => {
      if (text.trim() === '') return;
      const where = `${path}, line ${i + 1}`;
      const data = parseJson(lineSchema, text, where);
      if (blank(data.text) && data.media == null) {
        throw new InputError(`${where} has neither "text" nor "media"; an utterance needs one of them.`);
      }
      if (data.media == null && (data.start != null || data.end != null)) {
        throw new InputError(`${where} has times but no "media" that they belong to.`);
      }
      lines.push({ ...data, where });
    });
  if (lines.length === 0) throw new InputError(`${path} has no line; a manifest has an utterance a line.`);
  return lines;
}

/** All lines of a dialogue say the same split; lines that say none follow the others. */
function splitOf(members: readonly Line[]): SplitName | undefined {
  const said = members.filter((line) => line.split != null);
  const other = said.find((line) => line.split !== said[0].split);
  if (other !== undefined) {
    throw new InputError(
      `${other.where} puts dialogue ${quote(other.dialogue)} into "${other.split}", but an earlier line into "${said[0].split}"; a dialogue belongs to one split.`,
    );
  }
  return said[0]?.split ?? undefined;
}

function ordered(members: readonly Line[]): readonly Line[] {
  const without = members.find((line) => line.index === undefined);
  if (without !== undefined) {
    const indexed = members.find((line) => line.index !== undefined);
    if (indexed === undefined) return members;
    throw new InputError(
      `${without.where} has no "index", but ${indexed.where} has one: give all lines of a dialogue one, or none.`,
    );
  }
  const sorted = members.toSorted((a, b) => (a.index as number) - (b.index as number));
  const twice = sorted.find((line, i) => i > 0 && line.index === sorted[i - 1].index);
  if (twice !== undefined) {
    throw new InputError(`${twice.where}: dialogue ${quote(twice.dialogue)} has the index ${twice.index} twice.`);
  }
  return sorted;
}

function utteranceOf({ dialogue, speaker, text, label, media, start, end }: Line, path: string): SourceUtterance {
  const clip =
    media == null
      ? undefined
      : { media: resolve(dirname(path), media), start: start ?? undefined, end: end ?? undefined };
  return {
    dialogue,
    speaker: speaker ?? undefined,
    text: blank(text) ? undefined : (text as string),
    label: label ?? undefined,
    sound: clip,
    pictures: clip,
  };
}

function blank(text: string | null | undefined): boolean {
  return text == null || text.trim() === '';
}
