import type { ImageEncoder } from './image.js';
import type { Picture } from './imagePicture.js';
import { fromEncoders } from './packages.js';

type FaceApi = typeof import('@vladmandic/face-api/dist/face-api.node-wasm.js');

/** Name of the expression network that ships inside @vladmandic/face-api; it is not CLIP. */
export const FACE_EXPRESSION = 'face-expression';
/** Dimension of its penultimate layer. */
export const EXPRESSION_DIM = 256;
/** Its classes, in the order of its probabilities. */
export const EXPRESSIONS = ['neutral', 'happy', 'sad', 'angry', 'fearful', 'disgusted', 'surprised'] as const;

export interface Point {
  x: number;
  y: number;
}

/** A face in a picture; every number is in pixels of that picture. */
export interface DetectedFace {
  box: { x: number; y: number; width: number; height: number };
  /** Confidence of the detector, 0 to 1. */
  score: number;
  /** The 68 points of the iBUG annotation: 0-16 jaw, 17-26 brows, 27-35 nose, 36-41 and 42-47 eyes, 48-67 mouth. */
  landmarks: Point[];
}

/** What the expression network says of n face crops. */
export interface Expressions {
  /** [n, 256]: the layer before the classes, not normalised. */
  embeddings: Float32Array;
  /** [n, 7], in the order of EXPRESSIONS. */
  probabilities: Float32Array;
}

export interface DetectionOptions {
  /** Side of the detector's input, a multiple of 32: a larger one finds smaller faces and takes longer. */
  inputSize?: number;
  /** Faces below this confidence, 0 to 1, are left out. */
  minConfidence?: number;
}

/** The face networks; one instance serves the whole process. */
export interface FaceTools {
  /** Faces with their landmarks, most certain first. */
  detect(picture: Picture, options?: DetectionOptions): Promise<DetectedFace[]>;
  /** Reads expressions of pictures that show one face each and little else, one network run for all. */
  express(faces: readonly Picture[]): Promise<Expressions>;
}

let tools: Promise<FaceTools> | undefined;

/**
 * Loads the face networks from the package's own files; nothing is downloaded.
 * @throws InputError with the line that installs them, where they are missing.
 */
export function loadFaceTools(): Promise<FaceTools> {
  tools ??= openFaceTools().catch((error) => {
    tools = undefined;
    throw error;
  });
  return tools;
}

/** The expression network as a picture encoder: 256-d, offline. Give it crops that show one face each. */
export async function openFaceExpressionEncoder(): Promise<ImageEncoder> {
  const { express } = await loadFaceTools();
  return {
    name: FACE_EXPRESSION,
    dim: EXPRESSION_DIM,
    embed: async (pictures) => (await express(pictures)).embeddings,
    dispose: async () => {},
  };
}

async function openFaceTools(): Promise<FaceTools> {
  const { faceApi: module, models } = await fromEncoders('Reading faces', ({ openFaceApi }) => openFaceApi());
  const faceApi = module as FaceApi;
  const { nets, tf } = faceApi;

  // The small detector: it finds more of the faces in low-resolution pictures than the larger one, twelve times faster.
  const detect = async (picture: Picture, { inputSize = 416, minConfidence = 0.3 }: DetectionOptions = {}) => {
    if (!nets.tinyFaceDetector.isLoaded) await nets.tinyFaceDetector.loadFromDisk(models);
    if (!nets.faceLandmark68Net.isLoaded) await nets.faceLandmark68Net.loadFromDisk(models);
    const pixels = toTensor(picture);
    try {
      const options = new faceApi.TinyFaceDetectorOptions({ inputSize, scoreThreshold: minConfidence });
      const found = await faceApi.detectAllFaces(pixels, options).withFaceLandmarks();
      return found
        .map(({ detection, landmarks }) => ({
          box: {
            x: detection.box.x,
            y: detection.box.y,
            width: detection.box.width,
            height: detection.box.height,
          },
          score: detection.score,
          landmarks: landmarks.positions.map(({ x, y }) => ({ x, y })),
        }))
        .sort((a, b) => b.score - a.score);
    } finally {
      pixels.dispose();
    }
  };

  const express = async (faces: readonly Picture[]): Promise<Expressions> => {
    if (faces.length === 0) return { embeddings: new Float32Array(0), probabilities: new Float32Array(0) };
    const net = nets.faceExpressionNet;
    if (!net.isLoaded) await net.loadFromDisk(models);
    const pixels = faces.map(toTensor);
    const input = await faceApi.toNetInput(pixels);
    const [embedded, probable] = tf.tidy(() => {
      const features = net.faceFeatureExtractor.forwardInput(input);
      // Its output has been through the softmax.
      return [features, net.forwardInput(features)];
    });
    const [embeddings, probabilities] = await Promise.all([embedded.data(), probable.data()]);
    for (const tensor of [...pixels, embedded, probable]) tensor.dispose();
    // Copies: the networks' memory is reused by the next run.
    return { embeddings: Float32Array.from(embeddings), probabilities: Float32Array.from(probabilities) };
  };

  const toTensor = ({ data, width, height }: Picture) => tf.tensor3d(data, [height, width, 3], 'int32');
  return { detect, express };
}
