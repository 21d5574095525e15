import type { DetectedFace, FaceTools } from '../face.js';
import { cropFace, type Framing } from '../faceCrop.js';
import type { Picture } from '../imagePicture.js';
import { chooseSpeaker } from './speaker.js';
import { trackFaces } from './tracks.js';

/** Goes up whenever the same frames would give other rows: cached rows are then made anew. */
export const VISUAL_VERSION = '2';

/** A face, and its crops turned level: one a framing. */
interface Sighting {
  face: DetectedFace;
  crops: Picture[];
  spoken: SpokenFace;
}

/** Where a face was seen. */
export interface SpokenFace {
  /** Seconds from the recording's beginning; absent of a single picture. */
  time?: number;
  /** Its box in shares of the picture's width and height: left, top, width, height. */
  box: [number, number, number, number];
  /** The face as the network saw it, turned level: a small JPEG as a data URL. Only where it was asked for. */
  thumbnail?: string;
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
/** Border around a picture in which no face was found, in shares of its longer side. */
const BORDER = 0.25;
/** A picture up to this size, its sides as alike, is taken for a crop of a face. */
const CROP_SIDES = { largest: 96, oblong: 1.25 };

/** What makes rows of a speaker's face crops. */
export interface FaceEncoder {
  /** Dimension D of a row. */
  readonly dim: number;
  /** Frames a second. */
  readonly rate: number;
  readonly tools: FaceTools;
  /** The crops that it wants of each face. */
  readonly framings: readonly Framing[];
  /** `see` takes a list of crops a face, in the order of the framings. */
  begin(): { see(faces: readonly (readonly Picture[])[]): Promise<void>; finish(): Float32Array };
  dispose(): Promise<void>;
}

/** What was seen in a clip. */
export interface SeenFaces {
  /** [D], or undefined where no face was found. */
  row?: Float32Array;
  frames: number;
  /** Frames that show the speaker's face. */
  withFace: number;
  /** The speaker's face where it is largest, and its first crop. */
  face?: SpokenFace;
  crop?: Picture;
}

/**
 * Encodes the speaker's face of a clip: faces are found in every frame and tracked, the speaker chosen (see
 * `chooseSpeaker`), the face turned level, cropped, embedded, and pooled over frames.
 * @param frames in order, `encoder.rate` a second.
 */
export async function encodeFaces(
  encoder: FaceEncoder,
  frames: AsyncIterable<Picture & { time?: number }>,
): Promise<SeenFaces> {
  const pooling = encoder.begin();
  let [count, withFace] = [0, 0];
  let window: Sighting[][] = [];
  let best: Sighting | undefined;
  const close = async () => {
    const speaker = chooseSpeaker(trackFaces(window));
    window = [];
    if (speaker === undefined) return;
    withFace += speaker.frames.length;
    for (const one of speaker.sightings) if (best === undefined || area(one.spoken) > area(best.spoken)) best = one;
    const faces = speaker.sightings.map(({ crops }) => crops);
    for (let at = 0; at < faces.length; at += EMBED_AT_ONCE) await pooling.see(faces.slice(at, at + EMBED_AT_ONCE));
  };
  for await (const frame of frames) {
    count++;
    window.push(await sightingsIn(frame, encoder));
    if (window.length === WINDOW) await close();
  }
  if (window.length > 0) await close();
  const row = withFace === 0 ? undefined : pooling.finish();
  return { row, frames: count, withFace, face: best?.spoken, crop: best?.crops[0] };
}

const area = ({ box: [, , width, height] }: SpokenFace) => width * height;

/**
 * Encodes the face of a single picture. A small square is taken for a crop of a face, as the pictures are that expression
 * networks are trained on: the detector misses a third of those, and knows too little of the others to frame them anew.
 * In a larger picture without a face that can be found it is looked for again with a border around, since a face that
 * fills its picture is often missed.
 */
export async function encodeStill(encoder: FaceEncoder, picture: Picture): Promise<SeenFaces> {
  const { width, height } = picture;
  const side = Math.max(width, height);
  if (side <= CROP_SIDES.largest && side <= CROP_SIDES.oblong * Math.min(width, height)) {
    const pooling = encoder.begin();
    await pooling.see([encoder.framings.map(() => picture)]);
    return { row: pooling.finish(), frames: 1, withFace: 1, face: { box: [0, 0, 1, 1] }, crop: picture };
  }
  const seen = await encodeFaces(encoder, only(picture));
  if (seen.row !== undefined) return seen;
  const border = Math.round(side * BORDER);
  const bordered = await encodeFaces(encoder, only(withBorder(picture, border)));
  return bordered.face === undefined ? seen : { ...bordered, face: withoutBorder(bordered.face, picture, border) };
}

async function* only<T>(piece: T): AsyncGenerator<T> {
  yield piece;
}

/** A picture with its edges repeated around it. */
function withBorder({ width, height, data }: Picture, border: number): Picture {
  const [wide, high] = [width + 2 * border, height + 2 * border];
  const larger = new Uint8Array(wide * high * 3);
  for (let y = 0; y < high; y++) {
    const line = Math.min(Math.max(y - border, 0), height - 1) * width;
    for (let x = 0; x < wide; x++) {
      const from = (line + Math.min(Math.max(x - border, 0), width - 1)) * 3;
      larger.set(data.subarray(from, from + 3), (y * wide + x) * 3);
    }
  }
  return { width: wide, height: high, data: larger };
}

/** A face of the bordered picture, in shares of the picture itself. */
function withoutBorder({ box: [x, y, w, h] }: SpokenFace, { width, height }: Picture, border: number): SpokenFace {
  const [wide, high] = [width + 2 * border, height + 2 * border];
  return { box: [(x * wide - border) / width, (y * high - border) / height, (w * wide) / width, (h * high) / height] };
}

async function sightingsIn(frame: Picture & { time?: number }, { tools, framings }: FaceEncoder): Promise<Sighting[]> {
  const steps = Math.max(4, Math.ceil(Math.max(frame.width, frame.height) / DETECTOR_STEP));
  // Small frames are not enlarged: that takes longer and finds less.
  const found = await tools.detect(frame, { inputSize: Math.min(DETECTOR_SIDE, steps * DETECTOR_STEP) });
  const faces = found.filter(({ box }) => Math.min(box.width, box.height) >= LEAST_SIDE);
  faces.sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
  return Promise.all(
    faces.slice(0, MOST_FACES).map(async (face) => ({
      face,
      crops: await Promise.all(framings.map((framing) => cropFace(frame, face, CROP_SIDE, framing))),
      spoken: spokenFace(face, frame),
    })),
  );
}

function spokenFace({ box: { x, y, width, height } }: DetectedFace, frame: Picture & { time?: number }): SpokenFace {
  const share = (pixels: number, side: number) => Number((pixels / side).toFixed(4));
  return {
    ...(frame.time !== undefined && { time: Number(frame.time.toFixed(3)) }),
    box: [share(x, frame.width), share(y, frame.height), share(width, frame.width), share(height, frame.height)],
  };
}
