import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../base/errors.js';
import type { Modality } from '../../base/modalities.js';
import { readFileBytes } from '../../base/read.js';
import { type EncoderPart, encoderName, sameEncoder } from '../../corpus/index.js';
import { resample } from '../../encoders/audio/resample.js';
import { describeEncoders, type EncoderChoice } from '../../encoders/extract/choice.js';
import { createEncoders, type Outcome } from '../../encoders/extract/encode.js';
import { encodeAll, groupsFor } from '../../encoders/extract/encodeAll.js';
import { isShort } from '../../encoders/extract/plan.js';
import { createEncoderPool } from '../../encoders/extract/pool.js';
import { decodePicture } from '../../encoders/imagePicture.js';
import { SAMPLE_RATE } from '../../encoders/media/audio.js';
import type { Clip } from '../../encoders/media/clip.js';
import type { Encoded, RawInput, RowEncoder } from '../encoders.js';
import type { DecodedPicture, Media, Samples } from '../types.js';

/** So many clips are worth the start of processes. */
const WORTH_PROCESSES = 16;
/** Frames a second of films, where the corpus does not say. */
const FRAME_RATE = 3;

/**
 * Opens the encoders that made a corpus's features, for what is in memory and for files. Text, sound of 16 kHz and pictures
 * give the numbers that `vega-merc extract` gives for the same content.
 * @param jobs processes for many clips of files at once; what comes of a clip does not hang on who encodes it.
 * @throws InputError where they are not installed, or are others than those that made the features.
 */
export async function openRowEncoder(modality: Modality, made: readonly EncoderPart[], jobs = 1): Promise<RowEncoder> {
  const choice = choiceOf(modality, made);
  const here = await describeEncoders(choice, modality);
  if (!sameEncoder({ parts: made }, { parts: here })) {
    const names = (parts: readonly EncoderPart[]) => parts.map(encoderName).join(' + ');
    throw new InputError(
      `The model's ${modality} features were made by ${names(made)}; what is installed here is ${names(here)}, which makes others.`,
    );
  }
  const encoders = createEncoders(choice, { thumbnails: true });
  const one = async (input: RawInput, signal?: AbortSignal): Promise<Encoded> => {
    signal?.throwIfAborted();
    if ('sound' in input) {
      if (isSamples(input.sound)) return encoded(await encoders.hear(await resample(input.sound, SAMPLE_RATE)));
      return withClip(input.sound, async (clip) =>
        first(await encoders.run({ modality: 'audio', clips: [clip] }, signal)),
      );
    }
    if ('film' in input)
      return withClip(input.film, async (clip) =>
        first(await encoders.run({ modality: 'visual', clips: [clip] }, signal)),
      );
    if ('picture' in input) {
      try {
        return encoded(await encoders.look(await pictureOf(input.picture)));
      } catch (error) {
        if (!(error instanceof PictureError)) throw error;
        return { failed: error.message };
      }
    }
    throw new Error('Texts are encoded together.');
  };
  return {
    async encode(inputs, { signal }) {
      const texts = inputs.flatMap((input) => ('text' in input ? [input.text] : []));
      if (texts.length > 0) return (await encoders.run({ modality: 'text', texts })).map(encoded);
      const clips = inputs.flatMap((input) => clipOf(input) ?? []);
      if (jobs > 1 && clips.length >= WORTH_PROCESSES && clips.length === inputs.length)
        return encodeClips(modality as 'audio' | 'visual', clips, { choice, jobs, signal });
      const outcomes: Encoded[] = [];
      for (const input of inputs) outcomes.push(await one(input, signal));
      return outcomes;
    },
    dispose: () => encoders.dispose(),
  };
}

