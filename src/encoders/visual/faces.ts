import type { DetectedFace, FaceTools } from '../face.js';
import { cropFace } from '../faceCrop.js';
import type { Picture } from '../imagePicture.js';
import { chooseSpeaker } from './speaker.js';
import { trackFaces } from './tracks.js';

/** Goes up whenever the same frames would give other rows: cached rows are then made anew. */
export const VISUAL_VERSION = '2';

/** A face and its crop, turned level. */
interface Sighting {
  face: DetectedFace;
  crop: Picture;
}

/** Longer clips choose their speaker anew for each so many frames: crops are kept only so long. */
const WINDOW = 128;
/** Longest side of the detector's input: 416 finds smaller faces still, and takes twice as long. */
const DETECTOR_SIDE = 320;
/** The detector's input is a multiple of this; frames smaller than four of it are enlarged. */
const DETECTOR_STEP = 32;
/** Of a crowd, only the largest faces are looked at. */
const MOST_FACES = 4;
/** A smaller face shows no expression. */
const LEAST_SIDE = 24;
const CROP_SIDE = 160;
const EMBED_AT_ONCE = 16;

/** What makes rows of a speaker's face crops. */
export interface FaceEncoder {
  /** Dimension D of a row. */
  readonly dim: number;
  /** Frames a second. */
  readonly rate: number;
  readonly tools: FaceTools;
  begin(): { see(crops: readonly Picture[]): Promise<void>; finish(): Float32Array };
  dispose(): Promise<void>;
}

/** What was seen in a clip. */
export interface SeenFaces {
  /** [D], or undefined where no face was found. */
  row?: Float32Array;
  frames: number;
  /** Frames that show the speaker's face. */
  withFace: number;
}

/**
 * Encodes the speaker's face of a clip: faces are found in every frame and tracked, the speaker chosen (see
 * `chooseSpeaker`), the face turned level, cropped, embedded, and pooled over frames.
 * @param frames in order, `encoder.rate` a second.
 */
export async function encodeFaces(encoder: FaceEncoder, frames: AsyncIterable<Picture>): Promise<SeenFaces> {
  const pooling = encoder.begin();
  let [count, withFace] = [0, 0];
  let window: Sighting[][] = [];
  const close = async () => {
    const speaker = chooseSpeaker(trackFaces(window));
    window = [];
    if (speaker === undefined) return;
    withFace += speaker.frames.length;
    const crops = speaker.sightings.map(({ crop }) => crop);
    for (let at = 0; at < crops.length; at += EMBED_AT_ONCE) await pooling.see(crops.slice(at, at + EMBED_AT_ONCE));
  };
  for await (const frame of frames) {
    count++;
    window.push(await sightingsIn(frame, encoder.tools));
    if (window.length === WINDOW) await close();
  }
  if (window.length > 0) await close();
  return { row: withFace === 0 ? undefined : pooling.finish(), frames: count, withFace };
}

async function sightingsIn(frame: Picture, tools: FaceTools): Promise<Sighting[]> {
  const steps = Math.max(4, Math.ceil(Math.max(frame.width, frame.height) / DETECTOR_STEP));
  // Small frames are not enlarged: that takes longer and finds less.
  const found = await tools.detect(frame, { inputSize: Math.min(DETECTOR_SIDE, steps * DETECTOR_STEP) });
  const faces = found.filter(({ box }) => Math.min(box.width, box.height) >= LEAST_SIDE);
  faces.sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
  const largest = faces.slice(0, MOST_FACES);
  return Promise.all(largest.map(async (face) => ({ face, crop: await cropFace(frame, face, CROP_SIDE) })));
}
