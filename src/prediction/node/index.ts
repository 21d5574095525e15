/** Prediction on Node: models and corpora by their paths, raw media by the package's encoders. */
export { type OpenedModel, type OpenOptions, open, openModel } from './open.js';
export { type OpenedSource, openSource, openWith, type SourceOptions } from './source.js';
