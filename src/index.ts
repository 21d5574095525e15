/**
 * vega-merc: multimodal emotion recognition in conversations with VEGA. The only public surface; its parts, from raw
 * files to scores, stand in the order of the data's way.
 */

export { readAnchors, scanPictures, writeAnchors } from './anchors/files.js';
export * as anchors from './anchors/index.js';
export { type ClassMatch, canonicalEmotion, matchClasses } from './base/emotions.js';
export * from './base/errors.js';
export { BRANCHES, type Branch, MODALITIES, type Modality } from './base/modalities.js';
export { importPickle, readCorpus, writeCorpus } from './corpus/files.js';
export * as corpus from './corpus/index.js';
export * as encoders from './encoders/index.js';
export * as evaluation from './evaluation/index.js';
export { evaluateModel, readExperimentFile, runExperiment, trainAndEvaluate } from './evaluation/index.js';
export * as graph from './graph/index.js';
export { readPickle, readSafetensors, readTorch, writeSafetensors, writeTorch } from './interchange/files.js';
export * as interchange from './interchange/index.js';
export * as metrics from './metrics/index.js';
export { openPredictor, Predictor } from './prediction/index.js';
export * as report from './report/index.js';
export * as training from './training/index.js';
export { train } from './training/index.js';
export * as vega from './vega/index.js';
