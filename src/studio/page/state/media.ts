import { signal } from '@preact/signals';
import { S } from '../strings.js';
import type { Answer } from '../thinking/types.js';
import { model } from './model.js';
import { ask } from './server.js';
import { setup } from './setup.js';
import { nextId } from './talk.js';
import type { Talk, Turn } from './types.js';

/** What is being read, where something is. */
export const reading = signal<string | undefined>(undefined);
/** Second that the recording plays; undefined where none plays. */
export const playing = signal<number | undefined>(undefined);

export const isMedia = ({ type, name }: File): boolean =>
  /^(audio|video)\//.test(type) || /\.(mp4|mkv|webm|mov|avi|wav|mp3|flac|ogg|m4a)$/i.test(name);

interface Read {
  predictions: (Pick<Turn, 'speaker' | 'text' | 'start' | 'end' | 'missing'> & Pick<Answer, 'evidence'>)[];
  rows: Turn['features'][];
  notes?: string[];
}

/**
 * Utterances of a recording, as the local server reads it: words, times, and rows of voice and face, with which the page then
 * computes. @param transcript SRT or WebVTT; without it the server listens.
 */
export async function readRecording(
  recording: Blob,
  { name, transcript, speaker }: { name: string; transcript?: File; speaker?: string },
): Promise<Pick<Talk, 'turns' | 'notes'>> {
  const form = new FormData();
  form.append('recording', recording, name);
  if (transcript !== undefined) form.append('transcript', transcript);
  else if (speaker) form.append('speakers', speaker);
  // A recording may be dropped before the model is open.
  const id = model.value?.id ?? setup.value?.models[0]?.id;
  if (id !== undefined) form.append('model', id);
  reading.value = S.media.reading(name);
  try {
    const response = await ask('v1/predict?rows=true', { method: 'POST', body: form });
    const { predictions, rows, notes = [] } = (await response.json()) as Read;
    // The page finds itself what is unfamiliar to a model.
    const unread = (missing: Turn['missing'] = {}, row: Turn['features'] = {}) => {
      const reasons = Object.entries(missing).filter(([modality]) => !(modality in row));
      return reasons.length > 0 ? { missing: Object.fromEntries(reasons) } : {};
    };
    const turns = predictions.map(({ speaker: who, text, start, end, missing, evidence }, i): Turn => {
      const features = Object.keys(rows[i] ?? {}).length > 0 ? rows[i] : undefined;
      return {
        id: nextId(),
        speaker: who ?? '',
        text: text ?? '',
        ...(features && { features }),
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
        ...(evidence.face?.thumbnail && { face: evidence.face.thumbnail }),
        ...unread(missing, rows[i]),
      };
    });
    return { turns, notes };
  } finally {
    reading.value = undefined;
  }
}

/** A recording with its conversation. */
export async function openRecording(recording: File, transcript: File | undefined): Promise<Talk> {
  const read = await readRecording(recording, { name: recording.name, transcript });
  const kind = recording.type.startsWith('video') ? 'video' : 'audio';
  return {
    name: recording.name,
    ...read,
    recording: { url: URL.createObjectURL(recording), kind, name: recording.name },
  };
}
