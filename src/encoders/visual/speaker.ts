import type { DetectedFace, Point } from '../face.js';
import type { Track } from './tracks.js';

/** A face seen in fewer frames than this share of the most seen one's is a passer-by. */
const LEAST_SEEN = 0.5;
/** Mouths whose movement comes this near to the most are as likely to speak. */
const AS_LIVELY = 0.75;

/**
 * The track of the person who speaks: of the faces that stay, the one whose mouth moves most; of those whose mouths move
 * about as much, the largest.
 */
export function chooseSpeaker<T extends { face: DetectedFace }>(tracks: readonly Track<T>[]): Track<T> | undefined {
  const longest = Math.max(0, ...tracks.map(({ frames }) => frames.length));
  const staying = tracks.filter(({ frames }) => frames.length >= longest * LEAST_SEEN);
  const rated = staying.map((track) => ({ track, movement: mouthMovement(track), size: meanArea(track) }));
  const most = Math.max(...rated.map(({ movement }) => movement));
  const lively = rated.filter(({ movement }) => movement >= most * AS_LIVELY);
  return lively.sort((a, b) => b.size - a.size)[0]?.track;
}

/** Mean change of the mouth's opening from one sighting to the next, in distances between the eyes. */
export function mouthMovement({ sightings }: Track<{ face: DetectedFace }>): number {
  const openings = sightings.map(({ face }) => mouthOpening(face.landmarks));
  let sum = 0;
  for (let i = 1; i < openings.length; i++) sum += Math.abs(openings[i] - openings[i - 1]);
  return openings.length < 2 ? 0 : sum / (openings.length - 1);
}

/** Distance of the inner lips (points 61-63 and 67-65), in distances between the eyes (36 and 45). */
function mouthOpening(landmarks: readonly Point[]): number {
  const distance = (a: number, b: number) =>
    Math.hypot(landmarks[a].x - landmarks[b].x, landmarks[a].y - landmarks[b].y);
  const eyes = distance(36, 45);
  return eyes === 0 ? 0 : (distance(61, 67) + distance(62, 66) + distance(63, 65)) / 3 / eyes;
}

function meanArea({ sightings }: Track<{ face: DetectedFace }>): number {
  return sightings.reduce((sum, { face: { box } }) => sum + box.width * box.height, 0) / sightings.length;
}
