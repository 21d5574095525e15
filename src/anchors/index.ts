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
export { readAnchors, writeAnchors } from './file.js';
export { sampleAnchors, sampleAnchorsEach } from './sampling.js';
export type { AnchorBank, ExemplarSource } from './types.js';
