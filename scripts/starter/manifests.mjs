// Manifests of the recordings that the starter model is trained on: MELD's words, RAVDESS's voices, pictures of faces.
// They name the files where they lie; nothing is copied.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const CLASSES = ['neutral', 'surprise', 'fear', 'sadness', 'joy', 'disgust', 'anger'];
/** Of RAVDESS's eight, in the order of its numbers; calm counts as neutral. */
const RAVDESS = ['neutral', 'neutral', 'joy', 'sadness', 'anger', 'fear', 'disgust', 'surprise'];
/**
 * Writes meld.jsonl, lines.jsonl (of MELD what does not train), ravdess.jsonl and faces.jsonl into a folder.
 * @param data the folder with meld, ravdess, faces. @param splits what settings.json says of them.
 */
export function writeManifests(data, out, splits) {
  mkdirSync(out, { recursive: true });
  const write = (name, lines) =>
    writeFileSync(join(out, `${name}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const conversations = meld(join(data, 'meld'));
  write('meld', conversations);
  write(
    'lines',
    conversations.filter(({ split }) => split !== 'train'),
  );
  write('ravdess', ravdess(join(data, 'ravdess'), out));
  write('faces', faces(join(data, 'faces'), out, splits.faces));
}

/** MELD's conversations, in its official splits. */
function meld(folder) {
  const lines = readFileSync(join(folder, 'utterances.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/**
 * RAVDESS's voices, speakers told apart: an actor's clips in the artificial dialogues of splits.json, no actor in two
 * splits. Its two sentences are left out, since they tell nothing. All actors that do not test are said to train: which of
 * them validate is another with each model.
 */
function ravdess(folder, out) {
  const { clips, ...splits } = JSON.parse(readFileSync(join(folder, 'splits.json'), 'utf8'));
  return ['train', 'valid', 'test'].flatMap((listed) =>
    splits[listed].flatMap((dialogue) =>
      clips[dialogue].map((clip, index) => {
        const [, , emotion, , , , actor] = clip.split('-');
        const media = relative(out, join(folder, 'audio', `${clip}.opus`));
        const split = listed === 'test' ? 'test' : 'train';
        return { dialogue, index, speaker: `actor ${actor}`, label: RAVDESS[Number(emotion) - 1], media, split };
      }),
    ),
  );
}

/** A picture is a dialogue of one utterance: nobody says who is seen twice. */
function faces(folder, out, { seed }) {
  return CLASSES.flatMap((label) =>
    [...faceSplits(join(folder, label), seed)].map(([name, split]) => ({
      dialogue: `${label}-${name}`,
      label,
      media: relative(out, join(folder, label, name)),
      split,
    })),
  );
}

/** Pictures of a class that train and that choose settings; the others test. */
const SHARES = [
  ['train', 36],
  ['valid', 12],
  ['test', Number.POSITIVE_INFINITY],
];

/**
 * The split of each picture of a class, by its file name. Pictures come in the order of the hashes of seed and bytes, since
 * their names are in the order of their clearness; exact copies go together, into the first split that has room for all.
 */
export function faceSplits(folder, seed) {
  const copies = new Map();
  for (const name of readdirSync(folder).sort()) {
    const hash = createHash('sha256')
      .update(`${seed}:`)
      .update(readFileSync(join(folder, name)))
      .digest('hex');
    copies.set(hash, [...(copies.get(hash) ?? []), name]);
  }
  const room = new Map(SHARES);
  const splits = new Map();
  for (const [, names] of [...copies].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const split = [...room.keys()].find((one) => room.get(one) >= names.length);
    room.set(split, room.get(split) - names.length);
    for (const name of names) splits.set(name, split);
  }
  return splits;
}
