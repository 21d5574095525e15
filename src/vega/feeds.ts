import { MODALITIES, type Modality } from '../base/modalities.js';
import type { Values } from '../graph/index.js';
import type { DropoutSite } from './builder.js';
import type { VegaConfig } from './config.js';
import type { PositionCode } from './position.js';
import type { Batch, VegaShape } from './types.js';

/** Added to the score of a key that must not be seen; e^-1e4 is 0 in float32. */
export const HIDDEN_SCORE = -1e4;

/** A batch with its sizes and the first row of each dialogue. */
export interface Layout {
  batch: Batch;
  /** Utterances, dialogues, utterances of the longest dialogue. */
  n: number;
  b: number;
  l: number;
  starts: number[];
}

export function layOut(batch: Batch): Layout {
  let n = 0;
  const starts = batch.lengths.map((length) => {
    n += length;
    return n - length;
  });
  return { batch, n, b: batch.lengths.length, l: Math.max(...batch.lengths), starts };
}

/** Values of the graph inputs that a batch decides. */
export class Feeds {
  private readonly config: VegaConfig;
  private readonly shape: VegaShape;
  readonly position: PositionCode;

  constructor(config: VegaConfig, shape: VegaShape, position: PositionCode) {
    this.config = config;
    this.shape = shape;
    this.position = position;
  }

  /** The value of one input, by the name that the graph gives it. @param classWeights [C], for the loss's inputs. */
  value(name: string, layout: Layout, classWeights?: Float32Array): Values {
    const { batch, n, b, l } = layout;
    const [kind, ...rest] = name.split('.');
    const modality = rest[0] as Modality | undefined;
    const { attentionHeads, hidden } = this.config;
    switch (kind) {
      case 'features':
        return matrix(batch.features[modality as Modality] as Float32Array, n);
      case 'speakers':
        return { data: this.speakers(layout), dims: [n, this.shape.speakers + 1] };
      case 'position':
        return { data: this.positions(layout), dims: [n, hidden] };
      case 'pack':
        return { data: this.packIndex(layout), dims: [n, attentionHeads] };
      case 'unpack':
        return { data: this.unpackIndex(layout, Number(rest[0]), Number(rest[1])), dims: [b, attentionHeads, l] };
      case 'keys':
        return this.keys(layout, modality);
      case 'keep': {
        const data = new Float32Array(b * l * l).fill(1);
        this.clearIdleRows(data, layout, 1, modality);
        return { data, dims: [b, 1, l, l] };
      }
      case 'present':
        return { data: Float32Array.from(presence(batch, modality) ?? new Uint8Array(n).fill(1)), dims: [n, 1] };
      case 'target':
        return { data: this.targets(layout, modality, classWeights as Float32Array), dims: [n, this.shape.classes] };
      case 'share':
        return { data: this.shares(layout, modality), dims: [n, 1] };
      case 'dialogue': {
        const data = batch.lengths.flatMap((length, d) => Array.from({ length }, () => BigInt(d)));
        return { data: BigInt64Array.from(data), dims: [n] };
      }
      default:
        throw new Error(`The graph has an input "${name}" that nothing feeds.`);
    }
  }

  /** How many values a dropout site needs for this batch. */
  siteDims(site: DropoutSite, { n, b, l }: Layout): number[] {
    const open: Record<string, number> = { utterances: n, dialogues: b, length: l };
    return site.shape.map((d) => (typeof d === 'number' ? d : open[d]));
  }

  /**
   * Zeroes, in attention weights' masks [B, heads, L, L], the rows of padded queries, and of queries for which no
   * utterance that they may see has the source: a softmax over hidden keys alone would show them all.
   */
  clearIdleRows(
    mask: Float32Array,
    { batch, l, starts }: Layout,
    attentionHeads: number,
    source: Modality | undefined,
  ): void {
    const there = presence(batch, source);
    batch.lengths.forEach((length, d) => {
      const sees = (q: number) => {
        if (q >= length) return false;
        const [from, end] = this.window(q, length);
        return !there || there.subarray(starts[d] + from, starts[d] + end).includes(1);
      };
      for (let q = 0; q < l; q++) {
        if (sees(q)) continue;
        for (let head = 0; head < attentionHeads; head++) {
          const row = ((d * attentionHeads + head) * l + q) * l;
          mask.fill(0, row, row + l);
        }
      }
    });
  }

  /** The utterances [from, end) of a dialogue that utterance q may see. */
  private window(q: number, length: number): [number, number] {
    switch (this.config.context) {
      case 'full':
        return [0, length];
      case 'causal':
        return [0, Math.min(q + 1, length)];
      case 'none':
        return [Math.min(q, length - 1), Math.min(q + 1, length)];
    }
  }

