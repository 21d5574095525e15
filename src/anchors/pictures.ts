import { canonicalEmotion, EMOTION_NAMES, matchClasses } from '../base/emotions.js';
import { InputError } from '../base/errors.js';
import { nearestName } from '../base/names.js';

/** Names of picture files. */
export const PICTURE = /\.(jpe?g|png|webp)$/i;

/** Pictures of one class. */
export interface ClassPictures {
  name: string;
  /** File names relative to the folder, with "/" between their parts, sorted. */
  files: string[];
  /** What in the files' paths named the class, and how many pictures did so. */
  namedBy: Map<string, number>;
}

/** The pictures of a folder by class. */
export interface PictureFolder {
  folder: string;
  classes: ClassPictures[];
  /** Pictures that belong to none of the wanted classes. */
  leftOut: string[];
}

/**
 * Tells the class of each picture (jpg, png, webp) of a folder: the deepest folder whose name means an emotion; else an emotion as a word in a folder's name, else in the file's. Names meet through the alias table.
 * @param files names relative to the folder, with "/" between their parts
 * @param wanted class names, in order, where the alias table's are not wanted; other pictures are then left out.
 * @throws InputError where there is no picture, a class cannot be told, or a wanted class has no picture.
 */
export function sortPictures(folder: string, files: readonly string[], wanted?: readonly string[]): PictureFolder {
  if (files.length === 0) throw new InputError(`${folder} holds no picture (.jpg, .jpeg, .png or .webp).`);
  const classOf = wanted === undefined ? knownEmotion : (name: string) => oneOf(wanted, name);
  const found = new Map<string, ClassPictures>((wanted ?? []).map((name) => [name, emptyClass(name)]));
  const unknown: string[] = [];
  for (const file of files) {
    const named = nameClass(file, classOf);
    if (named === undefined) {
      unknown.push(file);
      continue;
    }
    let one = found.get(named.name);
    if (one === undefined) {
      one = emptyClass(named.name);
      found.set(named.name, one);
    }
    one.files.push(file);
    one.namedBy.set(named.by, (one.namedBy.get(named.by) ?? 0) + 1);
  }
  const classes = [...found.values()];
  if (wanted === undefined) {
    if (unknown.length > 0) throw unknownClasses(folder, unknown);
    classes.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
  if (classes.length < 2) {
    throw new InputError(
      `${folder} holds pictures of one class only (${classes[0].name}); anchors need at least two. Give the folder that holds a subfolder for each class.`,
    );
  }
  const empty = classes.filter((one) => one.files.length === 0).map((one) => one.name);
  if (empty.length > 0) {
    throw new InputError(
      `${folder} holds no picture of ${empty.join(', ')}. Its pictures are in ${nameSome(placesOf(files))}.`,
    );
  }
  return { folder, classes, leftOut: unknown };
}

function emptyClass(name: string): ClassPictures {
  return { name, files: [], namedBy: new Map() };
}

type ClassOf = (name: string) => string | undefined;

function knownEmotion(name: string): string | undefined {
  return EMOTION_NAMES.includes(name.trim().toLowerCase()) ? canonicalEmotion(name) : undefined;
}

function oneOf(wanted: readonly string[], name: string): string | undefined {
  const { indices } = matchClasses([name], wanted);
  return wanted[indices[0]];
}

/** The class of a file, and the part of its path that says so. */
function nameClass(file: string, classOf: ClassOf): { name: string; by: string } | undefined {
  const parts = file.replace(PICTURE, '').split('/');
  const folders = parts.slice(0, -1).reverse();
  for (const by of folders) {
    const name = classOf(by);
    if (name !== undefined) return { name, by };
  }
  for (const part of [...folders, parts[parts.length - 1]]) {
    const words = part.split(/[^\p{L}]+/u).filter((word) => classOf(word) !== undefined);
    const names = new Set(words.map(classOf));
    const [name] = names;
    if (names.size === 1 && name !== undefined) return { name, by: words[0] };
  }
  return undefined;
}

function unknownClasses(folder: string, files: readonly string[]): InputError {
  const places = placesOf(files);
  const guesses = places
    .map((place) => ({ place, near: nearestName(place.split('/').at(-1) ?? place, EMOTION_NAMES) }))
    .filter(({ near }) => near !== undefined)
    .slice(0, 3)
    .map(({ place, near }) => ` Is "${place}" meant to be "${near}"?`);
  return new InputError(
    `The class of ${files.length} picture${files.length === 1 ? '' : 's'} in ${folder} cannot be told from ${nameSome(places)}: no folder and no file name holds a known emotion (neutral, happy, sad, angry, …).${guesses.join('')} Rename the folders, or name the classes yourself with --classes.`,
  );
}

/** The folders of some files; the files themselves where they are in none. */
function placesOf(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => (file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : file)))];
}

function nameSome(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => `"${name}"`);
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}