/** Clips of files, by processes of their own, as `extract` does it. */
async function encodeClips(
  modality: 'audio' | 'visual',
  clips: readonly Clip[],
  { choice, jobs, signal }: { choice: EncoderChoice; jobs: number; signal?: AbortSignal },
): Promise<Encoded[]> {
  const wants = clips.map((clip, i) => ({ modality, key: `${i}`, rows: [i], clip, short: isShort(clip) }));
  const outcomes = new Array<Encoded>(clips.length);
  const pool = createEncoderPool(choice, jobs, signal, { thumbnails: true });
  await encodeAll(
    groupsFor(wants),
    () => true,
    pool,
    ({ rows: [row] }, outcome) => {
      outcomes[row] = encoded(outcome);
    },
  );
  return outcomes;
}

/** The clip of an input that is a file's; undefined of what is in memory, and of pictures. */
function clipOf(input: RawInput): Clip | undefined {
  const media = 'sound' in input ? input.sound : 'film' in input ? input.film : undefined;
  if (media === undefined || media instanceof Blob || (typeof media !== 'string' && 'samples' in media))
    return undefined;
  const { file, ...times } = typeof media === 'string' ? { file: media } : media;
  return typeof file === 'string' ? { media: file, ...times } : undefined;
}

/** What `extract` was told, by what it recorded. */
function choiceOf(modality: Modality, made: readonly EncoderPart[]): EncoderChoice {
  const rate = made.map(({ framesPerSecond }) => framesPerSecond).find((value) => typeof value === 'number');
  const choice: EncoderChoice = { rate: typeof rate === 'number' ? rate : FRAME_RATE };
  if (modality === 'text') {
    const [{ encoder, pooling }] = made;
    return {
      ...choice,
      text: encoder,
      ...(pooling !== undefined && { textPooling: pooling as EncoderChoice['textPooling'] }),
    };
  }
  if (modality === 'audio') return { ...choice, audio: made.map(({ encoder }) => encoder) };
  return { ...choice, visual: made.map(({ encoder, model }) => (encoder === 'clip' ? `clip:${model}` : encoder)) };
}

const first = ([outcome]: Outcome[]): Encoded => encoded(outcome);

function encoded(outcome: Outcome): Encoded {
  if (outcome.state === 'present') return { row: outcome.row, ...(outcome.face && { face: outcome.face }) };
  return outcome.state === 'absent' ? { absent: outcome.reason } : { failed: outcome.reason };
}

const isSamples = (sound: Samples | Media): sound is Samples => typeof sound === 'object' && 'samples' in sound;

/** A recording as a clip of a file. Decoders need files: a Blob is written to one for so long. */
async function withClip<T>(media: Media, use: (clip: Clip) => Promise<T>): Promise<T> {
  const { file, ...times } = typeof media === 'string' || media instanceof Blob ? { file: media } : media;
  if (typeof file === 'string') return use({ media: file, ...times });
  const folder = await mkdtemp(join(tmpdir(), 'vega-merc-'));
  try {
    const path = join(folder, 'recording');
    await writeFile(path, file.stream());
    return await use({ media: path, ...times });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A picture that cannot be read; the message is the rest of a sentence about it. */
class PictureError extends Error {}

async function pictureOf(picture: DecodedPicture | string | Blob) {
  if (typeof picture === 'object' && 'data' in picture) return withoutAlpha(picture);
  const source = typeof picture === 'string' ? picture : 'the picture';
  try {
    const bytes = typeof picture === 'string' ? readFileBytes(picture) : new Uint8Array(await picture.arrayBuffer());
    return await decodePicture(bytes, source);
  } catch (error) {
    if (error instanceof InputError) throw new PictureError(`cannot be read: ${error.message.replace(/\.$/, '')}`);
    throw error;
  }
}

function withoutAlpha({ width, height, data }: DecodedPicture) {
  const pixels = width * height;
  if (data.length === 3 * pixels)
    return { width, height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
  const rgb = new Uint8Array(3 * pixels);
  for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) rgb[3 * i + c] = data[4 * i + c];
  return { width, height, data: rgb };
}
