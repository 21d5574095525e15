/** Anchors in memory and from bytes; `files.js` beside it reads and writes them on a disk. */
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
export { parseAnchors } from './format.js';
export { type ClassInspection, type ExemplarRef, type Inspection, inspectAnchors } from './inspect.js';
export { type AnchorMap, mapAnchors } from './map.js';
export { type AnchorSpace, moveBank } from './move.js';
export { inspectionPage } from './page.js';
export { type ClassPictures, type PictureFolder, sortPictures } from './pictures.js';
export { prototypesFor, targetsOf } from './prototypes.js';
export { encodeReleasedAnchors } from './released.js';
export { anchorFileChunks } from './safetensors.js';
export { sampleAnchors, sampleAnchorsEach, samplePrototypes } from './sampling.js';
export { anchorSpaceOf } from './space.js';
export { ANCHOR_SPACES, type AnchorBank, type AnchorSpaceName, type ExemplarSource } from './types.js';
