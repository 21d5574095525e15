import type { AnchorBank } from '../../anchors/index.js';
import type { Modality } from '../../base/modalities.js';
import type { Provider } from '../../graph/providers.js';
import type { RunFiles } from '../../run/index.js';
import type { Encoders } from '../encoders.js';
import type { Predictor } from '../predictor.js';

export interface OpenOptions {
  /** Where the model computes; default 'cpu'. */
  device?: Provider;
  /** Threads of one operator; default: the machine's cores. */
  threads?: number;
  /** What makes rows of raw media; default: the encoders of `vega-merc extract`, loaded when raw media first come. */
  encoders?: Encoders;
  signal?: AbortSignal;
  /** For a checkpoint file, which does not say them: the names of its classes, in order. */
  classes?: readonly string[];
  /** For a checkpoint file: the names of its speakers, in order. */
  speakers?: readonly string[];
  /** For a checkpoint file that lacks its input projections: numbers a row. */
  dims?: Partial<Record<Modality, number>>;
  /** For a checkpoint file with anchor projections: an anchor file, or anchors in memory. */
  anchors?: string | AnchorBank;
  /**
   * For a run that was trained with faces as anchors: answer among other classes, given by faces alone (zero-shot). An
   * anchor file, anchors in memory, or a folder of pictures with a subfolder a class, which are taken as they are by the
   * encoder that made the model's anchors.
   */
  faces?: string | AnchorBank;
  /** For a checkpoint file, `key=value` of what it does not tell, as `attentionHeads=8`. */
  set?: readonly string[];
}

/**
 * Opens a trained model. A run is a directory, a URL or anything that names bytes; it says everything that is needed.
 * `open('starter')` is the run in the package `vega-merc-starter`, where that is installed. A checkpoint as released
 * (`.pth`, `.safetensors`) is a file, and needs the names of its classes.
 *
 * ```ts
 * const model = await open('runs/meld');
 * const answers = await model.predict([
 *   { speaker: 'Ann', text: 'You came!' },
 *   { speaker: 'Bo', text: 'I had to.' },
 * ]);
 * console.log(answers.map(({ emotion }) => emotion)); // [ 'joy', 'neutral' ]
 * await model.dispose();
 * ```
 *
 * Among other classes than it was trained on, given by their faces alone:
 *
 * ```ts
 * await using model = await open('runs/faces', { faces: 'moods.anchors.safetensors' });
 * const [answer] = await model.predict([{ speaker: 'Ann', text: 'You came!' }]);
 * console.log(model.classes, answer.zeroShot); // [ 'proud', 'bored', 'calm' ] true
 * ```
 * @throws InputError where there is no such model, it is damaged, or the faces do not fit it.
 */
export async function open(model: string | URL | RunFiles, options: OpenOptions = {}): Promise<Predictor> {
  const { classes, speakers, dims } = options;
  const data = classes && { source: 'the list given', classes, speakers, dims };
  // What reads and runs models is loaded when the first is opened: an application's own start does not wait for it.
  const { openModel } = await import('./openModel.js');
  return (await openModel(model, { ...options, data })).predictor;
}
