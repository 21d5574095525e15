import { EXPRESSION_DIM, EXPRESSIONS, type FaceTools } from '../face.js';
import type { ImageEncoder } from '../image.js';
import type { Picture } from '../imagePicture.js';
import { createPooling, statisticColumns } from '../pooling.js';
import type { FaceEncoder } from './faces.js';

/** An embedding's statistics over a clip's frames, and the expressions read in them. */
export interface FacePart {
  readonly dim: number;
  begin(): { see(crops: readonly Picture[]): Promise<void>; finish(): Float32Array };
  dispose(): Promise<void>;
}

/** What each number of an `expressionPart` row is. */
export const EXPRESSION_COLUMNS: readonly string[] = [
  ...statisticColumns(EXPRESSION_DIM, ['mean', 'deviation', 'peak']),
  ...['mean', 'largest'].flatMap((statistic) => EXPRESSIONS.map((name) => `${name}.${statistic}`)),
];

/**
 * The expression network: mean and deviation of its 256-d embedding, the embedding in the frame furthest from neutral,
 * and the mean and largest probability of each expression.
 */
export function expressionPart({ express }: FaceTools): FacePart {
  const classes = EXPRESSIONS.length;
  return {
    dim: EXPRESSION_COLUMNS.length,
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

/** Several parts' rows one after the other, of the same crops. */
export function faceEncoder(parts: readonly FacePart[], tools: FaceTools, rate: number): FaceEncoder {
  return {
    dim: parts.reduce((sum, part) => sum + part.dim, 0),
    rate,
    tools,
    begin() {
      const streams = parts.map((part) => part.begin());
      return {
        async see(crops) {
          for (const stream of streams) await stream.see(crops);
        },
        finish: () => Float32Array.of(...streams.flatMap((stream) => [...stream.finish()])),
      };
    },
    async dispose() {
      for (const part of parts) await part.dispose();
    },
  };
}
