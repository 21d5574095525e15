import { existsSync, readdirSync, statSync } from 'node:fs';
import { buildAnchors } from '../../anchors/build.js';
import { readAnchors, scanPictures } from '../../anchors/files.js';
import type { AnchorBank } from '../../anchors/types.js';
import { InputError } from '../../base/errors.js';
import type { ImageEncoderChoice } from '../../encoders/index.js';
import type { FaceSource, GivenFaces, RunAnchors } from '../faces.js';

/** Faces in memory, of an anchor file, or of a folder of pictures with a subfolder a class. */
export function faceSource(faces: string | AnchorBank): FaceSource {
  return async (anchors) => {
    if (typeof faces !== 'string') return { bank: faces };
    if (!existsSync(faces)) throw new InputError(`${faces}: there is no such folder of faces or anchor file.`);
    return statSync(faces).isDirectory() ? encodeFolder(faces, anchors) : { bank: readAnchors(faces) };
  };
}

/** Encodes pictures as they are, with the encoder that made the model's anchors. */
async function encodeFolder(folder: string, { encoder: name }: RunAnchors): Promise<GivenFaces> {
  const instead = 'Give an anchor file of the faces ("vega-merc anchors build") with the encoder of the model instead.';
  if (name === undefined) {
    throw new InputError(
      `The pictures in ${folder} cannot be compared: the model does not say which encoder saw its anchors. ${instead}`,
    );
  }
  const choice = encoderByName(name);
  if (choice === undefined) {
    throw new InputError(
      `The pictures in ${folder} cannot be compared: the model's anchors were seen by ${name}, which is not opened by its name. ${instead}`,
    );
  }
  // First, so that nobody waits for a network to learn of a mistyped folder.
  const pictures = scanPictures(folder, classFolders(folder));
  const { encodePictureFiles, openImageEncoder } = await import('../../encoders/index.js');
  const encoder = await openImageEncoder(choice);
  try {
    const { bank, skipped } = await buildAnchors(pictures, encoder, (paths) => encodePictureFiles(paths, encoder));
    const { leftOut } = pictures;
    return {
      bank,
      notes: [
        ...(skipped.length > 0 ? [`${skipped.length} pictures were skipped: ${skipped.slice(0, 3).join(' ')}`] : []),
        ...(leftOut.length > 0
          ? [`${leftOut.length} pictures are in no class's folder, and not used: ${leftOut.slice(0, 3).join(', ')}`]
          : []),
      ],
    };
  } finally {
    await encoder.dispose();
  }
}

/** The subfolders are the classes, whatever they are called. */
function classFolders(folder: string): string[] {
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== '__MACOSX')
    .map((entry) => entry.name)
    .sort();
  if (names.length >= 2) return names;
  throw new InputError(
    `${folder} has ${names.length === 0 ? 'no subfolder' : 'one subfolder only'}; it needs one for each class, with pictures of faces in it.`,
  );
}

/** @param name what anchors record of their encoder: that of the face network, or the hub id of a CLIP model. */
export function encoderByName(name: string): ImageEncoderChoice | undefined {
  if (name === 'face-expression') return { encoder: name };
  return /^[\w.-]+\/[\w.-]+$/.test(name) ? { encoder: 'clip', model: name } : undefined;
}
