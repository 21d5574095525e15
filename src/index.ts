/**
 * vega-merc: multimodal emotion recognition in conversations with VEGA. Here is what an application needs to use a
 * trained model; every other room is a sub-path of its own (`vega-merc/training`, `vega-merc/corpus`, …), so that nothing
 * is loaded that is not used.
 */

export { type ClassMatch, canonicalEmotion, matchClasses } from './base/emotions.js';
export * from './base/errors.js';
export { BRANCHES, type Branch, MODALITIES, type Modality } from './base/modalities.js';
export * from './prediction/index.js';
