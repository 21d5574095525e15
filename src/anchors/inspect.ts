import { cosine, dot, meanRow, row } from './rows.js';
import type { AnchorBank } from './types.js';

/** One exemplar of a bank. */
export interface ExemplarRef {
  /** Indices into `bank.classes` and into that class's exemplars. */
  class: number;
  index: number;
}

/** How the exemplars of one class lie. */
export interface ClassInspection {
  name: string;
  exemplars: number;
  /** Mean over its exemplars of 1 - cosine to the class's centre; undefined without exemplars. */
  spread?: number;
  /** Share of its exemplars that lie nearest to their own class's centre, made without them. */
  accuracy?: number;
}

/** What a bank's faces alone can tell. All similarities are cosines, as the model's are. */
export interface Inspection {
  classes: ClassInspection[];
  /** [C][C] between centres. */
  centreCosines: number[][];
  /**
   * Nearest-centre classification of every exemplar, its own class's centre made of the others; of classes with at
   * least two exemplars. Undefined where no class has that many.
   */
  leaveOneOut?: {
    accuracy: number;
    /** What always guessing the largest class would reach. */
    majority: number;
    /** [C][C] counts: row = true class, column = nearest centre. */
    confusion: number[][];
  };
  /** Exemplars of different classes that lie nearest to each other, nearest first. */
  nearestPairs: { a: ExemplarRef; b: ExemplarRef; cosine: number }[];
  /** Exemplars far from the centre of the others of their class, farthest first. */
  outliers: { exemplar: ExemplarRef; cosine: number; nearest: number; nearestCosine: number }[];
  /** True where pairs were looked for among a part of the exemplars only, because there are so many. */
  pairsOfPart: boolean;
}

/** Every pair is compared; beyond this many exemplars, an even part of each class. */
const PAIR_LIMIT = 2000;
const PAIRS = 12;
const OUTLIERS = 16;
/** Robust deviations below the class's median that make an outlier. */
const OUTLIER_DEVIATIONS = 3;

/** Measures how far the faces of a bank separate its classes. */
export function inspectAnchors(bank: AnchorBank): Inspection {
  const { classes, dim } = bank;
  const centre = (c: number) => row(bank.centres, dim, c);
  const counts = bank.exemplars.map((rows) => rows.length / dim);
  const judged = judgeLeftOut(bank);
  const confusion = classes.map(() => classes.map(() => 0));
  for (const { exemplar, nearest } of judged) confusion[exemplar.class][nearest]++;
  const inspection: Inspection = {
    classes: classes.map((name, c) => {
      const one: ClassInspection = { name, exemplars: counts[c] };
      if (counts[c] > 0) {
        one.spread = mean(
          Array.from({ length: counts[c] }, (_, i) => 1 - cosine(row(bank.exemplars[c], dim, i), centre(c))),
        );
      }
      if (counts[c] > 1) one.accuracy = confusion[c][c] / counts[c];
      return one;
    }),
    centreCosines: classes.map((_, a) => classes.map((__, b) => (a === b ? 1 : cosine(centre(a), centre(b))))),
    ...nearestPairs(bank),
    outliers: outliers(judged, classes.length),
  };
  if (judged.length > 0) {
    const sizes = confusion.map((line) => line.reduce((sum, n) => sum + n, 0));
    inspection.leaveOneOut = {
      accuracy: confusion.reduce((sum, line, c) => sum + line[c], 0) / judged.length,
      majority: Math.max(...sizes) / judged.length,
      confusion,
    };
  }
  return inspection;
}

interface Judged {
  exemplar: ExemplarRef;
  /** To the centre of the other exemplars of its class. */
  cosine: number;
  /** Class of the nearest centre, its own included, and the cosine to the nearest of another class. */
  nearest: number;
  nearestCosine: number;
}

/** Every exemplar against all centres, its own class's made without it. */
function judgeLeftOut({ exemplars, centres, dim, classes }: AnchorBank): Judged[] {
  const judged: Judged[] = [];
  for (const [c, rows] of exemplars.entries()) {
    const count = rows.length / dim;
    if (count < 2) continue;
    const all = meanRow(rows, dim);
    const others = new Float32Array(dim);
    for (let i = 0; i < count; i++) {
      const exemplar = row(rows, dim, i);
      for (let d = 0; d < dim; d++) others[d] = (all[d] * count - exemplar[d]) / (count - 1);
      const own = cosine(exemplar, others);
      let rival = -1;
      let rivalCosine = Number.NEGATIVE_INFINITY;
      for (let other = 0; other < classes.length; other++) {
        if (other === c) continue;
        const similarity = cosine(exemplar, row(centres, dim, other));
        if (similarity > rivalCosine) [rival, rivalCosine] = [other, similarity];
      }
      judged.push({
        exemplar: { class: c, index: i },
        cosine: own,
        nearest: own >= rivalCosine ? c : rival,
        nearestCosine: Math.max(own, rivalCosine),
      });
    }
  }
  return judged;
}

/** Exemplars whose cosine to their own centre is far below what is usual in their class (median and MAD). */
function outliers(judged: readonly Judged[], classes: number): Inspection['outliers'] {
  const found: { one: Judged; deviations: number }[] = [];
  for (let c = 0; c < classes; c++) {
    const members = judged.filter(({ exemplar }) => exemplar.class === c);
    const middle = median(members.map((one) => one.cosine));
    // 1.4826 makes the median absolute deviation estimate a normal distribution's standard deviation.
    const deviation = 1.4826 * median(members.map((one) => Math.abs(one.cosine - middle)));
    for (const one of members) {
      const deviations = (middle - one.cosine) / Math.max(deviation, 1e-9);
      if (deviations > OUTLIER_DEVIATIONS) found.push({ one, deviations });
    }
  }
  return found
    .sort((a, b) => b.deviations - a.deviations)
    .slice(0, OUTLIERS)
    .map(({ one }) => one);
}

function nearestPairs({ exemplars, dim }: AnchorBank): Pick<Inspection, 'nearestPairs' | 'pairsOfPart'> {
  const refs = evenPart(
    exemplars.map((rows) => rows.length / dim),
    PAIR_LIMIT,
  );
  const total = exemplars.reduce((sum, rows) => sum + rows.length / dim, 0);
  const best: Inspection['nearestPairs'] = [];
  for (const [i, a] of refs.entries()) {
    const one = row(exemplars[a.class], dim, a.index);
    for (let j = i + 1; j < refs.length; j++) {
      const b = refs[j];
      if (b.class === a.class) continue;
      // Exemplars have unit length.
      const similarity = dot(one, row(exemplars[b.class], dim, b.index));
      if (best.length === PAIRS && similarity <= best[PAIRS - 1].cosine) continue;
      best.push({ a, b, cosine: similarity });
      best.sort((x, y) => y.cosine - x.cosine);
      best.length = Math.min(best.length, PAIRS);
    }
  }
  return { nearestPairs: best, pairsOfPart: refs.length < total };
}

/**
 * At most `limit` exemplars, evenly out of every class.
 * @param counts exemplars of each class.
 */
export function evenPart(counts: readonly number[], limit: number): ExemplarRef[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const share = Math.min(1, limit / Math.max(1, total));
  return counts.flatMap((count, c) => {
    const taken = Math.floor(count * share);
    return Array.from({ length: taken }, (_, i) => ({ class: c, index: Math.floor((i * count) / taken) }));
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
