import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '../../base/errors.js';
import { namesIn, readText } from './files.js';
import type { Source, SourceUtterance } from './source.js';

/** The six classes that the field reports, in the order of its feature files; other annotations are left out. */
const CLASSES: Record<string, string> = {
  hap: 'happy',
  sad: 'sad',
  neu: 'neutral',
  ang: 'angry',
  exc: 'excited',
  fru: 'frustrated',
};
const SESSION = /^Session([1-5])$/;
/** `Ses01F_impro01_F000 [006.2901-008.2357]: Excuse me.` */
const TRANSCRIPTION = /^(Ses\d\d\S+_[FM]\d+)\s+\[([\d.]+)-([\d.]+)\]:\s*(.*)$/;
/** `[6.2901 - 8.2357]	Ses01F_impro01_F000	neu	[2.5000, 2.5000, 2.5000]` */
const EVALUATION = /^\[[\d.]+ - [\d.]+\]\s+(\S+)\s+(\w+)\s/;

/** Is this IEMOCAP's folder: one that holds Session1, …, Session5, or some of them? */
export function isIemocap(folder: string): boolean {
  return sessions(folder).length > 0;
}

/**
 * IEMOCAP as its owners distribute it: transcriptions, categorical evaluations, sentences in wav and dialogues in avi.
 * Sessions 1 to 4 are for training, session 5 is the test, as everyone splits it; the speakers are M and F.
 * @throws InputError naming the folder and what it lacks.
 */
export function readIemocap(folder: string): Source {
  const utterances: SourceUtterance[] = [];
  const splits: Source['splits'] = {};
  for (const session of sessions(folder)) {
    const root = join(folder, session);
    const transcriptions = join(root, 'dialog', 'transcriptions');
    const names = namesIn(transcriptions).filter((name) => /^Ses\d\d.*\.txt$/.test(name));
    if (names.length === 0) throw new InputError(`${transcriptions} holds no transcription (SesXX….txt).`);
    const split = session === 'Session5' ? 'test' : 'train';
    for (const name of names) {
      const dialogue = basename(name, '.txt');
      const spoken = readDialogue(root, dialogue);
      if (spoken.length === 0) continue;
      utterances.push(...spoken);
      splits[split] = [...(splits[split] ?? []), dialogue];
    }
  }
  return {
    name: 'iemocap',
    utterances,
    classes: Object.values(CLASSES),
    splits,
    origin: [
      `extracted from IEMOCAP, ${sessions(folder).join(', ')}`,
      'utterances whose annotators agreed on none of the six classes are left out, as in the feature files of the field',
    ],
  };
}

function readDialogue(root: string, dialogue: string): SourceUtterance[] {
  const labels = new Map<string, string>();
  for (const line of readText(join(root, 'dialog', 'EmoEvaluation', `${dialogue}.txt`)).split('\n')) {
    const found = EVALUATION.exec(line);
    if (found !== null) labels.set(found[1], found[2]);
  }
  const video = [join('avi', 'DivX'), 'avi'].map((place) => join(root, 'dialog', place, `${dialogue}.avi`));
  const avi = video.find((path) => existsSync(path));
  const utterances: { start: number; utterance: SourceUtterance }[] = [];
  for (const line of readText(join(root, 'dialog', 'transcriptions', `${dialogue}.txt`)).split('\n')) {
    const found = TRANSCRIPTION.exec(line.trim());
    if (found === null) continue;
    const [, id, from, to, text] = found;
    const label = CLASSES[labels.get(id) ?? ''];
    if (label === undefined) continue;
    const [start, end] = [Number(from), Number(to)];
    const wav = join(root, 'sentences', 'wav', dialogue, `${id}.wav`);
    const clip = avi === undefined ? undefined : { media: avi, start, end };
    utterances.push({
      start,
      utterance: {
        dialogue,
        speaker: id.slice(id.lastIndexOf('_') + 1).startsWith('M') ? 'M' : 'F',
        text,
        label,
        sound: existsSync(wav) ? { media: wav } : clip,
        pictures: clip,
      },
    });
  }
  return utterances.toSorted((a, b) => a.start - b.start).map(({ utterance }) => utterance);
}

function sessions(folder: string): string[] {
  return namesIn(folder).filter((name) => SESSION.test(name) && existsSync(join(folder, name, 'dialog')));
}
