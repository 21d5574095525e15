import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UsageError } from '../../base/errors.js';
import { writeFileAtomic } from '../../base/files.js';
import { sha256 } from '../../base/sha256.js';
import { createHearing, describeHearing, type HeardUtterance, tellSpeakers } from '../hearing/index.js';
import { decodeSound } from '../media/decode.js';
import { ClipError } from '../media/errors.js';
import { hashFile } from '../models.js';
import type { Source } from '../sources/source.js';

export interface HearOptions {
  /** How many people speak, or their names in the order in which they first speak. */
  speakers?: number | readonly string[];
  /** Where what was heard is kept; see `featureCache`. */
  cache: string;
  signal?: AbortSignal;
  /** Called when the listening begins: it takes a while, and tells nothing until its end. */
  onListen?: (media: string) => void;
}

/** What was heard of a recording, and what heard it. */
export interface HeardSource {
  source: Source;
  /** What a reader must be told of it, which `source.origin` also says. */
  notes: string[];
  /** See `describeHearing`; undefined where nothing was to be heard. */
  hearing?: Record<string, string>;
}

/**
 * Finds the utterances, words and speakers of a recording that has no transcript. A recording in which nobody speaks,
 * which has no sound, or cannot be read, stays one utterance.
 * @throws InputError with what to install, where something is missing.
 */
export async function hearSource(source: Source, options: HearOptions): Promise<HeardSource> {
  const { unheard, ...rest } = source;
  if (unheard === undefined) {
    if (options.speakers === undefined) return { source, notes: [] };
    throw new UsageError('--speakers belongs to a single recording without a transcript: who speaks is said here.');
  }
  const hearing = await describeHearing();
  const heard = await heardOf(unheard, hearing, options);
  if ('reason' in heard) {
    const notes = [`taken as one utterance: ${basename(unheard)} ${heard.reason}`];
    return { source: { ...rest, origin: [...source.origin, ...notes] }, notes };
  }
  const { speakers } = options;
  const count = typeof speakers === 'number' ? speakers : speakers?.length;
  const numbers = tellSpeakers(heard.utterances, { count });
  const [{ dialogue }] = source.utterances;
  const nameOf = (speaker: number) =>
    (typeof speakers === 'object' ? speakers[speaker] : undefined) ?? `speaker ${speaker + 1}`;
  const utterances = heard.utterances.map(({ start, end, text }, i) => {
    const clip = { media: unheard, start, end };
    const estimated = text === '' ? (['speaker'] as const) : (['speaker', 'text'] as const);
    return { dialogue, speaker: nameOf(numbers[i]), text: text || undefined, estimated, sound: clip, pictures: clip };
  });
  const notes = [
    `words and speakers are estimated: ${hearing.words} understands English alone, and speakers are told apart by their voices. A transcript that lies beside the recording or is given with it wins`,
  ];
  return { source: { ...rest, utterances, origin: [...source.origin, ...notes] }, notes, hearing };
}

type Heard = { utterances: HeardUtterance[] } | { reason: string };

/** From the cache where it was heard before. */
async function heardOf(media: string, hearing: Record<string, string>, options: HearOptions): Promise<Heard> {
  const folder = join(options.cache, `hearing-${sha256(JSON.stringify(hearing)).slice(0, 16)}`);
  const path = join(folder, `${await hashFile(media)}.json`);
  const known = readHeard(path);
  if (known !== undefined) return ended(known);
  options.onListen?.(media);
  const ears = await createHearing({ signal: options.signal });
  const utterances: HeardUtterance[] = [];
  try {
    // By the recording's own clock: a track that begins late must not be heard early.
    const sound = decodeSound(media, { timed: true, signal: options.signal });
    for await (const utterance of ears.listen(sound)) utterances.push(utterance);
  } catch (error) {
    if (error instanceof ClipError) return { reason: error.message };
    throw error;
  } finally {
    await ears.dispose();
  }
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(path, JSON.stringify(utterances.map((each) => ({ ...each, voice: [...each.voice] }))));
  return ended(utterances);
}

function ended(utterances: HeardUtterance[]): Heard {
  return utterances.length === 0 ? { reason: 'holds no speech that was heard' } : { utterances };
}

/** @returns undefined where it was not heard before, or its record is not whole. */
function readHeard(path: string): HeardUtterance[] | undefined {
  try {
    const lines = JSON.parse(readFileSync(path, 'utf8')) as (Omit<HeardUtterance, 'voice'> & { voice: number[] })[];
    return lines.map((line) => ({ ...line, voice: Float32Array.from(line.voice) }));
  } catch {
    return undefined;
  }
}
