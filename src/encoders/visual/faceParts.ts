import { EXPRESSION_DIM, EXPRESSIONS, type FaceTools } from '../face.js';
import { type Framing, TIGHT, WIDE } from '../faceCrop.js';
import type { ImageEncoder } from '../image.js';
import type { Picture } from '../imagePicture.js';
import { createPooling, statisticColumns } from '../pooling.js';
import type { FaceEncoder } from './faces.js';

/** An embedding's statistics over a clip's frames, and the expressions read in them. */
export interface FacePart {
  readonly dim: number;
  /** What its crops show. */
  readonly framing: Framing;
  begin(): { see(crops: readonly Picture[]): Promise<void>; finish(): Float32Array };
  dispose(): Promise<void>;
}

/** What each number of an `expressionPart` row is. */
export const EXPRESSION_COLUMNS: readonly string[] = [
  ...statisticColumns(EXPRESSION_DIM, ['mean', 'deviation', 'peak']),
  ...['mean', 'largest'].flatMap((statistic) => EXPRESSIONS.map((name) => `${name}.${statistic}`)),
];

/** What each number of an `expressionMeanPart` row is. */
export const EXPRESSION_MEAN_COLUMNS: readonly string[] = [
  ...statisticColumns(EXPRESSION_DIM, ['mean']),
  ...EXPRESSIONS.map((name) => `${name}.mean`),
];

/**
 * The expression network's means alone, so that a row means the same of a single picture and of a film: of its 256-d
 * embedding, and of the probability of each expression.
 */
export function expressionMeanPart({ express }: FaceTools): FacePart {
  const classes = EXPRESSIONS.length;
  return {
    dim: EXPRESSION_MEAN_COLUMNS.length,
    framing: TIGHT,
    begin() {
      const embeddings = createPooling(EXPRESSION_DIM);
      const expressions = createPooling(classes);
      return {
        async see(crops) {
          const seen = await express(crops);
          for (let i = 0; i < crops.length; i++) {
            embeddings.add(seen.embeddings.subarray(i * EXPRESSION_DIM, (i + 1) * EXPRESSION_DIM));
            expressions.add(seen.probabilities.subarray(i * classes, (i + 1) * classes));
          }
        },
        finish: () => Float32Array.of(...embeddings.mean(), ...expressions.mean()),
      };
    },
    dispose: async () => {},
  };
}

/**
 * The expression network: mean and deviation of its 256-d embedding, the embedding in the frame furthest from neutral,
 * and the mean and largest probability of each expression.
 */
export function expressionPart({ express }: FaceTools): FacePart {
  const classes = EXPRESSIONS.length;
  return {
    dim: EXPRESSION_COLUMNS.length,
    framing: WIDE,
    begin() {
      const embeddings = createPooling(EXPRESSION_DIM);
      const expressions = createPooling(classes);
      const largest = new Float32Array(classes);
      const peak = new Float32Array(EXPRESSION_DIM);
      let farthest = -1;
      return {
        async see(crops) {
          const seen = await express(crops);
          for (let i = 0; i < crops.length; i++) {
            const embedding = seen.embeddings.subarray(i * EXPRESSION_DIM, (i + 1) * EXPRESSION_DIM);
            const probabilities = seen.probabilities.subarray(i * classes, (i + 1) * classes);
            embeddings.add(embedding);
            expressions.add(probabilities);
            probabilities.forEach((p, c) => {
              largest[c] = Math.max(largest[c], p);
            });
            // EXPRESSIONS begins with neutral.
            if (1 - probabilities[0] <= farthest) continue;
            farthest = 1 - probabilities[0];
            peak.set(embedding);
          }
        },
        finish: () =>
          Float32Array.of(...embeddings.mean(), ...embeddings.deviation(), ...peak, ...expressions.mean(), ...largest),
      };
    },
    dispose: async () => {},
  };
}

/** Any picture encoder: mean and deviation of its embedding. */
export function picturePart(encoder: ImageEncoder): FacePart {
  return {
    dim: 2 * encoder.dim,
    framing: WIDE,
    begin() {
      const pooling = createPooling(encoder.dim);
      return {
        async see(crops) {
          const rows = await encoder.embed(crops);
          for (let i = 0; i < crops.length; i++) pooling.add(rows.subarray(i * encoder.dim, (i + 1) * encoder.dim));
        },
        finish: () => Float32Array.of(...pooling.mean(), ...pooling.deviation()),
      };
    },
    dispose: () => encoder.dispose(),
  };
}

/** Several parts' rows one after the other, of the same faces. */
export function faceEncoder(parts: readonly FacePart[], tools: FaceTools, rate: number): FaceEncoder {
  const framings = [...new Set(parts.map(({ framing }) => framing))];
  return {
    dim: parts.reduce((sum, part) => sum + part.dim, 0),
    rate,
    tools,
    framings,
    begin() {
      const streams = parts.map((part) => ({ ...part.begin(), framed: framings.indexOf(part.framing) }));
      return {
        async see(faces) {
          for (const { see, framed } of streams) await see(faces.map((crops) => crops[framed]));
        },
        finish: () => Float32Array.of(...streams.flatMap((stream) => [...stream.finish()])),
      };
    },
    async dispose() {
      for (const part of parts) await part.dispose();
    },
  };
}
