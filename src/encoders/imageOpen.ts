import { existsSync } from 'node:fs';
import { InputError, UsageError } from '../base/errors.js';
import { DEFAULT_CLIP_MODEL, locateClipTower } from './clip.js';
import { FACE_EXPRESSION, openFaceExpressionEncoder } from './face.js';
import type { ImageEncoder } from './image.js';
import { openOnnxImageEncoder } from './imageOnnx.js';

/** Which encoder makes the embeddings. */
export interface ImageEncoderChoice {
  /** "clip", "face-expression", or the path of an ONNX picture network or its folder. */
  encoder: string;
  /** With "clip": a name of CLIP_MODELS, a hub id, a folder or an ONNX file. */
  model?: string;
}

/**
 * Opens an image encoder by name or path.
 * @throws InputError where there is no such encoder, or its files or packages are missing.
 */
export async function openImageEncoder({ encoder, model }: ImageEncoderChoice): Promise<ImageEncoder> {
  if (encoder === 'clip') {
    const { file, folder, id } = await locateClipTower(model ?? DEFAULT_CLIP_MODEL, 'vision');
    return openOnnxImageEncoder(file, folder, id);
  }
  if (model !== undefined) throw new UsageError(`The encoder "${encoder}" has no choice of models; "clip" has.`);
  if (encoder === FACE_EXPRESSION) return openFaceExpressionEncoder();
  if (!existsSync(encoder)) {
    throw new InputError(
      `There is no image encoder "${encoder}"; known are clip, ${FACE_EXPRESSION}, and ONNX files or folders by their path.`,
    );
  }
  const { file, folder } = await locateClipTower(encoder, 'vision');
  return openOnnxImageEncoder(file, folder);
}
