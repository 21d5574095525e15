import type { SoundEncoder } from '../audio/encoder.js';
import { openSpeechModel } from '../audio/model.js';
import { besides, encodeSound, openFunctionals } from '../audio/sound.js';
import { openSpeechEncoder } from '../audio/speech.js';
import { loadFaceTools } from '../face.js';
import { openImageEncoder } from '../imageOpen.js';
import { type Picture, thumbnail } from '../imagePicture.js';
import type { Clip } from '../media/clip.js';
import { decodePictures, decodeSound } from '../media/decode.js';
import { ClipError, NoTrackError } from '../media/errors.js';
import { decodeStill, isStill } from '../media/still.js';
import type { TextEncoder } from '../text/encoder.js';
import { openTextModel } from '../text/model.js';
import { openSentenceEncoder } from '../text/sentence.js';
import { expressionMeanPart, expressionPart, faceEncoder, picturePart } from '../visual/faceParts.js';
import { encodeFaces, encodeStill, type FaceEncoder, type SeenFaces, type SpokenFace } from '../visual/faces.js';
import { clipModel, type EncoderChoice } from './choice.js';

/** A piece of work: texts or clips that go through together. */
export type Task = { modality: 'text'; texts: string[] } | { modality: 'audio' | 'visual'; clips: Clip[] };

/** What became of one text or clip. */
export type Outcome =
  | { state: 'present'; row: Float32Array; faces?: number; frames?: number; face?: SpokenFace }
  /** The modality is not there: silence, no face, no such track. */
  | { state: 'absent'; reason: string; frames?: number }
  /** It could not be read; the reason is the rest of a sentence about the file. */
  | { state: 'failed'; reason: string };

/** Opens each encoder when its first task comes, and keeps it. */
export interface Encoders {
  /**
   * @returns an outcome a text or clip. What is wrong with a clip is an outcome.
   * @param signal ends it, also within a clip.
   * @throws InputError where nothing can be encoded at all: a package is missing; the signal's reason.
   */
  run(task: Task, signal?: AbortSignal): Promise<Outcome[]>;
  /** @param samples 16 kHz, mono. */
  hear(samples: Float32Array): Promise<Outcome>;
  /** A single picture. */
  look(picture: Picture): Promise<Outcome>;
  dispose(): Promise<void>;
}

/** @param options.thumbnails gives a small picture of each face that spoke, too. */
export function createEncoders(choice: EncoderChoice, { thumbnails = false } = {}): Encoders {
  const look = (faces: SeenFaces) => seen(faces, thumbnails);
  let text: Promise<TextEncoder> | undefined;
  let audio: Promise<SoundEncoder> | undefined;
  let visual: Promise<FaceEncoder> | undefined;
  const openAll = {
    text: () => (text ??= openText(choice)),
    audio: () => (audio ??= openAudio(choice.audio ?? [])),
    visual: () => (visual ??= openVisual(choice.visual ?? [], choice.rate)),
  };
  return {
    async run(task, signal) {
      signal?.throwIfAborted();
      if (task.modality === 'text') return embedTexts(await openAll.text(), task.texts);
      if (task.modality === 'audio') {
        const encoder = await openAll.audio();
        return each(task.clips, async ({ media, ...stretch }) =>
          isStill(media)
            ? { state: 'absent', reason: 'a picture has no sound' }
            : heard(await encodeSound(encoder, decodeSound(media, { ...stretch, signal }))),
        );
      }
      const encoder = await openAll.visual();
      return each(task.clips, async ({ media, ...stretch }) =>
        look(
          isStill(media)
            ? await encodeStill(encoder, await decodeStill(media))
            : await encodeFaces(encoder, decodePictures(media, { ...stretch, fps: choice.rate, signal })),
        ),
      );
    },
    hear: async (samples) => heard(await encodeSound(await openAll.audio(), only(samples))),
    look: async (picture) => look(await encodeStill(await openAll.visual(), picture)),
    async dispose() {
      for (const encoder of [text, audio, visual]) await (await encoder)?.dispose();
    },
  };
}

async function embedTexts(encoder: TextEncoder, texts: readonly string[]): Promise<Outcome[]> {
  const rows = await encoder.embed(texts);
  return texts.map((_, i) => ({ state: 'present', row: rows.slice(i * encoder.dim, (i + 1) * encoder.dim) }));
}

/** @param read makes an outcome of a clip. */
async function each(clips: readonly Clip[], read: (clip: Clip) => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const clip of clips) outcomes.push(await read(clip).catch(failure));
  return outcomes;
}

async function* only<T>(piece: T): AsyncGenerator<T> {
  yield piece;
}

function heard(row: Float32Array | undefined): Outcome {
  return row === undefined ? { state: 'absent', reason: 'silence' } : { state: 'present', row };
}

async function seen({ row, frames, withFace, face, crop }: SeenFaces, thumbnails: boolean): Promise<Outcome> {
  if (row === undefined) {
    return { state: 'absent', reason: `no face in ${frames} frame${frames === 1 ? '' : 's'}`, frames };
  }
  const shown = face && crop && thumbnails ? { ...face, thumbnail: await dataUrl(crop) } : face;
  return { state: 'present', row, faces: withFace, frames, face: shown };
}

async function dataUrl(face: Picture): Promise<string> {
  return `data:image/jpeg;base64,${Buffer.from(await thumbnail(face)).toString('base64')}`;
}

function failure(error: unknown): Outcome {
  // A silent film and a recording of sound alone are whole.
  if (error instanceof NoTrackError) {
    return { state: 'absent', reason: error.track === 'audio' ? 'no sound track' : 'no moving pictures' };
  }
  if (error instanceof ClipError) return { state: 'failed', reason: error.message };
  throw error;
}

function openText({ text = '', textPooling = 'mean' }: EncoderChoice): Promise<TextEncoder> {
  return text === 'sentence' ? openSentenceEncoder() : openTextModel(text, textPooling);
}

async function openAudio(names: readonly string[]): Promise<SoundEncoder> {
  const parts: SoundEncoder[] = [];
  for (const name of names) {
    const open = { functionals: openFunctionals, speech: openSpeechEncoder }[name];
    parts.push(await (open === undefined ? openSpeechModel(name) : open()));
  }
  return besides(parts);
}

async function openVisual(names: readonly string[], rate: number): Promise<FaceEncoder> {
  const tools = await loadFaceTools();
  const parts = [];
  for (const name of names) {
    const model = clipModel(name);
    if (model !== undefined) parts.push(picturePart(await openImageEncoder({ encoder: 'clip', model })));
    else parts.push(name === 'expression-mean' ? expressionMeanPart(tools) : expressionPart(tools));
  }
  return faceEncoder(parts, tools, rate);
}
