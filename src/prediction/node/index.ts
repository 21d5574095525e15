/** Prediction on Node: models and corpora by their paths, raw media by the package's encoders. */

export {
  type NamedConversation,
  parseUtteranceLine,
  readUtteranceLines,
  type UtteranceLine,
} from '../formats/lines.js';
export { type ExportedFile, type ExportOptions, exportOnnx, exportTorch } from './export.js';
export { type InputOptions, type PredictionInput, readInput } from './input.js';
export { type OpenOptions, open } from './open.js';
export { type OpenedModel, openModel } from './openModel.js';
export { type Recording, type RecordingOptions, readRecording } from './recording.js';
export { openForInput, predictInput, predictLines } from './run.js';
export { type OpenedSource, openSource, openWith, type SourceOptions } from './source.js';