  private speakers({ batch, n }: Layout): Float32Array {
    const width = this.shape.speakers + 1;
    const data = new Float32Array(n * width);
    for (let i = 0; i < n; i++) data[i * width + batch.speakers[i]] = 1;
    return data;
  }

  private positions({ batch, n, starts }: Layout): Float32Array {
    const { hidden } = this.config;
    const data = new Float32Array(n * hidden);
    batch.lengths.forEach((length, d) => {
      for (let i = 0; i < length; i++) data.set(this.position.row(i), (starts[d] + i) * hidden);
    });
    return data;
  }

  private packIndex({ batch, n, l, starts }: Layout): BigInt64Array {
    const { attentionHeads } = this.config;
    const data = new BigInt64Array(n * attentionHeads);
    batch.lengths.forEach((length, d) => {
      for (let i = 0; i < length; i++) {
        for (let h = 0; h < attentionHeads; h++)
          data[(starts[d] + i) * attentionHeads + h] = BigInt((d * attentionHeads + h) * l + i);
      }
    });
    return data;
  }

  private unpackIndex({ batch, b, l, starts }: Layout, parts: number, part: number): BigInt64Array {
    const { attentionHeads } = this.config;
    const data = new BigInt64Array(b * attentionHeads * l);
    batch.lengths.forEach((length, d) => {
      for (let h = 0; h < attentionHeads; h++) {
        for (let i = 0; i < l; i++) {
          const row = starts[d] + Math.min(i, length - 1); // padding repeats the last utterance
          data[(d * attentionHeads + h) * l + i] = BigInt((row * parts + part) * attentionHeads + h);
        }
      }
    });
    return data;
  }

  private keys({ batch, b, l, starts }: Layout, source: Modality | undefined): Values {
    const queries = this.config.context === 'full' ? 1 : l;
    const there = presence(batch, source);
    const data = new Float32Array(b * queries * l).fill(HIDDEN_SCORE);
    batch.lengths.forEach((length, d) => {
      for (let q = 0; q < queries; q++) {
        const [from, end] = this.window(q, length);
        for (let k = from; k < end; k++) {
          if (!there || there[starts[d] + k] === 1) data[(d * queries + q) * l + k] = 0;
        }
      }
    });
    return { data, dims: [b, 1, queries, l] };
  }

  /** One-hot labels times class weight over the sum of the weights; zero where unlabelled or absent. */
  private targets({ batch, n }: Layout, modality: Modality | undefined, weights: Float32Array): Float32Array {
    const { classes } = this.shape;
    const labels = batch.labels as Int32Array;
    const there = presence(batch, modality);
    const counts = (i: number) => labels[i] >= 0 && (!there || there[i] === 1);
    let total = 0;
    for (let i = 0; i < n; i++) if (counts(i)) total += weights[labels[i]];
    const data = new Float32Array(n * classes);
    for (let i = 0; i < n; i++) if (counts(i)) data[i * classes + labels[i]] = weights[labels[i]] / total;
    return data;
  }

  /** 1/(utterances counted · classes) for each counted utterance. */
  private shares({ batch, n }: Layout, modality: Modality | undefined): Float32Array {
    const labels = batch.labels as Int32Array;
    const there = presence(batch, modality);
    const data = new Float32Array(n);
    for (let i = 0; i < n; i++) if (labels[i] >= 0 && (!there || there[i] === 1)) data[i] = 1;
    const count = data.reduce((a, v) => a + v, 0);
    return count === 0 ? data : data.map((v) => v / (count * this.shape.classes));
  }
}

const matrix = (data: Float32Array, rows: number): Values => ({ data, dims: [rows, data.length / rows] });

/** [N] presence of a modality, or undefined where it is everywhere (or no modality is meant). */
function presence(batch: Batch, modality: Modality | undefined): Uint8Array | undefined {
  if (modality === undefined || !MODALITIES.includes(modality)) return undefined;
  return batch.presence?.[modality];
}

/** The anchors as a graph input. @param counts how many sets a step needs by `anchorDraw`; prediction takes one. */
export function anchorValues(
  anchors: Float32Array | null,
  shape: VegaShape,
  counts?: { dialogue: number; utterance: number },
): Record<string, Values> {
  const { classes, anchorDim, prototypes = 1, learnedAnchors, anchorDraw = 'batch' } = shape;
  if (anchorDim === undefined || learnedAnchors) return {};
  const set = [classes * prototypes, anchorDim];
  const dims = counts && anchorDraw !== 'batch' ? [counts[anchorDraw], ...set] : set;
  if (anchors?.length !== dims.reduce((a, b) => a * b, 1)) {
    throw new Error(`The anchors given are not [${dims.join(', ')}].`);
  }
  return { anchors: { data: anchors, dims } };
}
