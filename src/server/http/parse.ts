import { InputError } from '../../base/errors.js';
import { check } from '../../base/json.js';
import { MODALITIES, type Modality } from '../../base/modalities.js';
import type { Words } from '../work/tasks.js';
import { type PredictBody, predictSchema, type SayBody, saySchema, type UtteranceBody } from './schemas.js';

/** A stretch of an upload's part. */
export interface PartOf {
  part: string;
  start?: number;
  end?: number;
}

/** An utterance as a body gives it. */
export interface SaidUtterance {
  words: Words;
  media: { audio?: PartOf; face?: PartOf; video?: PartOf };
  /** What the answer repeats. */
  place: { speaker?: string; text?: string; start?: number; end?: number; label?: string };
}

export interface SaidConversation {
  model?: string;
  dialogue?: string;
  utterances: SaidUtterance[];
}

export interface SaidNext extends SaidUtterance {
  index?: number;
}

/** @throws InputError with what is wrong with it. */
export function parseConversation(body: Uint8Array | string, source = 'The body'): SaidConversation {
  const { model, dialogue, utterances } = check<PredictBody>(predictSchema, json(body, source), source);
  return { model: model ?? undefined, dialogue: dialogue ?? undefined, utterances: utterances.map(said) };
}

/** @throws InputError with what is wrong with it. */
export function parseNext(body: Uint8Array | string, source = 'The body'): SaidNext {
  const { index, ...utterance } = check<SayBody>(saySchema, json(body, source), source);
  return { ...said(utterance), index: index ?? undefined };
}

/** @throws InputError where it is no JSON in UTF-8. */
export function json(body: Uint8Array | string, source: string): unknown {
  let text: string;
  try {
    text = typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw new InputError(`${source} is not UTF-8.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`${source} is not JSON: ${(error as Error).message.replace(/ is not valid JSON$/, '')}.`);
  }
}

function said({ features, audio, face, video, ...rest }: UtteranceBody): SaidUtterance {
  const { speaker, text, start, end, label } = present(rest);
  const rows: Words['features'] = {};
  for (const modality of MODALITIES) {
    const given = features?.[modality];
    if (given != null) rows[modality] = rowOf(given);
  }
  return {
    words: present({ speaker, text, features: Object.keys(rows).length > 0 ? rows : undefined }),
    media: present({ audio: partOf(audio), face: partOf(face), video: partOf(video) }),
    place: present({ speaker, text, start, end, label }),
  };
}

function partOf(
  given: { part: string; start?: number | null; end?: number | null } | null | undefined,
): PartOf | undefined {
  return given == null ? undefined : { part: given.part, ...present({ start: given.start, end: given.end }) };
}

/** Half the memory, and what the next process takes fastest. */
function rowOf(given: NonNullable<NonNullable<UtteranceBody['features']>[Modality]>) {
  return Array.isArray(given)
    ? Float32Array.from(given)
    : { row: Float32Array.from(given.row), encoder: given.encoder };
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

/** Without the fields that say nothing. */
function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as Present<T>;
}
