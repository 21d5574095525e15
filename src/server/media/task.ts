import { readFile } from 'node:fs/promises';
import type { ModelInputs, UtterancePlace } from '../../prediction/index.js';
import { packageEncoders } from '../../prediction/node/encoders.js';
import { readRecording } from '../../prediction/node/recording.js';
import { Reader } from '../../prediction/read.js';
import type { Utterance } from '../../prediction/types.js';
import { stayBehind } from '../work/behind.js';
import type { HeardUtterance, Words } from '../work/tasks.js';

/** A file of an upload, whole or a stretch of it. */
export interface FilePart {
  path: string;
  start?: number;
  end?: number;
}

/** An utterance with the files that hold its media. */
export interface UtteranceFiles {
  words: Words;
  place: UtterancePlace;
  audio?: FilePart;
  face?: FilePart;
  video?: FilePart;
}

/** What a process that decodes is asked for. */
export type MediaTask = { inputs: ModelInputs; folder: string } & (
  | { kind: 'utterances'; utterances: UtteranceFiles[] }
  | { kind: 'recording'; recording?: string; transcript?: string; dialogue: string; speakers?: number | string[] }
);

export interface MediaResult {
  heard: HeardUtterance[];
  /** What must be said of how it was read. */
  notes: string[];
}

stayBehind();

/** By what the model takes: encoders are opened once. */
const readers = new Map<string, Reader>();

/** The module of the processes that decode; see `TaskModule`. Makes rows of media, so that none is needed any more. */
export async function perform(task: MediaTask): Promise<MediaResult> {
  const { inputs } = task;
  const { places, utterances, notes } = task.kind === 'recording' ? await recorded(task) : await given(task.utterances);
  // Words are encoded where they are predicted, several conversations at a time.
  const silent = utterances.map(({ text: _, ...rest }) => rest);
  const read = await readerOf(inputs).read(silent, 'utterances', { unreadable: 'absent' });
  const heard = read.map(({ speaker, rows, missing, face }, i): HeardUtterance => {
    const { text } = utterances[i];
    const utterance: Words = {
      ...(speaker !== undefined && { speaker }),
      ...(text !== undefined && { text }),
      features: rows,
    };
    return { utterance, place: places[i], ...(missing && { missing }), ...(face && { face }) };
  });
  return { heard, notes };
}

interface Read {
  utterances: Utterance[];
  places: UtterancePlace[];
  notes: string[];
}

async function given(files: readonly UtteranceFiles[]): Promise<Read> {
  const utterances: Utterance[] = [];
  for (const { words, audio, face, video } of files) {
    const utterance: Utterance = { ...words };
    if (audio !== undefined) utterance.audio = mediaOf(audio);
    if (video !== undefined) utterance.video = mediaOf(video);
    // In memory, so that no sentence names a path of this machine.
    if (face !== undefined) utterance.face = new Blob([new Uint8Array(await readFile(face.path))]);
    utterances.push(utterance);
  }
  return { utterances, places: files.map(({ place }) => place), notes: [] };
}

const mediaOf = ({ path, ...times }: FilePart) => ({ file: path, ...times });

async function recorded({
  recording,
  transcript,
  dialogue,
  speakers,
  folder,
}: Extract<MediaTask, { kind: 'recording' }>): Promise<Read> {
  const path = recording ?? (transcript as string);
  const own = recording === undefined ? undefined : transcript;
  // What was heard is kept nowhere but in the folder of this request.
  const { utterances, places, notes } = await readRecording(path, { transcript: own, speakers, cache: folder });
  return { utterances, places: places.map((place) => ({ ...place, dialogue })), notes };
}

function readerOf(inputs: ModelInputs): Reader {
  const key = JSON.stringify(inputs);
  const known = readers.get(key) ?? new Reader(inputs, packageEncoders);
  readers.set(key, known);
  return known;
}
