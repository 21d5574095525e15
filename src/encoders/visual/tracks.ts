import type { DetectedFace } from '../face.js';

/** One person's face through a clip. */
export interface Track<T extends { face: DetectedFace }> {
  /** Frames in which it was found, in order. */
  frames: number[];
  /** What was kept of it in each of these frames. */
  sightings: T[];
}

/** Boxes that share less than this of their union show different people. */
const LEAST_OVERLAP = 0.2;
/** After this many frames without it, a face is another one. */
const LONGEST_GAP = 3;

/**
 * Links faces from frame to frame by the overlap of their boxes, the best match first.
 * @param found sightings by frame.
 */
export function trackFaces<T extends { face: DetectedFace }>(found: readonly (readonly T[])[]): Track<T>[] {
  const tracks: Track<T>[] = [];
  found.forEach((sightings, frame) => {
    const open = tracks.filter((track) => frame - (track.frames.at(-1) as number) <= LONGEST_GAP);
    const pairs = open
      .flatMap((track) =>
        sightings.map((sighting) => ({
          track,
          sighting,
          overlap: overlapOf((track.sightings.at(-1) as T).face.box, sighting.face.box),
        })),
      )
      .filter(({ overlap }) => overlap >= LEAST_OVERLAP)
      .sort((a, b) => b.overlap - a.overlap);
    const taken = new Set<unknown>();
    for (const { track, sighting } of pairs) {
      if (taken.has(track) || taken.has(sighting)) continue;
      taken.add(track).add(sighting);
      track.frames.push(frame);
      track.sightings.push(sighting);
    }
    for (const sighting of sightings) {
      if (!taken.has(sighting)) tracks.push({ frames: [frame], sightings: [sighting] });
    }
  });
  return tracks;
}

/** Intersection over union. */
function overlapOf(a: DetectedFace['box'], b: DetectedFace['box']): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
