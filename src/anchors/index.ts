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
export { type BuildOptions, type BuiltAnchors, buildAnchors, type EncodedExemplar } from './build.js';
export { readAnchors, writeAnchors } from './file.js';
export { sampleAnchors, sampleAnchorsEach } from './sampling.js';
export { type ClassPictures, type PictureFolder, scanPictures } from './scan.js';
export type { AnchorBank, ExemplarSource } from './types.js';
