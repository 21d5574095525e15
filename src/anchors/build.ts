import { InputError } from '../base/errors.js';
import { buildBank, type ClassExemplars } from './bank.js';
import type { PictureFolder } from './pictures.js';
import type { AnchorBank } from './types.js';

/** What an encoder made of one picture file, or why it made nothing of it. */
export type EncodedExemplar =
  | { path: string; hash: string; embedding: Float32Array; thumbnail: Uint8Array }
  | { path: string; problem: string };

/** A new bank, and what there is to say about how it came to be. */
export interface BuiltAnchors {
  bank: AnchorBank;
  /** Why some pictures were skipped, one sentence each. */
  skipped: string[];
  /** Groups of files with the same bytes, by the names that the bank has for them. */
  duplicates: string[][];
}

/**
 * Builds anchors from a folder of face pictures, class by class. Only embeddings and thumbnails are kept in memory.
 * @param pictures what `scanPictures` found; @param encode embeds picture files, one result each, in order
 * (`encodePictureFiles` of src/encoders); @param onProgress called after every picture.
 * @throws InputError where none of a class's pictures can be used.
 */
export async function buildAnchors(
  { folder, classes }: PictureFolder,
  encoder: { name: string; dim: number },
  encode: (paths: readonly string[]) => AsyncIterable<EncodedExemplar>,
  onProgress?: (done: number, total: number) => void,
): Promise<BuiltAnchors> {
  const total = classes.reduce((sum, one) => sum + one.files.length, 0);
  const skipped: string[] = [];
  const byHash = new Map<string, string[]>();
  const made: ClassExemplars[] = [];
  let done = 0;
  for (const { name, files } of classes) {
    const embeddings = new Float32Array(files.length * encoder.dim);
    const sources: { name: string; hash: string }[] = [];
    const thumbnails: Uint8Array[] = [];
    const problems: string[] = [];
    let at = 0;
    for await (const file of encode(files.map((each) => `${folder}/${each}`))) {
      const source = files[at++];
      if ('problem' in file) problems.push(file.problem);
      else {
        embeddings.set(file.embedding, sources.length * encoder.dim);
        sources.push({ name: source, hash: file.hash });
        thumbnails.push(file.thumbnail);
        const same = byHash.get(file.hash);
        if (same === undefined) byHash.set(file.hash, [source]);
        else same.push(source);
      }
      onProgress?.(++done, total);
    }
    if (sources.length === 0) throw emptyClass(name, problems);
    skipped.push(...problems);
    made.push({ name, embeddings: embeddings.subarray(0, sources.length * encoder.dim), sources, thumbnails });
  }
  return {
    bank: buildBank(made, encoder.dim, encoder.name),
    skipped,
    duplicates: [...byHash.values()].filter((names) => names.length > 1),
  };
}

function emptyClass(name: string, problems: readonly string[]): InputError {
  const more = problems.length > 3 ? ` … and ${problems.length - 3} more.` : '';
  return new InputError(
    `The class "${name}" is left without a picture: none of its ${problems.length} can be used. ${problems.slice(0, 3).join(' ')}${more}`,
  );
}
