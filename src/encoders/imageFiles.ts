import { readFile } from 'node:fs/promises';
import { InputError } from '../base/errors.js';
import { diskError } from '../base/files.js';
import { sha256 } from '../base/sha256.js';
import { loadFaceTools } from './face.js';
import { cropFace } from './faceCrop.js';
import type { ImageEncoder } from './image.js';
import { decodePicture, loadSharp, type Picture, thumbnail } from './imagePicture.js';

/** What became of one picture file: its embedding, or why it has none. */
export type EncodedFile =
  | { path: string; hash: string; embedding: Float32Array; thumbnail: Uint8Array }
  | { path: string; problem: string };

type DecodedFile =
  | { path: string; hash: string; picture: Picture; thumbnail: Uint8Array }
  | { path: string; problem: string };

/** Pictures that one network run takes. */
const BATCH = 16;
/** Pictures decoded at once: each may need some hundred megabytes while it is. */
const DECODERS = 2;

/**
 * Encodes picture files one batch after the other, while the next is being decoded: memory does not grow with their
 * number. A file that cannot be used costs only itself.
 * @param faces find the most certain face of each picture and encode its aligned crop instead of the picture.
 */
export async function* encodePictureFiles(
  paths: readonly string[],
  encoder: ImageEncoder,
  { faces = false }: { faces?: boolean } = {},
): AsyncGenerator<EncodedFile> {
  await loadSharp();
  const prepare = faces ? await faceFinder() : async (picture: Picture) => picture;
  const decode = (at: number) => {
    const decoded = decodeAll(paths.slice(at, at + BATCH), prepare);
    // Whoever stops before the next batch must not leave its failure to nobody; whoever awaits it still gets it.
    decoded.catch(() => undefined);
    return decoded;
  };
  let next = decode(0);
  for (let at = 0; at < paths.length; at += BATCH) {
    const files = await next;
    next = decode(at + BATCH);
    const pictures = files.flatMap((file) => ('picture' in file ? [file.picture] : []));
    const embeddings = await encoder.embed(pictures);
    let row = 0;
    for (const file of files) {
      if ('problem' in file) yield file;
      else {
        const embedding = embeddings.slice(row * encoder.dim, (row + 1) * encoder.dim);
        row++;
        yield { path: file.path, hash: file.hash, embedding, thumbnail: file.thumbnail };
      }
    }
  }
}

async function decodeAll(
  paths: readonly string[],
  prepare: (picture: Picture) => Promise<Picture | undefined>,
): Promise<DecodedFile[]> {
  const files: DecodedFile[] = new Array(paths.length);
  let taken = 0;
  const work = async () => {
    while (taken < paths.length) {
      const i = taken++;
      files[i] = await decodeFile(paths[i], prepare);
    }
  };
  await Promise.all(Array.from({ length: DECODERS }, work));
  return files;
}

async function decodeFile(
  path: string,
  prepare: (picture: Picture) => Promise<Picture | undefined>,
): Promise<DecodedFile> {
  try {
    const bytes = await readFile(path);
    const picture = await prepare(await decodePicture(bytes, path));
    if (picture === undefined) return { path, problem: `${path} shows no face that can be found.` };
    return { path, hash: sha256(bytes), picture, thumbnail: await thumbnail(picture) };
  } catch (error) {
    const known = diskError(path, error);
    if (!(known instanceof InputError)) throw error;
    return { path, problem: known.message };
  }
}

/** Finds the face of a picture: first for faces anywhere in it, then for one that fills it. */
async function faceFinder(): Promise<(picture: Picture) => Promise<Picture | undefined>> {
  const tools = await loadFaceTools();
  return async (picture) => {
    for (const options of [{ inputSize: 416, minConfidence: 0.5 }, { inputSize: 224 }]) {
      const [face] = await tools.detect(picture, options);
      if (face !== undefined) return cropFace(picture, face);
    }
    return undefined;
  };
}
