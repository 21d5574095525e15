import { InputError } from '../base/errors.js';
import { MODALITIES, type Modality } from '../base/modalities.js';
import { suggestion } from '../base/names.js';
import { sameEncoder } from '../corpus/encoder.js';
import type { DecodedPicture, Media, ModelInputs, Samples, Utterance } from './types.js';

const FIELDS = ['speaker', 'text', 'audio', 'face', 'video', 'features'] as const satisfies (keyof Utterance)[];
const SAMPLE_RATES = { least: 8_000, most: 384_000 };
const LEAST_SIDE = 16;

/**
 * Checks all that can be checked of a conversation without reading files.
 * @param where what sentences call it: "utterances".
 * @throws InputError naming the field.
 */
export function checkConversation(utterances: unknown, inputs: ModelInputs, where: string): readonly Utterance[] {
  if (!Array.isArray(utterances)) throw new InputError(`${where} is ${kindOf(utterances)}, but must be a list.`);
  if (utterances.length === 0) throw new InputError(`${where} is empty: a conversation has at least one utterance.`);
  for (const [i, utterance] of utterances.entries()) checkUtterance(utterance, inputs, `${where}[${i}]`);
  return utterances;
}

/** @param where what sentences call it: "utterances[3]". @throws InputError naming the field. */
export function checkUtterance(utterance: unknown, inputs: ModelInputs, where: string): void {
  if (!isObject(utterance)) throw new InputError(`${where} is ${kindOf(utterance)}, but must be an object.`);
  const strange = Object.keys(utterance).find((key) => !(FIELDS as readonly string[]).includes(key));
  if (strange !== undefined) throw new InputError(`${where} has a field "${strange}".${suggestion(strange, FIELDS)}`);
  const { speaker, text, audio, face, video, features } = utterance as Record<(typeof FIELDS)[number], unknown>;
  for (const [name, value] of Object.entries({ speaker, text })) {
    if (value !== undefined && typeof value !== 'string')
      throw new InputError(`${where}.${name} is ${kindOf(value)}, but must be a text.`);
  }
  if (features !== undefined) checkFeatures(features, inputs, `${where}.features`);
  const given = (features ?? {}) as Utterance['features'] & object;
  if (audio !== undefined) {
    if (given.audio !== undefined)
      throw new InputError(`${where} has both audio and features.audio; give one of them.`);
    if (isObject(audio) && 'samples' in audio) checkSamples(audio, `${where}.audio`);
    else checkMedia(audio, `${where}.audio`, 'samples with their sampleRate, a file or a Blob');
  }
  if (face !== undefined) {
    if (given.visual !== undefined)
      throw new InputError(`${where} has both face and features.visual; give one of them.`);
    if (isObject(face) && !isBlob(face)) checkPicture(face, `${where}.face`);
    else if (!isFile(face))
      throw new InputError(`${where}.face is ${kindOf(face)}, but must be a decoded picture, a file or a Blob.`);
  }
  if (video !== undefined) checkMedia(video, `${where}.video`, 'a file or a Blob');
}

/** @throws InputError where a row is of no modality, or not what the model takes. */
function checkFeatures(features: unknown, inputs: ModelInputs, where: string): void {
  if (!isObject(features))
    throw new InputError(`${where} is ${kindOf(features)}, but must be an object with rows by modality.`);
  for (const [name, value] of Object.entries(features)) {
    if (!(MODALITIES as readonly string[]).includes(name))
      throw new InputError(`${where} has a field "${name}".${suggestion(name, MODALITIES)}`);
    if (value === undefined) continue;
    checkRow(value, inputs[name as Modality], `${where}.${name}`);
  }
}

