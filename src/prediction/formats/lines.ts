import { z } from 'zod';
import { InputError } from '../../base/errors.js';
import { parseJson } from '../../base/json.js';
import { MODALITIES } from '../../base/modalities.js';
import type { Utterance } from '../types.js';
import type { UtterancePlace } from './line.js';

const name = z.union([z.string().min(1), z.int()]).transform(String);
const row = z.array(z.number());

const lineSchema = z.strictObject({
  /** Which conversation it belongs to; without it, all lines are one. */
  dialogue: name.nullish(),
  speaker: name.nullish(),
  text: z.string().nullish(),
  label: z.string().nullish(),
  labelledBy: z.string().nullish(),
  /** Files, relative to the lines'; of `media`, sound and pictures from `start` to `end`. */
  audio: z.string().nullish(),
  face: z.string().nullish(),
  video: z.string().nullish(),
  media: z.string().nullish(),
  start: z.number().min(0).nullish(),
  end: z.number().min(0).nullish(),
  features: z.partialRecord(z.enum(MODALITIES), z.union([row, z.strictObject({ row, encoder: z.string() })])).nullish(),
});

/** A conversation, and of each utterance what is known of it beside. */
export interface NamedConversation {
  utterances: Utterance[];
  places: UtterancePlace[];
}

/** Finds a file that a line names. */
export type FileOfLine = (path: string) => string;

/** One line of JSONL as an utterance, with what is known of it beside. */
export interface UtteranceLine {
  dialogue: string;
  utterance: Utterance;
  place: Omit<UtterancePlace, 'dialogue' | 'index'>;
}

/**
 * @param where names the line in sentences; @param find gives the path of a file that is named; @param dialogue of lines that name
 * none. @throws InputError naming the field that is wrong.
 */
export function parseUtteranceLine(text: string, where: string, find: FileOfLine, dialogue: string): UtteranceLine {
  const data = parseJson(lineSchema, text, where);
  const file = (path: string | null | undefined) => (path == null ? undefined : find(path));
  const [start, end] = [data.start ?? undefined, data.end ?? undefined];
  const media = file(data.media);
  const given: Utterance = {
    speaker: data.speaker ?? undefined,
    text: data.text ?? undefined,
    audio: file(data.audio),
    face: file(data.face),
    video: media === undefined ? file(data.video) : { file: media, start, end },
    features: data.features ?? undefined,
  };
  const utterance = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { speaker, text: words } = given;
  return {
    dialogue: data.dialogue ?? dialogue,
    utterance,
    place: {
      speaker,
      text: words,
      start,
      end,
      label: data.label ?? undefined,
      ...(data.labelledBy && { labelledBy: data.labelledBy }),
    },
  };
}

/** All lines of a text as conversations, in the order in which they begin. */
export function readUtteranceLines(
  text: string,
  source: string,
  find: FileOfLine,
  dialogue: string,
): NamedConversation[] {
  const conversations = new Map<string, NamedConversation>();
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const parsed = parseUtteranceLine(line, `${source}, line ${i + 1}`, find, dialogue);
    const conversation = conversations.get(parsed.dialogue) ?? { utterances: [], places: [] };
    conversations.set(parsed.dialogue, conversation);
    conversation.places.push({ dialogue: parsed.dialogue, index: conversation.places.length, ...parsed.place });
    conversation.utterances.push(parsed.utterance);
  });
  if (conversations.size === 0) throw new InputError(`${source} has no line; it needs an utterance a line, as JSON.`);
  return [...conversations.values()];
}

/** Fields of utterance lines that no manifest has. */
const BEYOND = ['audio', 'face', 'video', 'features'];

/** A manifest, as `vega-merc extract` takes it, names the dialogue in every line, and media only. */
export function isManifest(text: string): boolean {
  const first = text.split('\n').find((line) => line.trim() !== '');
  try {
    const value = JSON.parse(first ?? '') as object;
    return 'dialogue' in value && BEYOND.every((field) => !(field in value));
  } catch {
    return false;
  }
}
