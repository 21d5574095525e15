export { CLIP_MODELS, DEFAULT_CLIP_MODEL, locateClipTower } from './clip.js';
export { type ClipTextEncoder, openClipText } from './clipText.js';
export { DEFAULT_CHOICE, type EncoderChoice } from './extract/choice.js';
export {
  EXTRACTION_FILE,
  type Extraction,
  type ExtractionPart,
  type ExtractOptions,
  type ExtractProgress,
  extract,
  extractPart,
} from './extract/extract.js';
export type { Counts, ExtractionRecord, Miss } from './extract/record.js';
export {
  type DetectedFace,
  type DetectionOptions,
  EXPRESSION_DIM,
  EXPRESSIONS,
  type Expressions,
  FACE_EXPRESSION,
  type FaceTools,
  loadFaceTools,
  openFaceExpressionEncoder,
  type Point,
} from './face.js';
export { cropFace } from './faceCrop.js';
export {
  createHearing,
  type HeardUtterance,
  type Hearing,
  type HearingOptions,
  type SpeakerOptions,
  tellSpeakers,
  type VoiceSample,
} from './hearing/index.js';
export { modelCache } from './hub.js';
export type { ImageEncoder } from './image.js';
export { type EncodedFile, encodePictureFiles } from './imageFiles.js';
export { type ImageEncoderChoice, openImageEncoder } from './imageOpen.js';
export { decodePicture, type Picture, thumbnail } from './imagePicture.js';
export { TEXT_POOLINGS, type TextPooling } from './text/model.js';
