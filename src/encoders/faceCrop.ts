import type { DetectedFace, Point } from './face.js';
import { openPicture, type Picture, toPicture } from './imagePicture.js';

/** What a crop shows of a face. */
export interface Framing {
  /** How much wider than the landmarks' box the crop is. */
  margin: number;
  /** By which share of its side the crop lies higher than the landmarks, which end at the brows. */
  rise: number;
}

/** Brows and chin with some room around them. */
export const WIDE: Framing = { margin: 1.35, rise: 0 };

/**
 * From the hair to the chin and little else, as the pictures are that expression networks are trained on. Of 18 framings
 * it gave the expression network most of the training faces' classes (30 a class of FER2013's clearest, found by the
 * detector: 95.6 % against 85.6 % with WIDE); the wider a crop, the more faces it calls happy or angry.
 */
export const TIGHT: Framing = { margin: 1.15, rise: 0.12 };

/**
 * Cuts a face out of its picture: turned so that the eyes are level, square. Beyond the picture's edge its border is
 * repeated.
 * @param side of the crop in pixels.
 */
export async function cropFace(
  picture: Picture,
  face: DetectedFace,
  side = 160,
  { margin, rise }: Framing = WIDE,
): Promise<Picture> {
  const angle = eyeAngle(face.landmarks);
  const { centre, extent } = levelBox(face.landmarks, angle, rise * margin);
  const scale = side / (extent * margin);
  // Shrinking comes first, with a proper kernel; what is left is a turn at full resolution.
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const shrunk =
    scale < 1
      ? await toPicture((await openPicture(picture)).resize(width, height, { fit: 'fill', kernel: 'cubic' }))
      : picture;
  const step = shrunk.width / picture.width / scale;
  const middle = { x: (centre.x * shrunk.width) / picture.width, y: (centre.y * shrunk.height) / picture.height };
  return turn(shrunk, middle, angle, step, side);
}

/** Angle of the line from the one eye to the other, in radians; 0 = level. */
function eyeAngle(landmarks: readonly Point[]): number {
  const left = meanPoint(landmarks.slice(36, 42));
  const right = meanPoint(landmarks.slice(42, 48));
  return Math.atan2(right.y - left.y, right.x - left.x);
}

/**
 * The landmarks' box after turning them level: its centre in the picture, and its longer side.
 * @param raised by which share of that side the centre lies higher.
 */
function levelBox(landmarks: readonly Point[], angle: number, raised: number): { centre: Point; extent: number } {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const xs = landmarks.map(({ x, y }) => x * cos + y * sin);
  const ys = landmarks.map(({ x, y }) => y * cos - x * sin);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const extent = Math.max(right - left, bottom - top, 1);
  const [x, y] = [(left + right) / 2, (top + bottom) / 2 - raised * extent];
  return { centre: { x: x * cos - y * sin, y: x * sin + y * cos }, extent };
}

/** Samples a turned square bilinearly. @param step source pixels a pixel of the result. */
function turn(source: Picture, middle: Point, angle: number, step: number, side: number): Picture {
  const data = new Uint8Array(side * side * 3);
  const [cos, sin] = [Math.cos(angle) * step, Math.sin(angle) * step];
  const clamp = (value: number, size: number) => Math.min(Math.max(value, 0), size - 1);
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const [dx, dy] = [u + 0.5 - side / 2, v + 0.5 - side / 2];
      const x = clamp(middle.x + dx * cos - dy * sin - 0.5, source.width);
      const y = clamp(middle.y + dx * sin + dy * cos - 0.5, source.height);
      const [x0, y0] = [Math.floor(x), Math.floor(y)];
      const [x1, y1] = [clamp(x0 + 1, source.width), clamp(y0 + 1, source.height)];
      const [fx, fy] = [x - x0, y - y0];
      for (let c = 0; c < 3; c++) {
        const at = (column: number, line: number) => source.data[(line * source.width + column) * 3 + c];
        const upper = at(x0, y0) * (1 - fx) + at(x1, y0) * fx;
        const lower = at(x0, y1) * (1 - fx) + at(x1, y1) * fx;
        data[(v * side + u) * 3 + c] = Math.round(upper * (1 - fy) + lower * fy);
      }
    }
  }
  return { width: side, height: side, data };
}

function meanPoint(points: readonly Point[]): Point {
  return {
    x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
    y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
  };
}
