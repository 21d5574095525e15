import { existsSync, statSync } from 'node:fs';
import { extname } from 'node:path';
import { InputError, UsageError } from '../../base/errors.js';
import { isIemocap, readIemocap } from './iemocap.js';
import { readManifest } from './manifest.js';
import { isMeld, readMeld } from './meld.js';
import { picturesIn, readPictures, readRecording, readTranscript } from './recording.js';
import type { Source } from './source.js';

/**
 * Reads whatever an extraction can start from: a manifest (.jsonl), MELD's csv or its folder, IEMOCAP's folder, a
 * transcript (.srt, .vtt), a recording, a picture, or a folder of pictures.
 * @param transcript of a single recording; see `readRecording`.
 * @throws InputError saying what is wrong with it.
 */
export function readSource(path: string, transcript?: string): Source {
  if (!existsSync(path)) throw new InputError(`${path}: there is no such file or directory.`);
  const source = read(path, transcript);
  if (source.utterances.length === 0) throw new InputError(`${path} holds no utterance.`);
  return source;
}

function read(path: string, transcript: string | undefined): Source {
  const ending = extname(path).toLowerCase();
  const special = ['.jsonl', '.csv', '.srt', '.vtt'].includes(ending) || statSync(path).isDirectory();
  if (transcript !== undefined && special) {
    throw new UsageError(`A transcript belongs to a single recording, and ${path} is none.`);
  }
  if (ending === '.jsonl') return readManifest(path);
  if (isMeld(path)) return readMeld(path);
  if (ending === '.csv') {
    throw new InputError(
      `${path} is none of MELD's csv files (…_sent_emo.csv). Write a manifest instead: JSONL, an utterance a line.`,
    );
  }
  if (ending === '.srt' || ending === '.vtt') return readTranscript(path);
  if (!statSync(path).isDirectory()) return readRecording(path, transcript);
  if (isIemocap(path)) return readIemocap(path);
  const pictures = picturesIn(path);
  if (pictures !== undefined) return readPictures(pictures);
  throw new InputError(
    `${path} is a folder, but neither MELD's (with train_sent_emo.csv, …) nor IEMOCAP's (with Session1, …), nor one of pictures alone. Give a manifest (.jsonl) that names its files.`,
  );
}
