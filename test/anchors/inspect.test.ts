import { beforeAll, describe, expect, it } from 'vitest';
import { readAnchors } from '../../src/anchors/files.js';
import {
  type AnchorMap,
  buildBank,
  inspectAnchors,
  inspectionPage,
  mapAnchors,
  syntheticAnchors,
} from '../../src/anchors/index.js';
import { evenPart } from '../../src/anchors/inspect.js';

const angles = (...degrees: number[]) =>
  Float32Array.from(degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]));

/** Joy around 0°, anger around 90°, with one angry exemplar among the joyful and one joyful far out. */
const bank = buildBank(
  [
    { name: 'joy', embeddings: angles(-4, -3, -2, -1, 0, 1, 2, 3, 4, -40) },
    { name: 'anger', embeddings: angles(86, 88, 89, 91, 92, 94, 5) },
  ],
  2,
);

describe('inspectAnchors', () => {
  const inspection = inspectAnchors(bank);

  it('gives cosines between centres and the spread of each class', () => {
    expect(inspection.centreCosines[0][0]).toBe(1);
    expect(inspection.centreCosines[0][1]).toBe(inspection.centreCosines[1][0]);
    const equal = buildBank(
      [
        { name: 'a', embeddings: angles(0, 0) },
        { name: 'b', embeddings: angles(60) },
      ],
      2,
    );
    const { centreCosines, classes } = inspectAnchors(equal);
    expect(centreCosines[0][1]).toBeCloseTo(0.5, 6);
    expect(classes[0].spread).toBeCloseTo(0, 6);
    expect(inspection.classes[1].spread).toBeGreaterThan(inspection.classes[0].spread ?? 1);
  });

  it('judges each exemplar by centres made without it', () => {
    expect(inspection.leaveOneOut?.confusion).toEqual([
      [10, 0],
      [1, 6],
    ]);
    expect(inspection.leaveOneOut?.accuracy).toBeCloseTo(16 / 17, 12);
    expect(inspection.leaveOneOut?.majority).toBeCloseTo(10 / 17, 12);
    // With itself in its centre the far exemplar of two would be judged right.
    const two = buildBank(
      [
        { name: 'a', embeddings: angles(0, 80) },
        { name: 'b', embeddings: angles(100, 110) },
      ],
      2,
    );
    expect(inspectAnchors(two).leaveOneOut?.confusion[0]).toEqual([1, 1]);
  });

  it('finds the nearest pairs across classes and the outliers', () => {
    expect(inspection.nearestPairs[0]).toMatchObject({ a: { class: 0, index: 8 }, b: { class: 1, index: 6 } });
    expect(inspection.nearestPairs[0].cosine).toBeCloseTo(Math.cos(Math.PI / 180), 6);
    expect(inspection.outliers.map(({ exemplar }) => exemplar)).toEqual([
      { class: 1, index: 6 },
      { class: 0, index: 9 },
    ]);
    expect(inspection.outliers[0].nearest).toBe(0);
  });

  it('agrees with scikit-learn on the released anchors', () => {
    // LeaveOneOut over a nearest-centroid classifier by cosine: 243 of 245.
    const released = readAnchors('../shared/data/meld/anchors_faceexpr256.pt');
    expect(inspectAnchors(released).leaveOneOut?.accuracy).toBeCloseTo(243 / 245, 12);
  });

  it('has no accuracy where a class has a single exemplar', async () => {
    const single = syntheticAnchors(['joy', 'anger'], 4, 1, 1);
    expect(inspectAnchors(single).leaveOneOut).toBeUndefined();
    expect(await inspectionPage(single)).toContain('cannot be measured');
  });
});

describe('mapAnchors', () => {
  const faces = syntheticAnchors(['joy', 'anger', 'fear'], 16, 1, 30);
  const shown = evenPart([30, 30, 30], 90);
  let pca: AnchorMap;
  let umap: AnchorMap;
  beforeAll(async () => {
    [pca, umap] = await mapAnchors(faces, shown);
  });

  it('maps by PCA as the covariance matrix has it', () => {
    expect(pca.exemplars.length).toBe(90);
    const variance = (axis: 0 | 1) => pca.exemplars.reduce((sum, place) => sum + place[axis] ** 2, 0) / 89;
    const covariance = Array.from({ length: 16 }, () => new Float64Array(16));
    const rows = shown.map(({ class: c, index }) => faces.exemplars[c].subarray(index * 16, index * 16 + 16));
    const mean = Array.from({ length: 16 }, (_, d) => rows.reduce((sum, row) => sum + row[d] / 90, 0));
    for (const row of rows) {
      for (let a = 0; a < 16; a++)
        for (let b = 0; b < 16; b++) covariance[a][b] += ((row[a] - mean[a]) * (row[b] - mean[b])) / 89;
    }
    // Power iteration finds the largest eigenvalue.
    let vector = covariance.map((_, d) => 1 + d / 16);
    let largest = 0;
    for (let round = 0; round < 500; round++) {
      const next = covariance.map((line) => line.reduce((sum, value, d) => sum + value * vector[d], 0));
      largest = Math.hypot(...next);
      vector = next.map((value) => value / largest);
    }
    expect(variance(0)).toBeCloseTo(largest, 5);
    expect(variance(1)).toBeLessThan(variance(0));
    const trace = covariance.reduce((sum, line, d) => sum + line[d], 0);
    expect(pca.explained?.[0]).toBeCloseTo(largest / trace, 5);
  });

  it('maps by UMAP so that classes keep together, the same each time', async () => {
    expect((await mapAnchors(faces, shown))[1]).toEqual(umap);
    const distance = ([x, y]: number[], [u, v]: number[]) => Math.hypot(x - u, y - v);
    const right = umap.exemplars.filter((place, i) => {
      const distances = umap.centres.map((centre) => distance(place, centre));
      return distances.indexOf(Math.min(...distances)) === shown[i].class;
    });
    expect(right.length).toBeGreaterThan(80);
  });

  it('copes with few points', async () => {
    const few = syntheticAnchors(['joy', 'anger'], 4, 1, 1);
    expect((await mapAnchors(few, evenPart([1, 1], 9))).map(({ name }) => name)).toEqual(['PCA']);
    expect(await mapAnchors({ ...few, exemplars: [new Float32Array(0), new Float32Array(0)] }, [])).toEqual([]);
  });
});

describe('inspectionPage', () => {
  it('escapes names', async () => {
    const page = await inspectionPage(syntheticAnchors(['<b>joy</b>', 'anger"&'], 8, 1));
    expect(page).not.toContain('<b>joy');
    expect(page).toContain('&#60;b&#62;joy');
  });

  it('stays small, however large the thumbnails are', async () => {
    const many = syntheticAnchors(['joy', 'anger'], 4, 1, 100);
    const jpeg = new Uint8Array(20_000).fill(7);
    many.thumbnails = many.exemplars.map((rows) => Array(rows.length / 4).fill(jpeg));
    const page = await inspectionPage(many);
    expect(page.length).toBeLessThan(3_000_000);
    expect(page).toMatch(/An even part is shown: \d+ of 200/);
  });
});
