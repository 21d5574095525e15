/** Where an exemplar came from. */
export interface ExemplarSource {
  /** File name, relative to the folder that the anchors were built from. */
  name: string;
  /** SHA-256 of the file. */
  hash: string;
}

/** Exemplar embeddings and centres of every emotion class, in the embedding space of one image encoder. */
export interface AnchorBank {
  /** Class names, in the order of `centres` and `exemplars`. */
  classes: string[];
  /** Dimension D of the embedding. */
  dim: number;
  /** [C, D]: mean of the L2-normalised exemplars of a class (not normalised again; the model normalises). */
  centres: Float32Array;
  /** For each class its exemplars [n, D], L2-normalised. */
  exemplars: Float32Array[];
  /** What made the embeddings, e.g. "openai/clip-vit-base-patch32" or "face-expression"; undefined where a file does not say. */
  encoder?: string;
  /** File name and SHA-256 of every exemplar a class, where known. */
  sources?: ExemplarSource[][];
  /** JPEG thumbnails of exemplars a class, where the file holds them. */
  thumbnails?: (Uint8Array | undefined)[][];
  /** SHA-256 over class names, centres and exemplars; the same in whatever order and under whichever alias. */
  hash: string;
}

/**
 * Where anchors are compared: as the image encoder gave them ("raw", as published), with the mean face subtracted
 * ("centred": centres of faces have cosines of 0.4 to 0.8, since most of an embedding says "a face"), or besides with
 * what faces of one emotion differ in made equally wide in every direction ("whitened").
 */
export const ANCHOR_SPACES = ['raw', 'centred', 'whitened'] as const;
export type AnchorSpaceName = (typeof ANCHOR_SPACES)[number];