function checkRow(value: unknown, input: ModelInputs[Modality], where: string): void {
  const named = isObject(value) && 'row' in value ? value : undefined;
  const row = named?.row ?? value;
  if (!(row instanceof Float32Array) && !Array.isArray(row))
    throw new InputError(`${where} is ${kindOf(row)}, but must be a Float32Array or a list of numbers.`);
  // A row of a modality that the model lacks is not used, whatever is in it.
  if (input === undefined) return;
  if (row.length !== input.dim)
    throw new InputError(`${where} has ${row.length} numbers, but the model takes ${input.dim}${by(input.encoder)}.`);
  for (let i = 0; i < row.length; i++) {
    if (!Number.isFinite(row[i]))
      throw new InputError(`${where}[${i}] is ${kindOf(row[i])}, but features must be finite numbers.`);
  }
  if (named === undefined) return;
  const { encoder } = named;
  if (typeof encoder !== 'string')
    throw new InputError(`${where}.encoder is ${kindOf(encoder)}, but must be the name of what made the row.`);
  if (!sameEncoder({ encoder: input.encoder }, { encoder }))
    throw new InputError(
      `${where} was made by ${encoder}, but the model was trained on features of ${input.encoder}. Give rows of that encoder.`,
    );
}

function checkSamples({ samples, sampleRate }: { samples?: unknown; sampleRate?: unknown }, where: string): void {
  if (!(samples instanceof Float32Array))
    throw new InputError(`${where}.samples is ${kindOf(samples)}, but must be a Float32Array of one channel, -1 to 1.`);
  if (samples.length === 0) throw new InputError(`${where}.samples is empty.`);
  const { least, most } = SAMPLE_RATES;
  if (typeof sampleRate !== 'number' || !(sampleRate >= least && sampleRate <= most))
    throw new InputError(`${where}.sampleRate is ${kindOf(sampleRate)}, but must be a number of ${least} to ${most}.`);
  const odd = samples.findIndex((sample) => !Number.isFinite(sample));
  if (odd >= 0) throw new InputError(`${where}.samples[${odd}] is ${samples[odd]}, but must be a finite number.`);
}

function checkPicture(picture: Partial<Record<keyof DecodedPicture, unknown>>, where: string): void {
  const { width, height, data } = picture;
  for (const [name, side] of Object.entries({ width, height })) {
    if (!Number.isInteger(side) || (side as number) < LEAST_SIDE)
      throw new InputError(`${where}.${name} is ${kindOf(side)}, but must be a whole number from ${LEAST_SIDE}.`);
  }
  const pixels = (width as number) * (height as number);
  if (!(data instanceof Uint8Array) && !(data instanceof Uint8ClampedArray))
    throw new InputError(`${where}.data is ${kindOf(data)}, but must be a Uint8Array.`);
  if (data.length !== 3 * pixels && data.length !== 4 * pixels)
    throw new InputError(
      `${where}.data has ${data.length} bytes, but ${width} x ${height} pixels have ${3 * pixels} (RGB) or ${4 * pixels} (RGBA).`,
    );
}

function checkMedia(media: unknown, where: string, wanted: string): asserts media is Samples | Media {
  if (isFile(media)) return;
  if (!isObject(media) || !('file' in media) || !isFile(media.file))
    throw new InputError(`${where} is ${kindOf(media)}, but must be ${wanted}.`);
  const { start, end } = media as { start?: unknown; end?: unknown };
  for (const [name, time] of Object.entries({ start, end })) {
    if (time !== undefined && !(typeof time === 'number' && time >= 0 && Number.isFinite(time)))
      throw new InputError(`${where}.${name} is ${kindOf(time)}, but must be a number of seconds from 0.`);
  }
  if (end !== undefined && (end as number) <= ((start as number | undefined) ?? 0))
    throw new InputError(`${where} ends at ${end} s, not after its start at ${start ?? 0} s.`);
}

const by = (encoder: string | undefined) => (encoder === undefined ? '' : ` (those of ${encoder})`);
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isBlob = (value: unknown): value is Blob => typeof Blob !== 'undefined' && value instanceof Blob;
const isFile = (value: unknown): value is string | Blob =>
  (typeof value === 'string' && value.length > 0) || isBlob(value);

/** What a value is, in a sentence. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return `${value}`;
  if (typeof value === 'string')
    return value === '' ? 'an empty text' : `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object'
    ? `an object (${value.constructor?.name ?? 'without a class'})`
    : `a ${typeof value}`;
}
