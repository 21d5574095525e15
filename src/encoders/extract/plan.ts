import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { MODALITIES, type Modality } from '../../base/modalities.js';
import { sha256 } from '../../base/sha256.js';
import { type Clip, checkFile } from '../media/clip.js';
import { ClipError } from '../media/errors.js';
import { hashFile } from '../models.js';
import type { SourceUtterance } from '../sources/source.js';
import type { Outcome } from './encode.js';

/** One utterance's outcome in one modality that is still to be found; the same key, the same outcome. */
export interface Want {
  modality: Modality;
  /** Hash of the content: the text, or the file's bytes and the clip's times. */
  key: string;
  /** Utterances that want it. */
  rows: number[];
  text?: string;
  clip?: Clip;
  /** Of the clip's file when it was hashed: see `stampOf`. */
  stamp?: string;
  /** Whether the clip is short enough to be decoded together with others. */
  short: boolean;
}

/** What an extraction has to do. */
export interface Plan {
  wants: Want[];
  /** Clips that need no decoder to be refused. */
  failures: { modality: Modality; row: number; outcome: Outcome & { state: 'failed' } }[];
}

/** A clip up to this many seconds, or a whole file up to this many bytes, is short. */
const SHORT_S = 60;
const SHORT_BYTES = 2 << 20;

/** Files hashed at a time. */
const HASHED_AT_ONCE = 4;

/**
 * Lists what is to be encoded, each content once.
 * @param modalities those for which encoders were chosen.
 * @param isOwn leaves clips out, whose files are not read then: of a million, each is a part's of a thousand.
 */
export async function planExtraction(
  utterances: readonly SourceUtterance[],
  modalities: readonly Modality[],
  isOwn: (clip: Clip) => boolean = () => true,
): Promise<Plan> {
  const chosen = MODALITIES.filter((modality) => modalities.includes(modality));
  const ownClip = (utterance: SourceUtterance, modality: Modality) => {
    const clip = clipOf(utterance, modality);
    return clip !== undefined && isOwn(clip) ? clip : undefined;
  };
  const clips = chosen.flatMap((modality) =>
    utterances.flatMap((utterance) => ownClip(utterance, modality)?.media ?? []),
  );
  const hashes = await hashFiles([...new Set(clips)]);
  const wants = new Map<string, Want>();
  const failures: Plan['failures'] = [];
  utterances.forEach((utterance, row) => {
    for (const modality of chosen) {
      const clip = ownClip(utterance, modality);
      const text = modality === 'text' ? utterance.text : undefined;
      let key: string;
      let stamp: string | undefined;
      let short = false;
      if (text !== undefined) key = sha256(text);
      else if (clip === undefined) continue;
      else {
        const content = hashes.get(clip.media) as FileHash;
        if ('reason' in content) {
          failures.push({ modality, row, outcome: { state: 'failed', reason: content.reason } });
          continue;
        }
        stamp = content.stamp;
        short = isShort(clip, content.bytes);
        key = sha256(`${content.hash} ${clip.start ?? 0} ${clip.end ?? 'end'}`);
      }
      const known = wants.get(`${modality} ${key}`);
      if (known === undefined)
        wants.set(`${modality} ${key}`, { modality, key, rows: [row], text, clip, stamp, short });
      else known.rows.push(row);
    }
  });
  return { wants: [...wants.values()], failures };
}

/** Whether a clip goes together with others. @param bytes of its file, where they are known. */
export function isShort({ start = 0, end }: Clip, bytes = Number.POSITIVE_INFINITY): boolean {
  return end === undefined ? bytes <= SHORT_BYTES : end - start <= SHORT_S;
}

function clipOf(utterance: SourceUtterance, modality: Modality): Clip | undefined {
  if (modality === 'text') return undefined;
  return modality === 'audio' ? utterance.sound : utterance.pictures;
}

type FileHash = { hash: string; bytes: number; stamp: string } | { reason: string };

/** Changes when a file's content does. */
function stampOf({ size, mtimeMs, ino }: Stats): string {
  return `${size} ${mtimeMs} ${ino}`;
}

/** Whether a want's file is still the one that was hashed: only then does what came of it belong to its key. */
export function isUnchanged({ clip, stamp }: Want): boolean {
  if (clip === undefined) return true;
  const about = statSync(clip.media, { throwIfNoEntry: false });
  return about !== undefined && stampOf(about) === stamp;
}

async function hashFiles(paths: readonly string[]): Promise<Map<string, FileHash>> {
  const hashes = new Map<string, FileHash>();
  const queue = [...paths];
  const worker = async () => {
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) hashes.set(path, await hashOf(path));
  };
  await Promise.all(Array.from({ length: HASHED_AT_ONCE }, worker));
  return hashes;
}

async function hashOf(path: string): Promise<FileHash> {
  try {
    const about = await stat(path);
    checkFile(about);
    return { hash: await hashFile(path), bytes: about.size, stamp: stampOf(about) };
  } catch (error) {
    if (error instanceof ClipError) return { reason: error.message };
    const { code, message } = error as NodeJS.ErrnoException;
    return { reason: code === 'ENOENT' ? 'does not exist' : `cannot be read (${message})` };
  }
}
