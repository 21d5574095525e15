export {
  type AlignedAnchors,
  alignAnchors,
  bankHash,
  buildBank,
  type ClassExemplars,
  centresFor,
  SYNTHETIC_ENCODER,
  syntheticAnchors,
} from './bank.js';
export { type BuiltAnchors, buildAnchors, type EncodedExemplar } from './build.js';
export { emotionPrompt, initialLearnedAnchors, randomAnchors, type TextEncoder, textAnchors } from './controls.js';
export { readAnchors, writeAnchors } from './file.js';
export { type ClassInspection, type ExemplarRef, type Inspection, inspectAnchors } from './inspect.js';
export { type AnchorMap, mapAnchors } from './map.js';
export { inspectionPage } from './page.js';
export { prototypesFor, targetsOf } from './prototypes.js';
export { sampleAnchors, sampleAnchorsEach, samplePrototypes } from './sampling.js';
export { type ClassPictures, type PictureFolder, scanPictures } from './scan.js';
export type { AnchorBank, ExemplarSource } from './types.js';
