// Manifests of the recordings that the starter model is trained on: MELD's words, RAVDESS's voices, pictures of faces.
// They name the files where they lie; nothing is copied.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const CLASSES = ['neutral', 'surprise', 'fear', 'sadness', 'joy', 'disgust', 'anger'];
/** Of RAVDESS's eight, in the order of its numbers; calm counts as neutral. */
const RAVDESS = ['neutral', 'neutral', 'joy', 'sadness', 'anger', 'fear', 'disgust', 'surprise'];
/** Writes meld.jsonl, ravdess.jsonl and faces.jsonl into a folder. @param data the folder with meld, ravdess, faces. */
export function writeManifests(data, out) {
  mkdirSync(out, { recursive: true });
  const write = (name, lines) =>
    writeFileSync(join(out, `${name}.jsonl`), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  write('meld', meld(join(data, 'meld')));
  write('ravdess', ravdess(join(data, 'ravdess'), out));
  write('faces', faces(join(data, 'faces'), out));
}

/** MELD's conversations, in its official splits. */
function meld(folder) {
  const lines = readFileSync(join(folder, 'utterances.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

/**
 * RAVDESS's voices, speakers told apart: an actor's clips in the artificial dialogues of splits.json, no actor in two
 * splits. Its two sentences are left out, since they tell nothing.
 */
function ravdess(folder, out) {
  const { clips, ...splits } = JSON.parse(readFileSync(join(folder, 'splits.json'), 'utf8'));
  return ['train', 'valid', 'test'].flatMap((split) =>
    splits[split].flatMap((dialogue) =>
      clips[dialogue].map((clip, index) => {
        const [, , emotion, , , , actor] = clip.split('-');
        const media = relative(out, join(folder, 'audio', `${clip}.opus`));
        return { dialogue, index, speaker: `actor ${actor}`, label: RAVDESS[Number(emotion) - 1], media, split };
      }),
    ),
  );
}

/** A picture is a dialogue of one utterance: nobody says who is seen twice. */
function faces(folder, out) {
  return CLASSES.flatMap((label) =>
    readdirSync(join(folder, label))
      .sort()
      .map((name, i) => ({
        dialogue: `${label}-${name}`,
        label,
        media: relative(out, join(folder, label, name)),
        split: faceSplit(i),
      })),
  );
}

/** Of a class's pictures by name the first 36 train, the next 12 choose settings, the others test. */
export const faceSplit = (i) => (i < 36 ? 'train' : i < 48 ? 'valid' : 'test');
