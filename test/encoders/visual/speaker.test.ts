import { describe, expect, it } from 'vitest';
import type { DetectedFace } from '../../../src/encoders/index.js';
import { chooseSpeaker, mouthMovement } from '../../../src/encoders/visual/speaker.js';
import { trackFaces } from '../../../src/encoders/visual/tracks.js';

/** A face whose inner lips are `opening` eye distances apart. */
function face(x: number, side: number, opening = 0): { face: DetectedFace } {
  const landmarks = Array.from({ length: 68 }, () => ({ x: x + side / 2, y: side / 2 }));
  landmarks[36] = { x, y: 0 };
  landmarks[45] = { x: x + side, y: 0 };
  for (const lower of [65, 66, 67]) landmarks[lower] = { x: x + side / 2, y: side / 2 + opening * side };
  return { face: { box: { x, y: 0, width: side, height: side }, score: 1, landmarks } };
}

describe('trackFaces', () => {
  it('follows faces that move, and starts anew after a cut', () => {
    const tracks = trackFaces([
      [face(0, 100), face(300, 100)],
      [face(310, 100), face(20, 100)],
      [face(40, 100)],
      [face(600, 100)],
    ]);
    expect(tracks.map(({ frames }) => frames)).toEqual([[0, 1, 2], [0, 1], [3]]);
    expect(tracks[0].sightings.map(({ face: { box } }) => box.x)).toEqual([0, 20, 40]);
  });

  it('bridges frames in which a face was missed, but not many', () => {
    expect(trackFaces([[face(0, 100)], [], [face(0, 100)]])).toHaveLength(1);
    expect(trackFaces([[face(0, 100)], [], [], [], [face(0, 100)]])).toHaveLength(2);
  });
});

describe('chooseSpeaker', () => {
  const still = (x: number, side: number) => [0, 0, 0, 0].map(() => face(x, side, 0.01));
  const talking = (x: number, side: number) => [0, 0.2, 0.05, 0.25].map((opening) => face(x, side, opening));
  const scene = (...people: { face: DetectedFace }[][]) =>
    trackFaces([0, 1, 2, 3].map((i) => people.flatMap((p) => p[i] ?? [])));
  const chosen = (...people: { face: DetectedFace }[][]) => chooseSpeaker(scene(...people))?.sightings[0].face.box.x;

  it('takes the mouth that moves, be it the smaller face', () => {
    expect(chosen(still(0, 200), talking(400, 80))).toBe(400);
  });

  it('takes the larger of two faces that move alike', () => {
    expect(chosen(talking(0, 80), talking(400, 200))).toBe(400);
    expect(chosen(still(0, 200), still(400, 80))).toBe(0);
  });

  it('does not take a passer-by', () => {
    expect(chosen(still(0, 80), talking(400, 200).slice(1, 2))).toBe(0);
  });

  it('finds nobody where nobody is', () => {
    expect(chooseSpeaker(trackFaces([[], []]))).toBeUndefined();
  });

  it('measures movement in distances between the eyes', () => {
    const track = (side: number) => scene(talking(0, side))[0];
    expect(mouthMovement(track(100))).toBeCloseTo((0.2 + 0.15 + 0.2) / 3, 5);
    expect(mouthMovement(track(50))).toBeCloseTo(mouthMovement(track(100)), 5);
  });
});
