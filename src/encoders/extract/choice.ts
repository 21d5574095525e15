import { existsSync } from 'node:fs';
import { UsageError } from '../../base/errors.js';
import type { Modality } from '../../base/modalities.js';
import { suggestion } from '../../base/names.js';
import type { EncoderPart } from '../../corpus/index.js';
import { FUNCTIONALS_VERSION } from '../audio/functionals.js';
import { findSpeechEncoder } from '../audio/speech.js';
import { DEFAULT_CLIP_MODEL, locateClipTower } from '../clip.js';
import { TIGHT } from '../faceCrop.js';
import { findDecoder } from '../media/codecs.js';
import { hashFile, locateModel } from '../models.js';
import { findPackage } from '../packages.js';
import { TEXT_POOLINGS, type TextPooling } from '../text/model.js';
import { findSentenceEncoder } from '../text/sentence.js';
import { SENTENCE_PACKAGE } from '../text/sentenceNetwork.js';
import { VISUAL_VERSION } from '../visual/faces.js';

/** Which encoders make the features; undefined = the modality is left out. */
export interface EncoderChoice {
  /** "sentence", or a model of the hub or of a folder. */
  text?: string;
  textPooling?: TextPooling;
  /** "functionals", "speech" and models of the hub or of folders, side by side. */
  audio?: string[];
  /** "expression", "expression-mean", "clip" and "clip:MODEL", side by side. */
  visual?: string[];
  /** Frames a second. */
  rate: number;
}

export const DEFAULT_CHOICE: EncoderChoice = {
  text: 'sentence',
  audio: ['functionals', 'speech'],
  visual: ['expression'],
  rate: 3,
};

/**
 * Checks the names of encoders, whether or not the input has anything for them.
 * @throws UsageError where one is neither an encoder nor a model's name or folder.
 */
export function checkChoice({ text, audio = [], visual = [] }: EncoderChoice): void {
  const check = (kind: string, name: string, known: readonly string[], isModel: boolean) => {
    if (known.includes(name) || isModel) return;
    throw new UsageError(`There is no ${kind} encoder "${name}".${suggestion(name, known)}`);
  };
  const isModel = (name: string) => /^[\w.-]+\/[\w.-]+$/.test(name) || existsSync(name);
  if (text !== undefined) check('text', text, ['sentence', 'none'], isModel(text));
  for (const name of audio) check('audio', name, ['functionals', 'speech', 'none'], isModel(name));
  for (const name of visual)
    check('visual', name, ['expression', 'expression-mean', 'clip', 'none'], clipModel(name) !== undefined);
}

/**
 * What the chosen encoders of a modality are, without opening them.
 * @throws InputError where a package or model is missing, with what to install or to put where.
 */
export function describeEncoders(choice: EncoderChoice, modality: Modality): Promise<EncoderPart[]> {
  if (modality === 'text') return Promise.all([describeText(choice)]);
  return describeOfRecordings(choice, modality);
}

async function describeOfRecordings(choice: EncoderChoice, modality: 'audio' | 'visual'): Promise<EncoderPart[]> {
  // First: nobody would hear of what fails meanwhile.
  const { name, version } = await findDecoder();
  const parts =
    modality === 'audio'
      ? (choice.audio ?? []).map(describeAudio)
      : (choice.visual ?? []).map((name) => describeVisual(name, choice.rate));
  return (await Promise.all(parts)).map((part) => ({ ...part, decoder: `${name} ${version}` }));
}

async function describeText({ text = '', textPooling = 'mean' }: EncoderChoice): Promise<EncoderPart> {
  if (text === 'sentence') {
    const { version } = await findSentenceEncoder();
    return { encoder: text, package: SENTENCE_PACKAGE, version };
  }
  if (!TEXT_POOLINGS.includes(textPooling)) {
    throw new UsageError(`There is no pooling "${textPooling}".${suggestion(textPooling, TEXT_POOLINGS)}`);
  }
  const { file } = await locateModel(text, 'text');
  return { encoder: text, sha256: await hashFile(file), pooling: textPooling };
}

async function describeAudio(name: string): Promise<EncoderPart> {
  if (name === 'functionals') return { encoder: name, version: FUNCTIONALS_VERSION };
  if (name === 'speech') {
    const { version } = await findSpeechEncoder();
    return { encoder: name, package: '@moonshine-ai/moonshine-js', version, pooling: 'mean and deviation' };
  }
  const { file } = await locateModel(name, 'audio');
  return { encoder: name, sha256: await hashFile(file), pooling: 'mean and deviation' };
}

async function describeVisual(name: string, rate: number): Promise<EncoderPart> {
  // Faces are found with this package, whatever reads them.
  const faces = await findPackage('@vladmandic/face-api', 'Finding faces');
  const common = { framesPerSecond: rate, method: VISUAL_VERSION };
  const detector = `@vladmandic/face-api ${faces.version}`;
  if (name === 'expression' || name === 'expression-mean') {
    return {
      encoder: name,
      package: '@vladmandic/face-api',
      version: faces.version,
      pooling: name === 'expression' ? 'mean, deviation and peak' : 'mean',
      ...common,
      ...(name === 'expression-mean' && { framing: `margin ${TIGHT.margin}, rise ${TIGHT.rise}` }),
    };
  }
  const model = clipModel(name);
  if (model === undefined) {
    throw new UsageError(
      `There is no visual encoder "${name}".${suggestion(name, ['expression', 'expression-mean', 'clip'])}`,
    );
  }
  const { file, id } = await locateClipTower(model, 'vision');
  const sha256 = await hashFile(file);
  return { encoder: 'clip', model: id ?? model, sha256, pooling: 'mean and deviation', detector, ...common };
}

/** The model of "clip" or "clip:MODEL"; undefined where the name is another encoder's. */
export function clipModel(name: string): string | undefined {
  if (name === 'clip') return DEFAULT_CLIP_MODEL;
  return name.startsWith('clip:') ? name.slice('clip:'.length) : undefined;
}
