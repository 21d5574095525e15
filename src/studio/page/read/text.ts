import { transcriptOf } from '../../../encoders/sources/transcript.js';
import { readUtteranceLines } from '../../../entries/web.js';
import { nextId } from '../state/talk.js';
import type { Talk, Turn } from '../state/types.js';
import { S } from '../strings.js';

/** "Ann: You came!" */
const NAMED = /^\s*([^:]{1,40}?)\s*[:：]\s+(\S.*)$/;

/**
 * Conversations in a text: JSONL of utterances, an SRT or WebVTT transcript, or a line an utterance with its speaker before a
 * colon. @throws InputError with what is wrong with it.
 */
export function readTalks(text: string, name: string): Talk[] {
  const body = text.replace(/^\uFEFF/, '');
  if (/^\s*\{/.test(body)) return ofLines(body, name);
  if (/-->/.test(body)) return [ofTranscript(body, name)];
  return [ofPlain(body, name)];
}

function ofLines(text: string, name: string): Talk[] {
  const files = new Set<string>();
  const conversations = readUtteranceLines(
    text,
    name,
    (file) => {
      files.add(file);
      return file;
    },
    name,
  );
  const notes = files.size > 0 ? [S.open.filesLeftOut(files.size)] : [];
  return conversations.map(({ utterances, places }) => ({
    name: places[0].dialogue,
    notes,
    turns: utterances.map(({ features }, i): Turn => {
      const { speaker, text: words, start, end, label, labelledBy } = places[i];
      return {
        id: nextId(),
        speaker: speaker ?? '',
        text: words ?? '',
        ...(features && { features: features as Turn['features'] }),
        ...(label !== undefined && { label }),
        ...(labelledBy !== undefined && { labelledBy }),
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
      };
    }),
  }));
}

function ofTranscript(text: string, name: string): Talk {
  const { lines, notes } = transcriptOf(text, name);
  return {
    name,
    notes: notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`),
    turns: lines.map(({ speaker, text: words, start, end }) => ({
      id: nextId(),
      speaker: speaker ?? '',
      text: words,
      start,
      end,
    })),
  };
}

function ofPlain(text: string, name: string): Talk {
  let before = '';
  const turns = text.split(/\r?\n/).flatMap((line): Turn[] => {
    if (line.trim() === '') return [];
    const [, speaker, words] = NAMED.exec(line) ?? [];
    before = speaker ?? before;
    return [{ id: nextId(), speaker: before, text: words ?? line.trim() }];
  });
  return { name, turns, notes: [] };
}

/** A text file: UTF-8, or where it is none what Windows wrote. */
export async function textOf(file: Blob): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
